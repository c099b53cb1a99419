/** Fields of numbers as pictures: what a neuron answers, what the network answers, and the rows upon it. */

import { fill, h, put, select } from './dom.js';
import { sharp } from './plot.js';
import { classColour, contour, mark, mix, parseColour, pixel, short, ticks } from './scales.js';
import { S } from './strings.js';

/** Pixels into a canvas of just that many. @param {(out: Uint32Array) => void} fillIn */
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
  const side = 96;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  context.fillStyle = palette.neutral;
  context.fillRect(0, 0, side, side);
  const width = side / bins.length;
  bins.forEach((bin, k) => {
    context.fillStyle = low + ((high - low) * (k + 0.5)) / bins.length < 0 ? palette.neg : palette.pos;
    const tall = (bin / 255) * (side - 8);
    context.fillRect(k * width, side - tall, width - 0.6, tall);
  });
}

/** A picture that is an input, ink on paper: values 0 to 255. @param {Store} store @param {ArrayLike<number>} values */
export function paintImage({ palette, data }, canvas, values) {
  const [height, width] = /** @type {[number, number]} */ (data.image);
  const [paper, ink] = [parseColour(palette.paper), parseColour(palette.ink)];
  pixels(canvas, width, height, (out) => {
    for (let k = 0; k < out.length; k++) out[k] = pixel(mix(paper, ink, values[k] / 255));
  });
}

const LEFT = 34;
const BOTTOM = 20;
const MARGIN = 6; // above and to the right

/** The first and the last round number of an axis: its name stands between. */
function ends([low, high]) {
  const found = ticks(low, high, 3);
  return [...new Set([found[0], found[found.length - 1]])];
}

/** The decision map with the rows on it. @param {Store} store @param {Driver} driver */
export function mapView(store, driver) {
  const field = h('canvas.field#map', { 'aria-hidden': 'true' });
  const over = h('canvas.points#map-points', { role: 'img', 'aria-label': S.mapName, onclick: pick });
  const box = h('div.map', null, field, over);
  const axes = h('div.axes');
  const note = h('p.quiet');
  const element = h('div.map-frame#map-frame', null, box, axes, note);
  store.on('data', choose);
  new ResizeObserver(draw).observe(box);

  /** The two columns that the map stands on, to choose where there are more. */
  function choose() {
    const { axes: chosen, columns } = store.data;
    const choice = (label, key, at) => h('label.field-row', null, h('span', null, label), select(`#${key}`, {
      value: chosen?.[at], onchange: ({ target }) => driver.look({ columns: chosen?.map((old, k) => (k === at ? Number(target.value) : old)) }),
    }, columns.map((name, k) => [k, name])));
    fill(axes, ...(chosen && columns.length > 2 ? [choice(S.across, 'map-across', 0), choice(S.up, 'map-up', 1)] : []));
  }

  function draw() {
    const map = store.frame?.map;
    const { map: bytes, winner } = store.buffers;
    element.hidden = !map || !bytes || !store.data?.range;
    const side = box.clientWidth;
    if (element.hidden || !map || !side) return;
    const size = Math.round(Math.sqrt(bytes.length));
    const inner = side - LEFT - MARGIN;
    const tall = side - BOTTOM - MARGIN;
    if (winner) paintClasses(bytes, winner, size);
    else paintTile(store, field, bytes, { kind: 'map', width: size, height: size });
    put(field, { left: LEFT, top: MARGIN, width: inner, height: tall });
    const context = sharp(over, side, side);
    if (map.kind !== 'number') drawBorder(context, bytes, winner, size, inner, tall);
    drawAxes(context, side, inner, tall);
    drawRows(context);
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

  function drawBorder(context, bytes, winner, size, inner, tall) {
    const pieces = winner ? [...new Set(winner)].flatMap((c) => contour(winner.map((v) => Number(v === c)), size, 0.5)) : contour(bytes, size, 127.5);
    const x = (v) => LEFT + ((v + 0.5) * inner) / size;
    const y = (v) => MARGIN + tall - ((v + 0.5) * tall) / size;
    context.strokeStyle = store.palette.ink;
    context.lineWidth = 1.4;
    context.beginPath();
    for (const [x0, y0, x1, y1] of pieces) {
      context.moveTo(x(x0), y(y0));
      context.lineTo(x(x1), y(y1));
    }
    context.stroke();
  }

  function drawAxes(context, side, inner, tall) {
    const { range, names } = store.data;
    context.fillStyle = store.palette.soft;
    context.textAlign = 'center';
    for (const value of ends(range[0])) context.fillText(short(value), at(value, 0)[0], side - 6);
    context.textAlign = 'right';
    for (const value of ends(range[1])) context.fillText(short(value), LEFT - 4, at(0, value)[1] + 4);
    context.font = '600 12px system-ui, sans-serif';
    context.fillStyle = store.palette.ink;
    context.textAlign = 'center';
    context.fillText(names[0], LEFT + inner / 2, side - 6, inner * 0.7);
    context.save();
    context.translate(LEFT - 12, MARGIN + tall / 2);
    if (names[1].length > 2) context.rotate(-Math.PI / 2);
    context.fillText(names[1], 0, 4, tall * 0.7);
    context.restore();
    context.strokeStyle = store.palette.line;
    context.lineWidth = 1;
    context.strokeRect(LEFT - 0.5, MARGIN - 0.5, inner + 1, tall + 1);
  }

  /** Where a row lies. */
  function at(x, y) {
    const [[x0, x1], [y0, y1]] = store.data.range;
    const side = box.clientWidth;
    const tall = side - BOTTOM - MARGIN;
    return [LEFT + ((side - LEFT - MARGIN) * (x - x0)) / (x1 - x0), MARGIN + tall - (tall * (y - y0)) / (y1 - y0)];
  }

  function drawRows(context) {
    const { px, py, pc, pn, ph } = store.points;
    const { palette, lut, frame, data } = store;
    const classes = data.classes?.length ?? 0;
    const darker = (text) => `rgb(${mix(parseColour(text), parseColour(palette.ink), 0.35)})`;
    const colours = Array.from({ length: classes }, (_, k) => darker(classColour(palette, k, classes)));
    const { lo, hi } = /** @type {any} */ (frame.map);
    const shade = (v) => lut[Math.max(0, Math.min(255, Math.round((255 * (v - lo)) / (hi - lo))))];
    const r = px.length > 400 ? 2.4 : px.length > 60 ? 3 : 5.5;
    for (let k = 0; k < px.length; k++) {
      const [x, y] = at(px[k], py[k]);
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

  /** The row under the pointer becomes the one that is looked at. */
  function pick(event) {
    const { px, py, pn } = store.points;
    const bounds = over.getBoundingClientRect();
    let [best, found] = [14, -1];
    px?.forEach((_, k) => {
      const [x, y] = at(px[k], py[k]);
      const away = Math.hypot(event.clientX - bounds.left - x, event.clientY - bounds.top - y);
      if (away < best) [best, found] = [away, pn[k]];
    });
    if (found >= 0) driver.look({ row: found });
  }

  return { element, draw };
}
