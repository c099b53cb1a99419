/** What the page knows: the last reply of each kind, and what the user has chosen to look at. */

const PARTS = /** @type {const} */ (['x', 'loss', 'valX', 'val']);

/** The loss so far. Points arrive with the place they belong to, so that one that comes twice does no harm. */
export class Curve {
	length = 0;
	x = new Float64Array(1024);
	loss = new Float32Array(1024);
	valX = new Float64Array(1024);
	val = new Float32Array(1024);

	write(from, points, total) {
		const end = from + points.x.length;
		if (end > this.x.length) this.grow(Math.max(end, 2 * this.x.length));
		for (const part of PARTS) this[part].set(points[part], from);
		this.length = total;
	}

	grow(size) {
		for (const part of PARTS) {
			const larger = /** @type {any} */ (new /** @type {any} */ (this[part].constructor)(size));
			larger.set(this[part]);
			this[part] = larger;
		}
	}

	/** The place of the last point at or before a step; -1 where there is none. */
	before(step) {
		let [low, high] = [-1, this.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if (this.x[middle] <= step) low = middle;
			else high = middle - 1;
		}
		return low;
	}
}

/** @param {any} buffers */
const pointsOf = ({ curve_x: x, curve_loss: loss, curve_val_x: valX, curve_val: val }) => ({ x, loss, valX, val });

export class Store {
	constructor() {
		const none = /** @type {any} */ (null);
		/** @type {About} */ this.about = none;
		/** @type {Setup} */ this.setup = none;
		/** @type {Topology} */ this.topology = none;
		/** @type {Data} */ this.data = none;
		/** @type {Frame} */ this.frame = none;
		/** @type {Record<string, any>} */ this.buffers = {};
		/** @type {Record<string, any>} */ this.points = {};
		/** @type {Edge[]} */ this.edges = [];
		this.curve = new Curve();
		/** @type {Map<number, {x: ArrayLike<number>, loss: ArrayLike<number>}>} */ this.ghosts = new Map();
		/** @type {Question | null} */ this.question = null;
		/** @type {Hot} */ this.hot = null;
		/** @type {{layer: number, phase: string} | null} */ this.lit = null;
		/** @type {'waiting' | 'paused' | 'training' | 'following' | 'lost'} */ this.mode = 'waiting';
		this.lines = 'weight';
		/** @type {Palette} */ this.palette = {};
		this.lut = new Uint32Array(256);
		/** @type {Map<string, Set<() => void>>} */ this.listeners = new Map();
	}

	/** Hear of changes, by their names apart by spaces. @param {() => void} listener */
	on(names, listener) {
		for (const name of names.split(' ')) this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
	}

	tell(...names) {
		for (const listener of new Set(names.flatMap((name) => [...(this.listeners.get(name) ?? [])]))) listener();
	}

	/** Open a neuron, a weight or a phase, or nothing. @param {Question | null} question */
	select(question) {
		this.question = question;
		if (!question || !('phase' in question)) this.lit = null;
		this.tell('select');
	}

	/** What the pointer or focus is on, wherever it is shown. @param {Hot} hot */
	heat(hot) {
		if (JSON.stringify(hot) === JSON.stringify(this.hot)) return;
		this.hot = hot;
		this.tell('hot');
	}

	/** What is open, if it is of that kind. @returns {any} */
	open(kind) {
		return /** @type {any} */ (this.question)?.[kind];
	}

	/** Takes over what a reply brings, and says of which kinds it was. @param {Reply} reply */
	take({ header, buffers }) {
		const changed = ['about', 'setup', 'topology', 'data'].filter((name) => header[name] !== undefined);
		for (const name of changed) /** @type {any} */ (this)[name] = header[name];
		if (header.topology) this.edges = wired(header.topology.columns);
		if (header.data) this.points = buffers;
		this.frame = header;
		this.buffers = buffers;
		this.curve.write(header.curve_from, pointsOf(buffers), header.curve_total);
		if (header.ghosts) this.ghosts = new Map(header.ghosts.map((k) => [k, { x: buffers[`ghost_${k}_x`], loss: buffers[`ghost_${k}_loss`] }]));
		return [...changed, 'frame'];
	}

	/** A frame that came too late to be shown: only its points of the curve count. @param {Reply} reply */
	takeLate({ header, buffers }) {
		const end = header.curve_from + buffers.curve_x.length;
		if (header.branch === this.frame.branch && end <= this.curve.length) this.curve.write(header.curve_from, pointsOf(buffers), this.curve.length);
	}
}

/** How a weight is called in attributes: as in formulas. */
export const weightKey = ([name, index]) => `${name}[${index.join(', ')}]`;

/**
 * The lines of the picture. `from` and `to` count all visible units; weights lie column after column, from the visible
 * units before to those of the column, row after row. Where a layer only passes on, a line has no weight: `at` is -1.
 * @param {Column[]} columns @returns {Edge[]}
 */
export function wired(columns) {
	const edges = /** @type {Edge[]} */ ([]);
	let [first, at] = [0, 0];
	columns.forEach((column, c) => {
		const before = columns[c - 1]?.units ?? [];
		const start = first - before.length;
		before.forEach((from, i) => column.units.forEach((to, j) => {
			const index = [from.index, to.index];
			const edge = { from: start + i, to: first + j, column: c, index, name: column.array ?? '', key: '', at: -1 };
			if (column.kind === 'units') edges.push({ ...edge, at: at++, key: weightKey([edge.name, index]) });
			else if (from.index === to.index) edges.push(edge);
		}));
		first += column.units.length;
	});
	return edges;
}
