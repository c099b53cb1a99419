/** What the page knows: the last reply of each kind, and what is looked at. */

/** The loss so far. A point says where it belongs, so that one that comes twice does no harm. */
export class Curve {
	x = /** @type {number[]} */ ([]);
	loss = /** @type {number[]} */ ([]);
	valX = /** @type {number[]} */ ([]);
	val = /** @type {number[]} */ ([]);

	get length() {
		return this.x.length;
	}

	/** Takes the points that a reply brings, of so many in all. @param {Reply} reply */
	write({ header: { curve_from: from }, buffers }, total) {
		const parts = [[this.x, buffers.curve_x], [this.loss, buffers.curve_loss], [this.valX, buffers.curve_val_x], [this.val, buffers.curve_val]];
		for (const [list, points] of parts) {
			points.forEach((point, k) => (list[from + k] = point));
			list.length = total;
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

const none = /** @type {any} */ (null);

export class Store {
	/** @type {About} */ about = none;
	/** @type {Setup} */ setup = none;
	/** @type {Topology} */ topology = none;
	/** @type {Data} */ data = none;
	/** @type {Frame} */ frame = none;
	/** @type {Record<string, any>} */ buffers = {};
	/** @type {Record<string, any>} */ points = {};
	/** @type {Edge[]} */ edges = [];
	curve = new Curve();
	/** @type {Map<number, {x: ArrayLike<number>, loss: ArrayLike<number>}>} */ ghosts = new Map();
	/** @type {Question | null} */ question = null;
	/** @type {Hot} */ hot = null;
	/** @type {{layer: number, phase: string} | null} */ lit = null;
	/** @type {'waiting' | 'paused' | 'training' | 'following' | 'lost'} */ mode = 'waiting';
	lines = 'weight';
	/** @type {Palette} */ palette = {};
	lut = new Uint32Array(256);
	/** @type {Map<string, Set<() => void>>} */ listeners = new Map();

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

	/** What the pointer or focus is on. @param {Hot} hot */
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
	take(reply) {
		const { header, buffers } = reply;
		const changed = ['about', 'setup', 'topology', 'data'].filter((name) => header[name] !== undefined);
		for (const name of changed) /** @type {any} */ (this)[name] = header[name];
		if (header.topology) this.edges = wired(header.topology.columns);
		if (header.data) this.points = buffers;
		this.frame = header;
		this.buffers = buffers;
		this.curve.write(reply, header.curve_total);
		if (header.ghosts) this.ghosts = new Map(header.ghosts.map((k) => [k, { x: buffers[`ghost_${k}_x`], loss: buffers[`ghost_${k}_loss`] }]));
		return [...changed, 'frame'];
	}

	/** A frame that came too late: only its points of the curve count. @param {Reply} reply */
	takeLate(reply) {
		const { curve_from: from, branch } = reply.header;
		const { length } = this.curve;
		if (branch === this.frame.branch && from + reply.buffers.curve_x.length <= length) this.curve.write(reply, length);
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
