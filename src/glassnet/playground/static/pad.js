/** A pad to draw on, for networks that learn from pictures. */

import { fill, h } from './dom.js';
import { paintImage } from './maps.js';
import { bars } from './output.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./driver.js').Driver} Driver */

export class PadView {
  /** @param {Store} store @param {Driver} driver */
  constructor(store, driver) {
    this.store = store;
    this.driver = driver;
    /** @type {import('./scales.js').Palette} */ this.palette = {};
    this.values = new Float32Array(0);
    this.drawing = false;
    this.canvas = h('canvas.pad', { 'data-key': 'pad', role: 'img', 'aria-label': S.padHelp });
    this.answer = h('div', { 'data-key': 'pad-answer', 'aria-live': 'polite' });
    this.said = h('p.said-text', { 'data-key': 'pad-said' });
    this.element = h('section.panel', { 'data-panel': 'pad', hidden: true, 'aria-label': S.pad }, h('h2', null, S.pad),
      h('div.pad-frame', null, this.canvas, h('div.pad-side', null, this.said, this.answer,
        h('div.actions', null, h('button.small', { type: 'button', 'data-key': 'pad-clear', onclick: () => this.clear() }, S.padClear),
          h('button.small', { type: 'button', 'data-key': 'pad-row', onclick: () => this.fromRow() }, S.padRow)))),
      h('p.hint', null, S.padHelp));
    const { canvas } = this;
    canvas.onpointerdown = (/** @type {PointerEvent} */ event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drawing = true;
      this.stroke(event);
    };
    canvas.onpointermove = (/** @type {PointerEvent} */ event) => this.drawing && this.stroke(event);
    canvas.onpointerup = canvas.onpointercancel = () => (this.drawing = false);
    store.on('data', () => this.reset());
  }

  get shape() {
    return /** @type {[number, number] | null} */ (this.store.data?.image ?? null);
  }

  reset() {
    this.element.hidden = !this.shape;
    if (!this.shape) return;
    this.values = new Float32Array(this.shape[0] * this.shape[1]);
    this.paint();
    fill(this.answer);
    this.said.textContent = S.padHelp;
  }

  paint() {
    if (this.shape) paintImage(this.canvas, this.values.map((v) => v * 255), this.shape, this.palette);
  }

  clear() {
    this.values.fill(0);
    this.paint();
    this.ask();
  }

  /** The picture of the row that is looked at, to draw on. */
  fromRow() {
    const { image } = this.store.buffers;
    if (image?.length !== this.values.length) return;
    this.values = Float32Array.from(image, (v) => v / 255);
    this.paint();
    this.ask();
  }

  /** A soft round brush. @param {PointerEvent} event */
  stroke(event) {
    if (!this.shape) return;
    const [height, width] = this.shape;
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const radius = Math.max(0.95, width / 14);
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++) {
        const ink = 1.35 - Math.hypot(i + 0.5 - x, j + 0.5 - y) / radius;
        if (ink > 0) this.values[j * width + i] = Math.max(this.values[j * width + i], Math.min(1, ink));
      }
    }
    this.paint();
    this.ask();
  }

  ask() {
    this.driver.aside('predict', async () => {
      const sent = this.values;
      const reply = await this.driver.ask({ op: 'predict' }, new Uint8Array(sent.slice().buffer));
      if (!reply) return;
      this.said.textContent = `${S.says} ${reply.header.said}`;
      fill(this.answer, bars(reply.header.outputs.map((/** @type {any} */ [name, text, p]) => [name, p, text]), null, true));
    });
  }

  /** Asks again where the network has changed and something is drawn. */
  again() {
    if (this.shape && this.values.some((v) => v > 0)) this.ask();
  }
}
