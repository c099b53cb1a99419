/** Help: keys, how to read the picture, and a mode in which all controls explain themselves. */

import { h } from './dom.js';
import { S } from './strings.js';

export function helpView(root) {
	const keys = h('input#keys-on', { type: 'checkbox', checked: true });
	const all = h('input#explain-all', { type: 'checkbox', onchange: () => root.toggleAttribute('data-explain', all.checked) });
	const dialog = h('dialog.dialog#help-dialog', { label: S.help },
		h('div.panel-head', h('h2', S.help), h('button.square.bare#help-close', { label: S.close, onclick: () => dialog.close() }, '×')),
		h('label.check', all, h('b', S.explainAll)), h('h3', S.reading), h('ul', S.readings.map((text) => h('li', text))), h('h3', S.keys),
		h('dl.key-list', Object.entries(S.keyHelp).map(([key, text]) => h('div', h('dt', h('kbd', key)), h('dd', text)))),
		h('label.check', keys, S.keysOn));
	return { dialog, keysOn: () => keys.checked, open: () => dialog.open || dialog.showModal() };
}
