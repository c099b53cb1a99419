/** Fields of numbers as pictures: what a neuron answers, what the network answers. */

import { fill, h, put, select } from './dom.js';
import { plot } from './plot.js';
import { classColour, contour, mark, mix, parseColour, pixel } from './scales.js';
import { S } from './strings.js';

/** Pixels into a canvas of just that many. */
function pixels(canvas, width, height, fillIn) {
	if (canvas.width !== width) canvas.width = width;
	if (canvas.height !== height) canvas.height = height;
	const context = canvas.getContext('2d');
	const image = context.createImageData(width, height);
	fillIn(new Uint32Array(image.data.buffer));
	context.putImageData(image, 0, 0);
}

/**
 * The picture of one neuron: its map (lowest line first), its weights as an image, or a histogram of what it answers.
 * @param {Store} store @param {HTMLCanvasElement} canvas @param {Uint8Array} bytes @param {Form} form
 * @param {number[]} [ends] what 0 and 255 stand for
 */
export function paintTile({ palette, lut }, canvas, bytes, { kind, width, height }, ends = [0, 1]) {
	if (kind === 'histogram') return paintHistogram(canvas, bytes, palette, ...ends);
	pixels(canvas, width, height, (out) => {
		for (let j = 0; j < height; j++) {
			const row = (kind === 'map' ? height - 1 - j : j) * width;
			for (let i = 0; i < width; i++) out[j * width + i] = lut[bytes[row + i]];
		}
	});
}

function paintHistogram(canvas, bins, palette, low = 0, high = 1) {
	const side = 98;
	if (canvas.width !== side) canvas.width = canvas.height = side;
	const context = canvas.getContext('2d');
	context.fillStyle = palette.neutral;
	context.fillRect(0, 0, side, side);
	const few = bins.filter((_, k) => k % 2 === 0).map((bin, k) => Math.max(bin, bins[2 * k + 1])); // or else too thin to see
	const width = (side - 8) / few.length;
	few.forEach((bin, k) => {
		if (!bin) return;
		context.fillStyle = low + ((high - low) * (k + 0.5)) / few.length < 0 ? palette.neg : palette.pos;
		const tall = 6 + (bin / 255) * (side - 18);
		context.fillRect(4 + k * width, side - 4 - tall, width, tall);
	});
}

/** A picture that is an input, ink on paper: values 0 to 255. */
export function paintImage({ palette, data }, canvas, values) {
	const [height, width] = /** @type {[number, number]} */ (data.image);
	const [paper, ink] = [parseColour(palette.paper), parseColour(palette.ink)];
	pixels(canvas, width, height, (out) => {
		for (let k = 0; k < out.length; k++) out[k] = pixel(mix(paper, ink, values[k] / 255));
	});
}

const PAD = [34, 6, 6, 20];

/** The decision map with the rows on it. */
export function mapView(store, driver) {
	let plane = /** @type {any} */ (null);
	const field = h('canvas.field#map');
	const over = h('canvas.points#map-points', { role: 'img', label: S.mapName, onclick: pick });
	const box = h('div.map', field, over);
	const axes = h('div');
	const note = h('p.quiet');
	const element = h('div.map-frame#map-frame', box, axes, note);
	store.on('data', choose);
	new ResizeObserver(draw).observe(box);

	function choose() {
		const { axes: chosen, columns } = store.data;
		const choice = (label, key, at) => h('label.field-row', h('span', label), select(`#${key}`, { value: chosen?.[at] },
			columns.map((name, k) => [k, name]), (column) => driver.look({ columns: chosen?.map((old, k) => (k === at ? Number(column) : old)) })));
		fill(axes, ...(chosen && columns.length > 2 ? [choice(S.across, 'map-across', 0), choice(S.up, 'map-up', 1)] : []));
	}

	function draw() {
		const map = store.frame?.map;
		const { map: bytes, winner } = store.buffers;
		element.hidden = !map || !bytes || !store.data?.range;
		if (element.hidden || !map || !box.clientWidth) return;
		const size = Math.round(Math.sqrt(bytes.length));
		if (winner) paintClasses(bytes, winner, size);
		else paintTile(store, field, bytes, { kind: 'map', width: size, height: size });
		const { range: [x, y], names, columns } = store.data;
		plane = plot(over, store.palette, { x, y, pad: PAD });
		put(field, { left: PAD[0], top: PAD[2], width: plane.width - PAD[0] - PAD[1], height: plane.height - PAD[2] - PAD[3] });
		if (map.kind !== 'number') drawBorder(bytes, winner, size);
		plane.ends(...(columns.length > 2 ? [] : names)); // of more columns, the names stand below
		drawRows();
		note.textContent = map.note;
	}

	function paintClasses(sure, winner, size) {
		const classes = store.data.classes?.length ?? 2;
		const neutral = parseColour(store.palette.neutral);
		const mixed = Array.from({ length: classes }, (_, c) => {
			const colour = parseColour(classColour(store.palette, c, classes));
			return Uint32Array.from({ length: 32 }, (__, k) => pixel(mix(neutral, colour, 0.15 + (0.8 * k) / 31)));
		});
		pixels(field, size, size, (out) => {
			for (let k = 0; k < out.length; k++) {
				const at = (size - 1 - Math.floor(k / size)) * size + (k % size);
				out[k] = mixed[winner[at] % classes][sure[at] >> 3];
			}
		});
	}

	function drawBorder(bytes, winner, size) {
		const { context, x, y } = plane;
		const [[left, right], [low, high]] = store.data.range;
		const [px, py] = [(v) => x(left + ((v + 0.5) * (right - left)) / size), (v) => y(low + ((v + 0.5) * (high - low)) / size)];
		const pieces = winner ? [...new Set(winner)].flatMap((c) => contour(winner.map((v) => Number(v === c)), size, 0.5)) : contour(bytes, size, 127.5);
		context.strokeStyle = store.palette.ink;
		context.lineWidth = 1.4;
		context.beginPath();
		for (const [x0, y0, x1, y1] of pieces) {
			context.moveTo(px(x0), py(y0));
			context.lineTo(px(x1), py(y1));
		}
		context.stroke();
	}

	function drawRows() {
		const { context } = plane;
		const { px, py, pc, pn, ph } = store.points;
		const { palette, lut, frame, data } = store;
		const classes = data.classes?.length ?? 0;
		const darker = (text) => `rgb(${mix(parseColour(text), parseColour(palette.ink), 0.35)})`;
		const colours = Array.from({ length: classes }, (_, k) => darker(classColour(palette, k, classes)));
		const { lo, hi } = /** @type {any} */ (frame.map);
		const shade = (v) => lut[Math.max(0, Math.min(255, Math.round((255 * (v - lo)) / (hi - lo))))];
		const r = px.length > 400 ? 2.4 : px.length > 60 ? 3 : 5.5;
		for (let k = 0; k < px.length; k++) {
			const [x, y] = [plane.x(px[k]), plane.y(py[k])];
			mark(context, classes ? pc[k] : 0, x, y, r);
			const colour = shade(pc[k]);
			context.fillStyle = classes ? colours[pc[k]] : `rgb(${colour & 255}, ${(colour >> 8) & 255}, ${(colour >> 16) & 255})`;
			context.fill();
			context.strokeStyle = ph[k] ? palette.ink : palette.paper;
			context.lineWidth = 1.3;
			context.stroke();
			if (pn[k] !== frame.row) continue;
			for (const [colour, wide] of [[palette.paper, 5], [palette.mark, 2.5]]) {
				context.beginPath();
				context.arc(x, y, r + 5, 0, 2 * Math.PI);
				context.strokeStyle = colour;
				context.lineWidth = wide;
				context.stroke();
			}
		}
	}

	function pick(event) {
		const { px, py, pn } = store.points;
		const bounds = over.getBoundingClientRect();
		let [best, found] = [14, -1];
		px?.forEach((_, k) => {
			const away = Math.hypot(event.clientX - bounds.left - plane.x(px[k]), event.clientY - bounds.top - plane.y(py[k]));
			if (away < best) [best, found] = [away, pn[k]];
		});
		if (found >= 0) driver.look({ row: found });
	}

	return { element, draw };
}
