/** Fields of numbers as pictures: what a neuron answers, what the network answers, and the rows upon it. */

import { h, fill, sharp } from './dom.js';
import { classColour, contour, mark, mix, parseColour, pixel, shade, short, ticks } from './scales.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./scales.js').Palette} Palette */
/** @typedef {import('./transport.js').Numbers} Numbers */

/**
 * Pixels into a canvas of just that many.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height
 * @param {(pixels: Uint32Array) => void} fillIn
 */
function pixels(canvas, width, height, fillIn) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(width, height);
  fillIn(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}

/** @typedef {{kind: "map" | "image" | "histogram", width: number, height: number}} Form */

/**
 * The picture of one neuron: its map (lowest line first), its weights as an image, or a histogram of what it answers.
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} part @param {Form} form @param {[number, number]} ends what 0 and 255 stand for
 * @param {Uint32Array} lut @param {Palette} palette
 */
export function paintTile(canvas, part, form, ends, lut, palette) {
  if (form.kind === 'histogram') return paintHistogram(canvas, part, ends[0], ends[1], palette);
  const { width, height } = form;
  pixels(canvas, width, height, (out) => {
    for (let j = 0; j < height; j++) {
      const row = (form.kind === 'map' ? height - 1 - j : j) * width;
      for (let i = 0; i < width; i++) out[j * width + i] = lut[part[row + i]];
    }
  });
}

/**
 * @param {HTMLCanvasElement} canvas @param {Uint8Array} bins @param {number} low @param {number} high @param {Palette} palette
 */
function paintHistogram(canvas, bins, low, high, palette) {
  const side = 96;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = palette.neutral;
  context.fillRect(0, 0, side, side);
  const width = side / bins.length;
  bins.forEach((bin, k) => {
    const middle = low + ((high - low) * (k + 0.5)) / bins.length;
    context.fillStyle = middle < 0 ? palette.neg : palette.pos;
    const tall = (bin / 255) * (side - 8);
    context.fillRect(k * width, side - tall, width - 0.6, tall);
  });
}

/**
 * A picture that is an input, dark ink on paper.
 * @param {HTMLCanvasElement} canvas @param {Numbers} values 0 to 255 @param {[number, number]} shape @param {Palette} palette
 */
export function paintImage(canvas, values, shape, palette) {
  const [height, width] = shape;
  const [paper, ink] = [parseColour(palette.paper), parseColour(palette.ink)];
  pixels(canvas, width, height, (out) => {
    for (let k = 0; k < out.length; k++) out[k] = pixel(mix(paper, ink, values[k] / 255));
  });
}

const EDGE = { left: 34, bottom: 22, top: 6, right: 6 };

/** The decision map with the rows on it. */
export class MapView {
  /** @param {Store} store @param {{row: (n: number) => void, axes: (columns: number[]) => void}} does */
  constructor(store, does) {
    this.store = store;
    this.does = does;
    /** @type {Palette} */ this.palette = {};
    /** @type {Uint32Array} */ this.lut = new Uint32Array(256);
    this.field = h('canvas.field', { 'data-key': 'map', 'aria-hidden': 'true' });
    this.points = h('canvas.points', { 'data-key': 'map-points', role: 'img', 'aria-label': S.mapName });
    this.box = h('div.map', null, this.field, this.points);
    this.axes = h('div.axes');
    this.note = h('p.quiet');
    this.element = h('div.map-frame', { 'data-key': 'map-frame' }, this.box, this.axes, this.note);
    this.points.onclick = (/** @type {PointerEvent} */ event) => this.pick(event);
    store.on('data', () => this.choose());
    new ResizeObserver(() => this.draw()).observe(this.box);
  }

  /** The two columns that the map stands on, to choose where there are more. */
  choose() {
    const { data } = this.store;
    const many = data?.axes && data.columns?.length > 2;
    const pick = (/** @type {string} */ label, /** @type {number} */ at) => h('label.field-row', null, h('span', null, label),
      h('select', { 'data-key': at ? 'map-up' : 'map-across', value: data.axes?.[at], onchange: (event) => {
        const axes = [...(this.store.data.axes ?? [])];
        axes[at] = Number(event.target.value);
        this.does.axes(axes);
      } }, data.columns.map((name, k) => h('option', { value: k }, name))));
    fill(this.axes, many && pick(S.across, 0), many && pick(S.up, 1));
  }

  draw() {
    const map = this.store.frame?.map;
    const shown = map && this.store.buffers.map && this.store.data.range;
    this.element.hidden = !shown;
    if (!shown || !this.box.clientWidth) return;
    const field = /** @type {Uint8Array} */ (this.store.buffers.map);
    const winner = /** @type {Uint8Array | undefined} */ (this.store.buffers.winner);
    const size = Math.round(Math.sqrt(field.length));
    if (map.kind === 'classes' && winner) this.paintClasses(field, winner, size);
    else paintTile(this.field, field, { kind: 'map', width: size, height: size }, [map.lo, map.hi], this.lut, this.palette);
    this.drawOver(field, winner, size);
    if (this.note.textContent !== (map.note ?? '')) this.note.textContent = map.note ?? '';
  }

  /** @param {Uint8Array} sure @param {Uint8Array} winner @param {number} size */
  paintClasses(sure, winner, size) {
    const classes = this.store.data.classes?.length ?? 2;
    const neutral = parseColour(this.palette.neutral);
    const colours = Array.from({ length: classes }, (_, k) => parseColour(classColour(this.palette, k, classes)));
    const mixed = colours.map((colour) => Uint32Array.from({ length: 32 }, (_, k) => pixel(mix(neutral, colour, 0.15 + (0.8 * k) / 31))));
    pixels(this.field, size, size, (out) => {
      for (let j = 0; j < size; j++) {
        for (let i = 0; i < size; i++) {
          const at = (size - 1 - j) * size + i;
          out[j * size + i] = mixed[winner[at] % classes][sure[at] >> 3];
        }
      }
    });
  }

  /** Borders, axes and rows, as sharp as the screen. @param {Uint8Array} field @param {Uint8Array | undefined} winner @param {number} size */
  drawOver(field, winner, size) {
    const side = this.box.clientWidth;
    const context = sharp(this.points, side, side);
    const [w, k] = [side - EDGE.left - EDGE.right, side - EDGE.top - EDGE.bottom];
    this.field.style.left = `${EDGE.left}px`;
    this.field.style.top = `${EDGE.top}px`;
    this.field.style.width = `${w}px`;
    this.field.style.height = `${k}px`;
    this.drawBorder(context, field, winner, size, w, k);
    this.drawAxes(context, side, w, k);
    this.drawRows(context);
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Uint8Array} field @param {Uint8Array | undefined} winner
   * @param {number} size @param {number} w @param {number} k
   */
  drawBorder(context, field, winner, size, w, k) {
    if (this.store.frame.map?.kind === 'number') return;
    const pieces = winner
      ? [...new Set(winner)].flatMap((c) => contour(Uint8Array.from(winner, (v) => (v === c ? 1 : 0)), size, 0.5))
      : contour(field, size, 127.5);
    context.strokeStyle = this.palette.ink;
    context.lineWidth = 1.4;
    context.beginPath();
    const [cw, ch] = [w / size, k / size];
    for (const [x0, y0, x1, y1] of pieces) {
      context.moveTo(EDGE.left + (x0 + 0.5) * cw, EDGE.top + k - (y0 + 0.5) * ch);
      context.lineTo(EDGE.left + (x1 + 0.5) * cw, EDGE.top + k - (y1 + 0.5) * ch);
    }
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} side @param {number} w @param {number} k */
  drawAxes(context, side, w, k) {
    const { range, names } = this.store.data;
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = this.palette.soft;
    context.textAlign = 'center';
    for (const value of ticks(range[0][0], range[0][1], 4)) context.fillText(short(value), this.at(value, 0, 0, side)[0], side - 10);
    context.textAlign = 'right';
    for (const value of ticks(range[1][0], range[1][1], 4)) context.fillText(short(value), EDGE.left - 4, this.at(0, value, 0, side)[1] + 4);
    context.fillStyle = this.palette.ink;
    if (names) {
      context.fillText(names[0], EDGE.left + w, side - 1 - 10);
      context.textAlign = 'left';
      context.fillText(names[1], 0, EDGE.top + 10);
    }
    context.strokeStyle = this.palette.line;
    context.lineWidth = 1;
    context.strokeRect(EDGE.left - 0.5, EDGE.top - 0.5, w + 1, k + 1);
  }

  /** Where a row lies. @param {number} x @param {number} y @param {number} _ @param {number} side */
  at(x, y, _, side) {
    const [[x0, x1], [y0, y1]] = this.store.data.range;
    const [w, k] = [side - EDGE.left - EDGE.right, side - EDGE.top - EDGE.bottom];
    return [EDGE.left + (w * (x - x0)) / (x1 - x0), EDGE.top + k - (k * (y - y0)) / (y1 - y0)];
  }

  /** @param {CanvasRenderingContext2D} context */
  drawRows(context) {
    const { px, py, pc, pn, ph } = this.store.points;
    const { data, frame } = this.store;
    if (!px) return;
    const classes = data.classes?.length ?? 0;
    const [low, high] = classes ? [0, 1] : extremes(pc);
    const side = this.box.clientWidth;
    const inks = Array.from({ length: classes }, (_, c) => `rgb(${mix(parseColour(classColour(this.palette, c, classes)), parseColour(this.palette.ink), 0.35)})`);
    const r = px.length > 400 ? 2.6 : px.length > 60 ? 3.4 : 5.5;
    for (let k = 0; k < px.length; k++) {
      const [x, y] = this.at(px[k], py[k], 0, side);
      mark(context, classes ? pc[k] : 0, x, y, r);
      context.fillStyle = classes ? inks[pc[k]] : hex(this.lut[shade(pc[k], low, high)]);
      context.fill();
      context.strokeStyle = ph?.[k] ? this.palette.ink : this.palette.paper;
      context.lineWidth = ph?.[k] ? 1.6 : 1.2;
      context.stroke();
      if (pn[k] !== frame.row) continue;
      context.beginPath();
      context.arc(x, y, r + 5, 0, 2 * Math.PI);
      context.strokeStyle = this.palette.mark;
      context.lineWidth = 2.5;
      context.stroke();
    }
  }

  /** @param {PointerEvent} event */
  pick(event) {
    const { px, py, pn } = this.store.points;
    if (!px) return;
    const box = this.points.getBoundingClientRect();
    let [best, found] = [14, -1];
    for (let k = 0; k < px.length; k++) {
      const [x, y] = this.at(px[k], py[k], 0, box.width);
      const away = Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y);
      if (away < best) [best, found] = [away, pn[k]];
    }
    if (found >= 0) this.does.row(found);
  }
}

/** @param {number} colour a pixel */
function hex(colour) {
  return `rgb(${colour & 255}, ${(colour >> 8) & 255}, ${(colour >> 16) & 255})`;
}

/** @param {Numbers} values @returns {[number, number]} */
export function extremes(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
