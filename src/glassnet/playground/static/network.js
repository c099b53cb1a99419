/** The network: lines on one canvas, neurons as buttons above it, each with the picture of what it answers. */

import { fill, h, sharp } from './dom.js';
import { count, format, short } from './scales.js';
import { weightKey } from './state.js';
import { S } from './strings.js';
import { paintImage, paintTile } from './maps.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./state.js').Column} Column */
/** @typedef {import('./state.js').Edge} Edge */
/** @typedef {import('./scales.js').Palette} Palette */
/** @typedef {{x: number, y: number, column: number, unit: import('./protocol.js').Unit, button: any, tile: any, value: any}} Neuron */

const LARGEST = 56; // a tile's side in CSS pixels
const DENSE = 50; // nearer than that, names do not fit below
const HEAD = 34; // room for the columns' titles
const THICKEST = 7;
const NEAR = 7; // how far from a line a click still means it

/** @param {number} v @param {number} low @param {number} high */
const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

export class NetworkView {
  /**
   * @param {Store} store
   * @param {{select: (question: import('./state.js').Question | null) => void, heat: (hot: Store['hot']) => void}} does
   */
  constructor(store, does) {
    this.store = store;
    this.does = does;
    /** @type {Neuron[]} */ this.neurons = [];
    /** @type {{x: number, y: number, side: number, canvas: HTMLCanvasElement, column: number}[]} */ this.images = [];
    this.roving = 0;
    this.size = [0, 0];
    /** @type {Palette} */ this.palette = {};
    /** @type {Uint32Array} */ this.lut = new Uint32Array(256);
    this.canvas = h('canvas.edges', { 'aria-hidden': 'true', 'data-key': 'edges' });
    this.layer = h('div.units', { role: 'group', 'aria-label': S.graph });
    this.titles = h('div.columns', { 'aria-hidden': 'true' });
    this.box = h('div.net', { id: 'net' }, this.canvas, this.titles, this.layer);
    this.scroll = h('div.net-scroll', null, this.box);
    this.legend = h('p.legend', { 'data-key': 'legend' });
    this.table = h('details.as-table', { 'data-key': 'network-table' }, h('summary', null, S.asTable), h('div'));
    this.tools = h('div.net-tools', null, this.legend, this.table);
    this.element = h('div.net-frame', null, this.scroll, this.tools);
    this.listen();
    store.on('topology', () => this.build());
    store.on('select hot lit mode lines', () => this.mark());
  }

  listen() {
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      return this.nearest(event.clientX - box.left, event.clientY - box.top);
    };
    this.box.onpointermove = (/** @type {PointerEvent} */ event) => {
      if (event.target instanceof HTMLElement && event.target.closest('button')) return;
      const edge = at(event);
      this.box.classList.toggle('over-edge', Boolean(edge));
      this.does.heat(edge ? { weight: weightKey(edge.name, edge.index) } : null);
    };
    this.box.onpointerleave = () => this.does.heat(null);
    this.box.onclick = (/** @type {PointerEvent} */ event) => {
      if (event.target instanceof HTMLElement && event.target.closest('button')) return;
      const edge = at(event);
      if (edge) this.does.select({ weight: [edge.name, edge.index] });
    };
    this.layer.onkeydown = (/** @type {KeyboardEvent} */ event) => this.arrows(event);
    this.table.ontoggle = () => this.fillTable();
    new ResizeObserver(() => {
      this.place();
      this.draw();
    }).observe(this.box);
  }

  /** Makes a button for each visible unit. */
  build() {
    this.neurons = [];
    this.images = [];
    const columns = /** @type {Column[]} */ (this.store.topology.columns);
    const parts = /** @type {any[]} */ ([]);
    columns.forEach((column, c) => {
      if (column.kind === 'image') {
        const canvas = h('canvas.picture', { 'aria-hidden': 'true' });
        this.images.push({ x: 0, y: 0, side: 0, canvas, column: c });
        parts.push(canvas);
      }
      for (const unit of column.units) {
        const tile = h('canvas.tile', { 'aria-hidden': 'true', width: 32, height: 32 });
        const value = h('span.val');
        const button = h('button.unit', { type: 'button', 'data-unit': unit.ask || unit.name, 'data-column': c, tabindex: -1 },
          tile, h('span.tag', null, h('span.name', null, unit.name), value));
        const place = this.neurons.length;
        button.onclick = () => this.press(place);
        button.onfocus = () => this.rove(place);
        button.onpointerenter = () => this.does.heat(this.meant(place));
        button.onpointerleave = () => this.does.heat(null);
        this.neurons.push({ x: 0, y: 0, column: c, unit, button, tile, value });
        parts.push(button);
      }
      if (column.hidden > 0) parts.push(h('span.hidden-units', { 'data-column': c }, `⋮ ${S.hiddenUnits(column.hidden)}`));
    });
    this.layer.replaceChildren(...parts);
    fill(this.titles, ...columns.map((column) => h('div.column-title', null,
      h('b', null, column.title[0] ?? ''), h('span', null, column.title.slice(1).join(' ')))));
    this.rove(Math.min(this.roving, this.neurons.length - 1), false);
    this.place();
    this.mark();
  }

  /** What the pointer over a neuron means: the line from it to the opened one, or itself. @param {number} place */
  meant(place) {
    const { question } = this.store;
    const neuron = this.neurons[place];
    if (question && 'unit' in question) {
      const edge = this.store.edges.find((e) => e.from === place && this.neurons[e.to]?.unit.ask === question.unit && e.name);
      if (edge) return { weight: weightKey(edge.name, edge.index) };
    }
    return { unit: neuron.unit.ask || neuron.unit.name };
  }

  /** @param {number} place */
  press(place) {
    const { ask } = this.neurons[place].unit;
    const { question } = this.store;
    if (!ask) return;
    this.does.select(question && 'unit' in question && question.unit === ask ? null : { unit: ask });
  }

  /** One neuron can be reached by Tab, the others by arrows. @param {number} place @param {boolean} [focus] */
  rove(place, focus = false) {
    this.roving = Math.max(0, place);
    this.neurons.forEach(({ button }, k) => button.setAttribute('tabindex', k === this.roving ? 0 : -1));
    if (focus) this.neurons[this.roving]?.button.focus();
  }

  /** @param {KeyboardEvent} event */
  arrows(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = this.neurons[this.roving];
    if (!step || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const there = this.neurons
      .map((neuron, place) => ({ neuron, place }))
      .filter(({ neuron }) => neuron.column === from.column + step[0])
      .sort((a, b) => Math.abs(a.neuron.y - from.y) - Math.abs(b.neuron.y - from.y));
    if (step[0]) {
      if (there.length) this.rove(there[0].place, true);
      return;
    }
    const next = this.neurons[this.roving + step[1]];
    if (next && next.column === from.column) this.rove(this.roving + step[1], true);
  }

  /** Puts everything where it belongs for the room there is. */
  place() {
    const columns = /** @type {Column[]} */ (this.store.topology?.columns ?? []);
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    if (!columns.length || !width) return;
    this.size = [width, height];
    this.box.style.setProperty('--least', `${columns.length * 62 + 40}px`);
    const most = Math.max(...columns.map((c) => c.units.length + (c.hidden > 0 ? 1 : 0)), 1);
    const room = height - HEAD;
    const spacing = Math.min(room / most, 118);
    const dense = spacing < DENSE;
    const gap = width / columns.length;
    const side = clamp(Math.min(dense ? spacing - 4 : spacing - 26, gap * 0.55), 18, LARGEST);
    this.box.classList.toggle('dense', dense);
    let k = 0;
    const hidden = [.../** @type {HTMLElement[]} */ (this.layer.children)].filter((e) => e.className === 'hidden-units');
    columns.forEach((column, c) => {
      const x = gap * (c + 0.5);
      const title = /** @type {HTMLElement} */ (this.titles.children[c]);
      title.style.left = `${gap * c}px`;
      title.style.width = `${gap}px`;
      const slots = column.units.length + (column.hidden > 0 ? 1 : 0);
      const apart = slots > 1 ? Math.min(room / slots, Math.max(spacing, Math.min(150, room / slots))) : 0;
      const top = HEAD + room / 2 - (apart * (slots - 1)) / 2 - (dense ? 0 : 9);
      column.units.forEach((_, j) => {
        const neuron = this.neurons[k++];
        [neuron.x, neuron.y] = [x, top + j * apart];
        const { button } = neuron;
        button.style.left = `${x}px`;
        button.style.top = `${neuron.y}px`;
        button.style.setProperty('--side', `${side}px`);
        button.classList.toggle('outer-left', dense && c === 0);
        button.classList.toggle('outer-right', dense && c === columns.length - 1);
        button.classList.toggle('inner', dense && c > 0 && c < columns.length - 1);
      });
      const note = hidden.find((e) => Number(e.dataset.column) === c);
      if (note) {
        note.style.left = `${x}px`;
        note.style.top = `${top + (slots - 1) * apart}px`;
      }
      const picture = this.images.find((image) => image.column === c);
      if (picture) {
        Object.assign(picture, { x, y: HEAD + room / 2, side: Math.min(gap * 0.8, 150, room * 0.7) });
        const { canvas } = picture;
        canvas.style.left = `${x}px`;
        canvas.style.top = `${picture.y}px`;
        canvas.style.width = canvas.style.height = `${picture.side}px`;
      }
    });
    this.side = side;
  }

  /** The line nearest to a point, if it is near. @param {number} x @param {number} y */
  nearest(x, y) {
    let [best, found] = [NEAR, /** @type {Edge | null} */ (null)];
    for (const edge of this.store.edges) {
      if (!edge.name) continue;
      const [a, b] = [this.neurons[edge.from], this.neurons[edge.to]];
      if (!a || !b || x < a.x + 8 || x > b.x - 8) continue;
      const slope = (b.y - a.y) / (b.x - a.x);
      const away = Math.abs(a.y + slope * (x - a.x) - y) / Math.hypot(1, slope);
      if (away < best) [best, found] = [away, edge];
    }
    return found;
  }

  /** What each line stands for, and the largest of them. */
  strengths() {
    const { weights, gradients, values } = this.store.buffers;
    const { edges, lines, frame } = this.store;
    if (!weights) return { of: () => 0, largest: 1 };
    /** @type {(edge: Edge) => number} */
    const of = lines === 'gradient' ? (e) => gradients?.[e.at] ?? 0
      : lines === 'product' ? (e) => weights[e.at] * (values?.[e.from] ?? 0) : (e) => weights[e.at];
    let largest = lines === 'weight' && frame.thickest ? frame.thickest : 0;
    if (!largest) for (const edge of edges) if (edge.at >= 0) largest = Math.max(largest, Math.abs(of(edge)));
    return { of, largest: largest || 1 };
  }

  /** Which lines belong to what is selected. @returns {(edge: Edge) => boolean} */
  chosen() {
    const { question, lit } = this.store;
    if (question && 'unit' in question) {
      const place = this.neurons.findIndex(({ unit }) => unit.ask === question.unit);
      return (edge) => edge.from === place || edge.to === place;
    }
    if (question && 'weight' in question) {
      const key = weightKey(...question.weight);
      return (edge) => weightKey(edge.name, edge.index) === key;
    }
    if (lit) {
      const columns = this.store.topology.columns;
      return (edge) => columns[edge.column].layer === lit.layer;
    }
    return () => true;
  }

  drawEdges() {
    const [width, height] = this.size;
    if (!width) return;
    const context = sharp(this.canvas, width, height);
    const { palette } = this;
    const { of, largest } = this.strengths();
    const chosen = this.chosen();
    const hot = this.store.hot?.weight;
    const still = this.store.mode !== 'training';
    const half = (this.side ?? 0) / 2;
    this.drawBands(context);
    /** @type {Edge | null} */ let heated = null;
    const line = (/** @type {Edge} */ edge, /** @type {number} */ extra) => {
      const [a, b] = [this.neurons[edge.from], this.neurons[edge.to]];
      context.beginPath();
      context.moveTo(a.x + half, a.y);
      context.lineTo(b.x - half, b.y);
      context.lineWidth += extra;
      context.stroke();
    };
    for (const edge of this.store.edges) {
      const value = edge.at < 0 ? 0 : of(edge);
      const share = Math.min(1, Math.abs(value) / largest);
      context.lineWidth = edge.at < 0 ? 1 : 0.7 + (THICKEST - 0.7) * share;
      context.globalAlpha = (edge.at < 0 ? 0.5 : 0.35 + 0.65 * share) * (chosen(edge) ? 1 : 0.28);
      context.strokeStyle = edge.at < 0 ? palette.soft : value < 0 ? palette['neg-ink'] : palette['pos-ink'];
      context.setLineDash(still && value < 0 ? [5, 4] : []);
      line(edge, 0);
      if (hot && edge.name && weightKey(edge.name, edge.index) === hot) heated = edge;
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (heated) {
      context.strokeStyle = palette.mark;
      context.lineWidth = 2.5;
      line(heated, 0);
    }
    this.drawBiases(context, largest, half);
  }

  /** Lines of which there are too many, as one band from a picture or a shortened column. @param {CanvasRenderingContext2D} context */
  drawBands(context) {
    context.globalAlpha = 0.45;
    context.strokeStyle = this.palette.line;
    context.lineWidth = 1.5;
    for (const image of this.images) {
      for (const neuron of this.neurons) {
        if (neuron.column !== image.column + 1) continue;
        context.beginPath();
        context.moveTo(image.x + image.side / 2, image.y);
        context.lineTo(neuron.x - (this.side ?? 0) / 2, neuron.y);
        context.stroke();
      }
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {number} largest @param {number} half */
  drawBiases(context, largest, half) {
    const { biases } = this.store.buffers;
    if (!biases || this.store.lines !== 'weight') return;
    let k = 0;
    for (const neuron of this.neurons) {
      const column = this.store.topology.columns[neuron.column];
      if (column.kind !== 'units') continue;
      const value = column.bias === null ? 0 : biases[k++] ?? 0;
      if (!value) continue;
      context.fillStyle = value < 0 ? this.palette['neg-ink'] : this.palette['pos-ink'];
      context.beginPath();
      context.arc(neuron.x - half - 4, neuron.y + half - 1, 1.5 + 4 * Math.min(1, Math.abs(value) / largest), 0, 2 * Math.PI);
      context.fill();
    }
  }

  drawTiles() {
    const { buffers, data, frame } = this.store;
    const tiles = /** @type {Uint8Array | undefined} */ (buffers.tiles);
    const values = buffers.values;
    let at = 0;
    this.neurons.forEach((neuron, k) => {
      const form = frame.tiles?.[neuron.column];
      if (tiles && form) {
        const part = tiles.subarray(at, (at += form.width * form.height));
        paintTile(neuron.tile, part, form, [buffers.tile_lo[k], buffers.tile_hi[k]], this.lut, this.palette);
      }
      const text = values ? short(values[k]) : '';
      if (neuron.value.textContent !== text) neuron.value.textContent = text;
    });
    for (const image of this.images) if (buffers.image && data?.image) paintImage(image.canvas, buffers.image, data.image, this.palette);
  }

  draw() {
    if (!this.store.frame) return;
    this.drawEdges();
    this.drawTiles();
  }

  /** What does not change with every frame: names, selection, the legend. */
  mark() {
    const { question, hot, topology, frame } = this.store;
    if (!topology || !frame) return;
    const open = question && 'unit' in question ? question.unit : '';
    const ends = new Set();
    if (hot?.weight) {
      const edge = this.store.edges.find((e) => e.name && weightKey(e.name, e.index) === hot.weight);
      if (edge) ends.add(edge.from).add(edge.to);
    }
    this.neurons.forEach(({ unit, button, column }, k) => {
      const isOpen = Boolean(open) && unit.ask === open;
      button.toggleAttribute('data-hot', ends.has(k) || Boolean(hot?.unit) && hot?.unit === (unit.ask || unit.name));
      button.toggleAttribute('data-open', isOpen);
      if (unit.ask) button.setAttribute('aria-pressed', String(isOpen));
      const title = topology.columns[column].title.join(' ');
      button.setAttribute('aria-label', `${unit.name} ${short(this.store.buffers.values?.[k] ?? NaN)}, ${title}`);
    });
    this.canvas.toggleAttribute('data-hot', Boolean(hot?.weight));
    [...this.titles.children].forEach((title, c) => {
      const lit = this.store.lit && topology.columns[c].layer === this.store.lit.layer;
      title.toggleAttribute('data-lit', Boolean(lit));
    });
    const { largest } = this.strengths();
    const shown = topology.edges_shown < topology.edges_total ? [S.edgesOf(count(topology.edges_shown), count(topology.edges_total))] : [];
    fill(this.legend, h('span.swatch.plus', { 'aria-hidden': 'true' }), S.positive, h('span.swatch.minus', { 'aria-hidden': 'true' }), S.negative,
      h('span.quiet', null, ` · ${S.thickest} ${format(largest, 3)}`), ...shown.map((text) => h('span.quiet', null, ` · ${text}`)));
    this.drawEdges();
    this.fillTable();
  }

  /** The weights that are drawn, as tables. */
  fillTable() {
    if (!this.table.open) return;
    const { topology, edges, buffers } = this.store;
    const columns = /** @type {Column[]} */ (topology.columns);
    const tables = columns.flatMap((column, c) => {
      if (column.kind !== 'units' || !c || !columns[c - 1].units.length) return [];
      const own = edges.filter((edge) => edge.column === c);
      const wide = column.units.length;
      return [h('table.numbers', null,
        h('caption', null, `${column.title.join(' ')} · ${column.array}`),
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, S.from), column.units.map((u) => h('th', { scope: 'col' }, u.name)))),
        h('tbody', null, columns[c - 1].units.map((u, i) => h('tr', null, h('th', { scope: 'row' }, u.name),
          own.slice(i * wide, (i + 1) * wide).map((e) => h('td', null, format(buffers.weights[e.at])))))))];
    });
    fill(this.table.lastElementChild, ...tables);
  }
}
