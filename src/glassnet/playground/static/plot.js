/** A plane to draw curves on, as sharp as the screen, with axes that are round numbers. */

import { count, logTicks, short, ticks } from './scales.js';

/** A canvas of one unit a CSS pixel, however fine the screen is; its context, cleared. */
export function sharp(canvas, width, height) {
	const ratio = globalThis.devicePixelRatio || 1;
	const [w, k] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
	if (canvas.width !== w) canvas.width = w;
	if (canvas.height !== k) canvas.height = k;
	const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
	context.clearRect(0, 0, width, height);
	context.globalAlpha = 1;
	context.font = '11px system-ui, sans-serif';
	return context;
}

export function disc(context, x, y, r, colour) {
	context.fillStyle = colour;
	context.beginPath();
	context.arc(x, y, r, 0, 2 * Math.PI);
	context.fill();
}

/**
 * A plane from x[0] to x[1] across and y[0] to y[1] up.
 * @param {HTMLCanvasElement} canvas @param {Palette} palette
 * @param {{x: number[], y: number[], log?: boolean, pad: number[]}} range pad: left, right, top, bottom
 */
export function plot(canvas, palette, { x: [x0, x1], y: [y0, y1], log, pad: [left, right, top, bottom] }) {
	const [width, height] = [canvas.clientWidth, canvas.clientHeight];
	const context = sharp(canvas, width, height);
	const [w, k] = [width - left - right, height - top - bottom];
	const x = (value) => left + (w * (value - x0)) / (x1 - x0 || 1);
	const share = (value) => (log ? Math.log(Math.max(value, y0) / y0) / Math.log(y1 / y0) : (value - y0) / (y1 - y0 || 1));
	const y = (value) => top + k * (1 - Math.max(0, Math.min(1, share(value))));

	function segment(ax, ay, bx, by, colour, wide, dash = /** @type {number[]} */ ([])) {
		context.strokeStyle = colour;
		context.lineWidth = wide;
		context.setLineDash(dash);
		context.beginPath();
		context.moveTo(ax, ay);
		context.lineTo(bx, by);
		context.stroke();
		context.setLineDash([]);
	}

	return {
		context, x, y, width, height, segment,

		upright: (value, colour, wide, dash) => segment(x(value), top - 3, x(value), height - bottom + 3, colour, wide, dash),
		dot: (px, py, colour, r) => disc(context, x(px), y(py), r, colour),

		/** Only the first and the last number of each axis, with its name between. */
		ends(across = '', up = '') {
			const pair = (low, high) => [0, -1].map((k) => /** @type {number} */ (ticks(low, high, 3).at(k)));
			context.fillStyle = palette.soft;
			context.textAlign = 'center';
			for (const value of pair(x0, x1)) context.fillText(short(value), x(value), height - 6);
			context.textAlign = 'right';
			for (const value of pair(y0, y1)) context.fillText(short(value), left - 4, y(value) + 4);
			context.font = '600 12px system-ui, sans-serif';
			context.fillStyle = palette.ink;
			context.fillText(up, left - 5, top + k / 2, left - 5);
			context.textAlign = 'center';
			context.fillText(across, left + w / 2, height - 6, w * 0.7);
		},

		/** Levels with their numbers, and numbers below. */
		grid() {
			context.fillStyle = palette.soft;
			context.textAlign = 'right';
			let last = Infinity;
			for (const value of log ? logTicks(y0, y1) : ticks(y0, y1, 4)) {
				if (last - y(value) < 15) continue;
				last = y(value);
				segment(left, Math.round(last) + 0.5, width - right, Math.round(last) + 0.5, palette.line, 1);
				context.fillText(short(value), left - 6, last + 4);
			}
			for (const value of ticks(x0, x1, Math.max(2, Math.floor(width / 110)))) {
				context.textAlign = value <= x0 ? 'left' : value >= x1 ? 'right' : 'center';
				context.fillText(Number.isInteger(value) ? count(value) : short(value), x(value), height - bottom + 15);
			}
		},

		/** A curve; of points nearer than pixels the least and the largest, so that no spike is lost. */
		line(xs, ys, from, to, colour, wide, dash = /** @type {number[]} */ ([])) {
			context.strokeStyle = colour;
			context.lineWidth = wide;
			context.lineJoin = 'round';
			context.setLineDash(dash);
			context.beginPath();
			let [pixel, low, high, begun] = [NaN, 0, 0, false];
			const flush = () => {
				if (Number.isNaN(pixel)) return;
				if (begun) context.lineTo(pixel, y(high));
				else context.moveTo(pixel, y(high));
				if (low !== high) context.lineTo(pixel, y(low));
				begun = true;
			};
			for (let i = from; i < to; i++) {
				const at = Math.round(x(xs[i]) * 2) / 2;
				if (!Number.isFinite(ys[i]) || Number.isNaN(at)) {
					flush();
					[pixel, begun] = [NaN, false];
				} else if (at !== pixel) {
					flush();
					[pixel, low, high] = [at, ys[i], ys[i]];
				} else if (ys[i] < low) low = ys[i];
				else if (ys[i] > high) high = ys[i];
			}
			flush();
			context.stroke();
			context.setLineDash([]);
		},
	};
}

/** The least and the largest of several lists. */
export function extremes(lists, positive = false) {
	let [low, high] = [Infinity, -Infinity];
	for (const values of lists) {
		for (const value of values) {
			if (!Number.isFinite(value) || (positive && value <= 0)) continue;
			if (value < low) low = value;
			if (value > high) high = value;
		}
	}
	return high >= low ? [low, high] : positive ? [0.1, 1] : [0, 1];
}
