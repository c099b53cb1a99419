/** Elements made in one line, and a new picture of a panel laid over the old one without losing focus. */

/** @typedef {string | number | Node | null | undefined | false} Leaf */
/** @typedef {Leaf | (Leaf | Leaf[])[]} Child */
/**
 * @typedef {(event: any) => unknown} Hear
 * @typedef {{[name: string]: any, onclick?: Hear | null | false, onchange?: Hear, oninput?: Hear, onkeydown?: Hear, onpointerenter?: Hear | null | false | '',
 *   onpointerleave?: Hear | null | false | '', onfocus?: Hear, onblur?: Hear}} Props
 */

const SVG = 'http://www.w3.org/2000/svg';
const HANDLERS = /** @type {const} */ ([
  'onclick', 'onchange', 'oninput', 'onkeydown', 'onpointerenter', 'onpointerleave', 'onfocus', 'onblur',
]);

/**
 * An element: `h('button.primary', {onclick, 'data-key': 'train'}, 'Train')`.
 * @param {string} what tag, with classes after dots
 * @param {Props | null} [props] attributes; `on…` are handlers; false and null leave an attribute out
 * @param {...Child} children
 * @returns {any}
 */
export function h(what, props, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = /** @type {any} */ (document.createElement(tag));
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith('on')) element[name] = value || null;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of /** @type {Leaf[]} */ (children.flat(2))) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
  if (tag === 'select' && props?.value !== undefined) element.value = String(props.value);
  return element;
}

/**
 * Makes the children of an element equal to those given, keeping the nodes (and with them focus) where it can.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  patchChildren(parent, h('div', null, ...children));
}

/** @param {Node} old @param {Node} next */
function patchChildren(old, next) {
  const fresh = [...next.childNodes];
  fresh.forEach((node, i) => {
    const there = old.childNodes[i];
    if (!there) old.appendChild(node);
    else patch(there, node);
  });
  while (old.childNodes.length > fresh.length) old.lastChild?.remove();
}

/** @param {any} old @param {any} next */
function patch(old, next) {
  if (old === next) return;
  if (old.nodeType === Node.TEXT_NODE && next.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  if (old.nodeName !== next.nodeName || old.dataset?.key !== next.dataset?.key) {
    old.replaceWith(next);
    return;
  }
  if (old.nodeName === 'CANVAS') return;
  for (const { name, value } of next.attributes) if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.style.cssText !== next.style.cssText) old.style.cssText = next.style.cssText;
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && name !== 'open' && name !== 'style') old.removeAttribute(name);
  for (const name of HANDLERS) if (old[name] !== next[name]) old[name] = next[name];
  if (old.namespaceURI === SVG || old.nodeName !== 'TEXTAREA') patchChildren(old, next);
  if ('value' in old && old.nodeName !== 'LI' && !isFocused(old) && old.value !== next.value) old.value = next.value;
  if ('checked' in old) old.checked = next.checked;
}

/** @param {Element} element */
export function isFocused(element) {
  return /** @type {any} */ (element.getRootNode()).activeElement === element;
}

const ICONS = {
  play: 'M4.5 2.8v10.4L13 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  back: 'M11.5 2.8v10.4L3 8z',
  start: 'M3 3h2v10H3zM13 2.8v10.4L5.5 8z',
  next: 'M3 2.8v10.4L10.5 8zM11 3h2v10h-2z',
  close: 'M3.5 4.6 4.6 3.5 8 6.9l3.4-3.4 1.1 1.1L9.1 8l3.4 3.4-1.1 1.1L8 9.1l-3.4 3.4-1.1-1.1L6.9 8z',
  theme: 'M8 1.5a6.5 6.5 0 1 0 0 13zM8 1.5a6.5 6.5 0 0 1 0 13v-1.6A4.9 4.9 0 0 0 8 3.1z',
  more: 'M3 6.7h2.6v2.6H3zM6.7 6.7h2.6v2.6H6.7zM10.4 6.7H13v2.6h-2.6z',
  restart: 'M8 3V.8L4 4l4 3.2V5a4 4 0 1 1-4 4H2.2A5.8 5.8 0 1 0 8 3z',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A canvas as sharp as the screen: its context, scaled so that one unit is one CSS pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width @param {number} height in CSS pixels
 */
export function sharp(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, k] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== k) canvas.height = k;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Gives bytes to the user as a file. @param {Element} root @param {BlobPart} bytes @param {string} name @param {string} type */
export function download(root, bytes, name, type) {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = h('a', { href: address, download: name, hidden: true });
  root.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
