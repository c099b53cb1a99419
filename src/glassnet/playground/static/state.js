/** What the page knows: the last reply of each kind, and what the user has chosen to look at. */

/** @typedef {import('./transport.js').Numbers} Numbers */
/** @typedef {import('./protocol.js').Column} Column */
/** @typedef {{unit: string} | {weight: [string, number[]]} | {phase: number}} Question */
/** @typedef {{from: number, to: number, column: number, i: number, j: number, at: number, name: string, index: number[]}} Edge */
/** @typedef {{x: ArrayLike<number>, loss: ArrayLike<number>}} Ghost */

const PARTS = /** @type {const} */ (['x', 'loss', 'valX', 'val']);

/** The loss so far. Points arrive with the place they belong to, so that one that comes twice does no harm. */
export class Curve {
  constructor() {
    this.length = 0;
    this.x = new Float64Array(1024);
    this.loss = new Float32Array(1024);
    this.valX = new Float64Array(1024);
    this.val = new Float32Array(1024);
  }

  /**
   * @param {number} from where the points belong
   * @param {Record<typeof PARTS[number], ArrayLike<number>>} points
   * @param {number} total how many points there are now
   */
  write(from, points, total) {
    const end = from + points.x.length;
    if (end > this.x.length) this.grow(end);
    for (const part of PARTS) this[part].set(points[part], from);
    this.length = total;
  }

  /** @param {number} least */
  grow(least) {
    const size = Math.max(least, this.x.length * 2);
    for (const part of PARTS) {
      const larger = part.toLowerCase().endsWith('x') ? new Float64Array(size) : new Float32Array(size);
      larger.set(this[part]);
      /** @type {any} */ (this)[part] = larger;
    }
  }

  /** The place of the last point at or before a step. @param {number} step */
  before(step) {
    let [low, high] = [0, this.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.x[middle] <= step) low = middle;
      else high = middle - 1;
    }
    return this.length ? low : -1;
  }
}

/** The store: plain fields, and a call for each kind of change. */
export class Store {
  constructor() {
    /** @type {import('./protocol.js').About} */ this.about = /** @type {any} */ (null);
    /** @type {import('./protocol.js').Setup} */ this.setup = /** @type {any} */ (null);
    /** @type {import('./protocol.js').Topology} */ this.topology = /** @type {any} */ (null);
    /** @type {import('./protocol.js').Data} */ this.data = /** @type {any} */ (null);
    /** @type {import('./protocol.js').Frame} */ this.frame = /** @type {any} */ (null);
    /** @type {Record<string, Numbers>} */ this.buffers = {};
    /** @type {Record<string, Numbers>} */ this.points = {};
    /** @type {Edge[]} */ this.edges = [];
    /** @type {number[]} */ this.firsts = [];
    this.curve = new Curve();
    /** @type {Map<number, Ghost>} */ this.ghosts = new Map();
    /** @type {Question | null} */ this.question = null;
    /** @type {{unit?: string, weight?: string} | null} */ this.hot = null;
    /** @type {{layer: number, phase: string} | null} */ this.lit = null;
    /** @type {'paused' | 'training' | 'following' | 'lost'} */ this.mode = 'paused';
    this.lines = 'weight';
    /** @type {Map<string, Set<() => void>>} */ this.listeners = new Map();
  }

  /** @param {string} names what to hear of, apart by spaces @param {() => void} listener */
  on(names, listener) {
    for (const name of names.split(' ')) {
      this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
    }
  }

  /** @param {...string} names what has changed */
  tell(...names) {
    const heard = new Set(names.flatMap((name) => [...(this.listeners.get(name) ?? [])]));
    for (const listener of heard) listener();
  }

  /** Takes over what a reply brings, and says of which kinds it was. @param {import('./transport.js').Reply} reply */
  take({ header, buffers }) {
    const changed = [];
    for (const name of /** @type {const} */ (['about', 'setup', 'topology', 'data'])) {
      if (header[name] === undefined) continue;
      this[name] = header[name];
      changed.push(name);
      if (name === 'topology') [this.edges, this.firsts] = wired(header.topology.columns);
      if (name === 'data') this.points = buffers;
    }
    if (header.step !== undefined) {
      this.frame = header;
      this.buffers = buffers;
      this.takeCurve(header, buffers);
      changed.push('frame');
    }
    return changed;
  }

  /** @param {any} header @param {Record<string, any>} buffers */
  takeCurve(header, buffers) {
    this.curve.write(header.curve_from, pointsOf(buffers), header.curve_total);
    if (!header.ghosts) return;
    this.ghosts = new Map(header.ghosts.map((/** @type {number} */ k) => [k, { x: buffers[`ghost_${k}_x`], loss: buffers[`ghost_${k}_loss`] }]));
  }

  /** @param {string} ask */
  unitNamed(ask) {
    return this.topology.columns.flatMap((column) => column.units).find((unit) => unit.ask === ask);
  }

  /** A frame that came too late to be shown: only its points of the curve count. @param {import('./transport.js').Reply} reply */
  takeLate({ header, buffers }) {
    const end = header.curve_from + (buffers.curve_x?.length ?? 0);
    if (header.branch === this.frame?.branch && end <= this.curve.length) this.curve.write(header.curve_from, pointsOf(buffers), this.curve.length);
  }
}

/** @param {Record<string, any>} buffers */
function pointsOf({ curve_x: x, curve_loss: loss, curve_val_x: valX, curve_val: val }) {
  return { x, loss, valX, val };
}

/**
 * The lines of the picture, and where each column's units begin among all visible units.
 * Weights lie column after column, from the visible units before to those of the column, row after row.
 * @param {Column[]} columns
 * @returns {[Edge[], number[]]}
 */
export function wired(columns) {
  /** @type {Edge[]} */
  const edges = [];
  const firsts = /** @type {number[]} */ ([]);
  let [units, at] = [0, 0];
  columns.forEach((column, c) => {
    firsts.push(units);
    const before = columns[c - 1];
    if (c && column.kind === 'units') {
      before.units.forEach((from, i) => column.units.forEach((to, j) => {
        edges.push({
          from: firsts[c - 1] + i, to: units + j, column: c, i, j, at: at++,
          name: column.array ?? '', index: [from.index, to.index],
        });
      }));
    } else if (c) {
      column.units.forEach((_, j) => {
        const i = before.units.findIndex((unit) => unit.index === column.units[j].index);
        if (i >= 0) edges.push({ from: firsts[c - 1] + i, to: units + j, column: c, i, j, at: -1, name: '', index: [] });
      });
    }
    units += column.units.length;
  });
  return [edges, firsts];
}

/** How a weight is called in questions and attributes. @param {string} name @param {number[]} index */
export function weightKey(name, index) {
  return `${name}[${index.join(', ')}]`;
}
