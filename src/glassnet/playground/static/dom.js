/** Elements made in one line, and new ones laid over old ones without losing focus. */

const SVG = 'http://www.w3.org/2000/svg';
const HANDLERS = ['onclick', 'onchange', 'onkeydown', 'onpointerenter', 'onpointerleave', 'onfocus', 'onblur'];
const KEPT = ['style', 'open']; // attributes that a new picture does not take away

/**
 * An element: `h('button.small#train', { onclick }, 'Train')`, with classes after dots and its `data-key` after #.
 * False and null leave an attribute out; `label` is for ears, and of what can be pressed also the tooltip.
 * @param {string} what @param {Props | Child} [first] attributes, or the first child @param {...Child} more @returns {any}
 */
export function h(what, first, ...more) {
	const isProps = first !== null && typeof first === 'object' && !(first instanceof Node) && !Array.isArray(first);
	const [props, children] = isProps ? [/** @type {Props} */ (first), more] : [{}, [first, ...more]];
	const [names, key] = what.split('#');
	const [tag, ...classes] = names.split('.');
	const element = /** @type {any} */ (document.createElement(tag));
	if (classes.length) element.className = classes.join(' ');
	if (key) element.dataset.key = key;
	if (tag === 'button') element.type = 'button';
	if (tag === 'canvas' && !props.label) element.ariaHidden = 'true';
	for (const [name, value] of Object.entries(props)) {
		if (name.startsWith('on')) element[name] = value ?? null;
		else if (name === 'label') element.ariaLabel = /BUTTON|INPUT|SELECT/.test(element.tagName) ? (element.title ||= value) : value;
		else if (value === true) element.setAttribute(name, '');
		else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
	}
	for (const child of /** @type {any[]} */ (children.flat(2))) {
		if (child !== null && child !== undefined && child !== false) element.append(child);
	}
	if (tag === 'select' && props.value !== undefined) element.value = String(props.value);
	return element;
}

/** A button with its help: as tooltip, and in help mode. */
export function button(what, help, onclick, ...inside) {
	return h(`button${what}`, { title: help, onclick }, ...inside, h('span.hint', help));
}

/** A choice among few, pairs of value and name. */
export function select(what, props, options, pick) {
	return h(`select${what}`, { ...props, onchange: ({ target }) => pick(target.value) }, options.map(([value, name]) => h('option', { value }, name)));
}

/** Names above columns; an empty one is no heading. */
export const heads = (names) => names.map((name) => (name === '' ? h('td') : h('th', { scope: 'col', title: name }, name)));

export const head = (...inside) => h('th', { scope: 'row' }, ...inside);

/** A box that scrolls, also by keys. */
export const scroll = (label, ...inside) => h('div.scroll-x', { tabindex: 0, role: 'group', label }, ...inside);

/** A table with names above its columns. */
export function table(what, names, rows) {
	return h(`table${what}`, h('thead', h('tr', heads(names))), h('tbody', rows));
}

/** Makes children equal to those given, keeping the nodes (and with them focus) where it can. */
export function fill(parent, ...children) {
	patchChildren(parent, h('div', ...children));
}

function patchChildren(old, next) {
	const fresh = [...next.childNodes];
	fresh.forEach((node, i) => {
		const there = old.childNodes[i];
		if (there) patch(there, node);
		else old.appendChild(node);
	});
	while (old.childNodes.length > fresh.length) old.lastChild.remove();
}

function patch(old, next) {
	if (old.nodeType === Node.TEXT_NODE && next.nodeType === Node.TEXT_NODE) {
		if (old.data !== next.data) old.data = next.data;
		return;
	}
	if (old.nodeName !== next.nodeName || old.dataset?.key !== next.dataset?.key) return old.replaceWith(next);
	if (old.nodeName === 'CANVAS') return;
	for (const { name, value } of next.attributes) if (name !== 'style' && old.getAttribute(name) !== value) old.setAttribute(name, value);
	for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && !KEPT.includes(name)) old.removeAttribute(name);
	if (old.style.cssText !== next.style.cssText) old.style.cssText = next.style.cssText;
	for (const name of HANDLERS) if (old[name] !== next[name]) old[name] = next[name];
	patchChildren(old, next);
	const isFocused = old.getRootNode().activeElement === old;
	if (/INPUT|SELECT/.test(old.nodeName) && !isFocused && old.value !== next.value) old.value = next.value;
	if ('checked' in old) old.checked = next.checked;
}

const ICONS = {
	play: 'M4.5 2.8v10.4L13 8z',
	pause: 'M4 3h3v10H4zM9 3h3v10H9z',
	back: 'M11.5 2.8v10.4L3 8z',
	start: 'M3 3h2v10H3zM13 2.8v10.4L5.5 8z',
	next: 'M3 2.8v10.4L10.5 8zM11 3h2v10h-2z',
	theme: 'M8 1.5a6.5 6.5 0 1 0 0 13zM8 1.5a6.5 6.5 0 0 1 0 13v-1.6A4.9 4.9 0 0 0 8 3.1z',
	fresh: 'M8 3V.8L4 4l4 3.2V5a4 4 0 1 1-4 4H2.2A5.8 5.8 0 1 0 8 3z',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
	const svg = document.createElementNS(SVG, 'svg');
	for (const [key, value] of [['viewBox', '0 0 16 16'], ['class', 'icon'], ['aria-hidden', 'true']]) svg.setAttribute(key, value);
	const path = document.createElementNS(SVG, 'path');
	path.setAttribute('d', ICONS[name]);
	svg.append(path);
	return svg;
}

/** Places an element: CSS properties in pixels. */
export function put(element, places) {
	for (const [name, value] of Object.entries(places)) element.style.setProperty(name, `${value}px`);
}

/** Calls with each place of a pointer from where it goes down to where it goes up. */
export function drag(element, at) {
	let isDown = false;
	element.onpointerdown = (event) => {
		element.setPointerCapture(event.pointerId);
		isDown = true;
		at(event);
	};
	element.addEventListener('pointermove', (event) => isDown && at(event));
	element.onpointerup = element.onpointercancel = () => (isDown = false);
}

export function download(root, bytes, name, type) {
	const address = URL.createObjectURL(new Blob([bytes], { type }));
	const link = h('a', { href: address, download: name, hidden: true });
	root.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
