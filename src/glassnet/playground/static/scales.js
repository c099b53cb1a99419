/** From numbers to colours, ticks and text. */

const NAMES = ['paper', 'ink', 'soft', 'line', 'mark', 'neg', 'neutral', 'pos', 'neg-ink', 'pos-ink', 'ghost', 'warn',
	...Array.from({ length: 10 }, (_, k) => `class${k}`)];

/** The colours that the style sheet gives, asked for once a theme. @returns {Palette} */
export function readPalette(root) {
	const probe = document.createElement('i');
	root.append(probe);
	const found = NAMES.map((name) => {
		probe.style.color = `var(--${name})`;
		return [name, getComputedStyle(probe).color];
	});
	probe.remove();
	return Object.fromEntries(found);
}

/** "rgb(1, 2, 3)" as three numbers. @returns {Colour} */
export function parseColour(text) {
	const [r = 0, g = 0, b = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
	return [r, g, b];
}

/** @param {Colour} a @param {Colour} b @param {number} share of b @returns {Colour} */
export function mix(a, b, share) {
	return /** @type {Colour} */ (a.map((part, k) => Math.round(part + (b[k] - part) * share)));
}

/** A colour as it lies in memory. */
export function pixel([r, g, b]) {
	return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** 256 pixels from negative over neutral to positive. */
export function diverging(palette) {
	const [negative, neutral, positive] = ['neg', 'neutral', 'pos'].map((name) => parseColour(palette[name]));
	return Uint32Array.from({ length: 256 }, (_, k) => {
		const t = (k - 127.5) / 127.5;
		return pixel(mix(neutral, t < 0 ? negative : positive, Math.abs(t) ** 0.8));
	});
}

/** The colour of class k: of two, the ends of the scale. */
export function classColour(palette, k, classes) {
	if (classes <= 2) return palette[k === 0 ? 'neg' : 'pos'];
	return palette[`class${k % 10}`];
}

/** A number for eyes, as Python writes it: significant digits, a real minus, never "-0". */
export function format(value, digits = 4) {
	if (value === null || value === undefined || Number.isNaN(value)) return 'not a number';
	if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
	const rounded = Number(Math.abs(value).toPrecision(digits));
	const isPlain = rounded === 0 || (rounded >= 1e-3 && rounded < 1e5);
	const text = !isPlain ? rounded.toExponential(digits - 1) : rounded >= 10 ** (digits - 1) || !rounded ? String(rounded) : rounded.toPrecision(digits);
	return (value < 0 && rounded ? '−' : '') + text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The same with the zeros at its end left out. */
export function short(value, digits = 3) {
	return format(value, digits).replace(/\.?0+(?=$|e)/, (zeros, at, text) => (text.slice(0, at + 1).includes('.') ? '' : zeros));
}

export function count(n) {
	return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** What a person typed, as a number; NaN if it is none, or if a comma may be of thousands or decimal. */
export function parse(text, isWhole = false) {
	const plain = text.replace(/−/g, '-').replace(/\s/g, '').replace(/,(?=\d{3}(?!\d))/g, isWhole ? '' : '?').replace(',', '.');
	return plain === '' ? NaN : Number(plain);
}

/** Round numbers from low to high, at most about so many. */
export function ticks(low, high, most) {
	if (!(high > low)) return [low];
	const rough = (high - low) / Math.max(1, most);
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough * 0.999) ?? rough;
	const first = Math.ceil(low / step - 1e-9);
	return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Powers of ten; with 2 and 5 between where they are few. */
export function logTicks(low, high) {
	const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
	const every = Math.max(1, Math.ceil((to - from) / 5));
	const found = [];
	for (let power = from; power <= to; power += every) for (const k of to - from <= 2 ? [1, 2, 5] : [1]) found.push(Number(`${k}e${power}`));
	return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

/** The end of a calm axis: one of a few round numbers, so that it moves rarely. */
export function axisEnd(last) {
	if (last <= 10) return 10;
	const power = 10 ** Math.floor(Math.log10(last));
	return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((k) => k * power >= last) ?? 10) * power;
}

/**
 * Where a field crosses a level: line pieces [x0, y0, x1, y1] in cells, by marching squares.
 * @param {ArrayLike<number>} field rows from below @param {number} size cells a side @param {number} level
 */
export function contour(field, size, level) {
	const pieces = /** @type {number[][]} */ ([]);
	for (let j = 0; j + 1 < size; j++) {
		for (let i = 0; i + 1 < size; i++) {
			const at = j * size + i;
			const corners = [field[at], field[at + 1], field[at + size + 1], field[at + size]];
			const points = [];
			for (let side = 0; side < 4; side++) {
				const [a, b] = [corners[side], corners[(side + 1) % 4]];
				if (a < level === b < level) continue;
				const t = (level - a) / (b - a);
				points.push([[i + t, j], [i + 1, j + t], [i + 1 - t, j + 1], [i, j + 1 - t]][side]);
			}
			for (let k = 0; k + 1 < points.length; k += 2) pieces.push([...points[k], ...points[k + 1]]);
		}
	}
	return pieces;
}

const SHAPES = [[0, 0, 1], [3, -90, 1.2], [4, 45, 1.2], [4, 0, 1.2], [3, 90, 1.2], [5, -90, 1.2], [6, 0, 1.2], [0, 0, 0.65], [4, 45, 0.7], [5, 90, 0.8]];

/** The path of a class's mark, so that colour is never alone. */
export function mark(context, k, x, y, r) {
	const [sides, turn, size] = SHAPES[k % SHAPES.length];
	context.beginPath();
	if (!sides) context.arc(x, y, r * size, 0, 2 * Math.PI);
	for (let side = 0; side < sides; side++) {
		const angle = (turn * Math.PI) / 180 + (2 * Math.PI * side) / sides;
		context.lineTo(x + r * size * Math.cos(angle), y + r * size * Math.sin(angle));
	}
	if (sides) context.closePath();
}
