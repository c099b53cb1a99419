/**
 * The page in a notebook: the same files, and messages through the notebook's kernel.
 *
 * A notebook is given one module, this one; before it stand the page's files and `loader.js`. The page lives in a shadow
 * root, so that its style and the notebook's leave each other alone.
 */

/** Messages through the kernel, in the same bytes as over HTTP. @param {any} model @param {any} wire */
function kernelTransport(model, { encode, decode, checked }) {
  const client = Math.random().toString(36).slice(2, 10);
  /** @type {Map<string, {resolve: (reply: any) => void, reject: (error: unknown) => void}>} */
  const waiting = new Map();
  let id = 0;

  /** @param {{to?: string}} content @param {DataView[]} buffers */
  function hear(content, buffers) {
    const asked = waiting.get(content?.to ?? '');
    if (asked === undefined) return; // for another view of the same page
    waiting.delete(content.to ?? '');
    const { buffer, byteOffset, byteLength } = buffers[0];
    try {
      asked.resolve(checked(decode(buffer.slice(byteOffset, byteOffset + byteLength))));
    } catch (error) {
      asked.reject(error);
    }
  }

  model.on('msg:custom', hear);
  return {
    /** @param {Record<string, any>} message @param {ArrayBuffer | Uint8Array} [body] */
    call(message, body) {
      const bytes = encode({ ...message, id: ++id, client }, body);
      const from = `${client}/${id}`;
      return new Promise((resolve, reject) => {
        waiting.set(from, { resolve, reject });
        model.send({ from }, undefined, [bytes.buffer]);
      });
    },
    end: () => model.off('msg:custom', hear),
  };
}

const LIGHT = '[data-jp-theme-light="true"], [data-vscode-theme-kind$="light"], .light-theme, [data-theme="light"]';
const DARK = '[data-jp-theme-light="false"], [data-vscode-theme-kind$="dark"], [data-vscode-theme-kind="vscode-high-contrast"],'
  + ' .dark-theme, [data-theme="dark"], [theme="dark"]';

/** Whether the notebook is light or dark, where it says so. @param {Element} el */
function schemeAround(el) {
  for (let at = el; at; at = /** @type {ShadowRoot} */ (at.getRootNode()).host) {
    if (at.closest(LIGHT)) return 'light';
    if (at.closest(DARK)) return 'dark';
  }
  return 'light dark';
}

/** @param {{model: any, el: HTMLElement}} place */
async function render({ model, el }) {
  const [{ mount }, wire] = await Promise.all([import(urlOf('main.js')), import(urlOf('transport.js'))]);
  const transport = kernelTransport(model, wire);
  const root = el.attachShadow({ mode: 'open' });
  const style = el.ownerDocument.createElement('style');
  style.textContent = Object.keys(FILES).filter((name) => name.endsWith('.css')).map((name) => FILES[name]).join('\n')
    + `\n.glassnet:not([data-theme=light], [data-theme=dark]) { color-scheme: ${schemeAround(el)}; }`;
  const place = el.ownerDocument.createElement('div');
  place.className = 'glassnet';
  root.append(style, place);
  const page = mount(place, transport);
  return () => {
    page.end();
    transport.end();
  };
}

export default { render };
