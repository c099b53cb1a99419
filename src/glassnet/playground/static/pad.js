/** A pad to draw on, for networks that learn from pictures. */

import { drag, fill, h } from './dom.js';
import { paintImage } from './maps.js';
import { bars } from './output.js';
import { S } from './strings.js';

export function padView(store, driver) {
	let ink = new Float32Array(0);
	const canvas = h('canvas.pad#pad', { role: 'img', label: S.padHelp });
	drag(canvas, stroke);
	const said = h('p.said-text#pad-said');
	const answer = h('div#pad-answer');
	const element = h('section.panel', { 'data-panel': 'pad', hidden: true, label: S.pad }, h('h2', S.pad),
		h('div.pad-frame', h('div', canvas, h('div.actions', null,
			h('button.small#pad-clear', { onclick: () => change(() => 0) }, S.padClear),
			h('button.small#pad-row', { onclick: () => change((_, k) => store.buffers.image[k] / 255) }, S.padRow))), h('div.pad-side', said, answer)));
	store.on('data', () => {
		const { image } = store.data;
		element.hidden = !image;
		if (!image) return;
		ink = new Float32Array(image[0] * image[1]);
		said.textContent = S.padHelp;
		fill(answer);
		paint();
	});

	function paint() {
		if (store.data?.image) paintImage(store, canvas, ink.map((v) => 255 * v));
	}

	function change(value) {
		ink = ink.map(value);
		paint();
		ask();
	}

	function stroke(event) {
		const [height, width] = /** @type {[number, number]} */ (store.data.image);
		const bounds = canvas.getBoundingClientRect();
		const x = ((event.clientX - bounds.left) / bounds.width) * width - 0.5;
		const y = ((event.clientY - bounds.top) / bounds.height) * height - 0.5;
		const radius = Math.max(0.95, width / 14);
		change((v, k) => Math.max(v, Math.min(1, 1.35 - Math.hypot((k % width) - x, Math.floor(k / width) - y) / radius)));
	}

	function ask() {
		driver.aside('predict', async () => {
			const reply = await driver.ask({ op: 'predict' }, new Uint8Array(ink.slice().buffer));
			if (!reply) return;
			said.textContent = `${S.says} ${reply.header.said}`;
			fill(answer, bars(reply.header.outputs.map(([name, text, p]) => [name, p, text]), null, true));
		});
	}

	function again() {
		if (!element.hidden && ink.some((v) => v > 0)) ask();
	}

	return { element, paint, again };
}
