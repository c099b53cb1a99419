/** The page of `glassnet play`: takes the token out of the address, and begins. */

import { mount } from './main.js';
import { httpTransport } from './transport.js';

const given = new URLSearchParams(location.hash.slice(1)).get('t');
if (given) {
	sessionStorage.setItem('glassnet-token', given);
	history.replaceState(null, '', location.pathname);
}
const root = /** @type {HTMLElement} */ (document.getElementById('glassnet'));
const page = mount(root, httpTransport(given ?? sessionStorage.getItem('glassnet-token') ?? ''));
Object.defineProperty(window, '__glassnet', { get: () => page.probe });
