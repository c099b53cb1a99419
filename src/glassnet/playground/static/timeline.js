/** The loss over time, which is also the way back in time: a slider made of a curve. */

import { fill, h, sharp } from './dom.js';
import { axisEnd, count, format, logTicks, short, ticks } from './scales.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./scales.js').Palette} Palette */

const PAD = { left: 52, right: 14, top: 10, bottom: 20 };

export class TimelineView {
  /** @param {Store} store @param {{seek: (step: number) => void, branch: (k: number) => void}} does */
  constructor(store, does) {
    this.store = store;
    this.does = does;
    /** @type {Palette} */ this.palette = {};
    this.log = true;
    /** @type {number | null} */ this.cross = null;
    this.dragging = false;
    this.range = { end: 10, low: 0, high: 1 };
    this.canvas = h('canvas', { 'aria-hidden': 'true' });
    this.slider = h('div.slider', {
      role: 'slider', tabindex: 0, 'data-key': 'timeline', 'aria-label': S.timelineName, 'aria-valuemin': 0, 'aria-valuemax': 0, 'aria-valuenow': 0,
    }, this.canvas);
    this.tip = h('div.tip', { hidden: true, 'aria-hidden': 'true' });
    this.scale = h('button.small', { type: 'button', 'data-key': 'log', 'aria-pressed': 'true', title: S.logHelp }, S.log);
    this.branches = h('div.branches');
    this.plot = h('div.plot', null, this.slider, this.tip);
    this.element = h('div.timeline', null, this.plot);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.slider);
  }

  listen() {
    this.scale.onclick = () => {
      this.log = !this.log;
      this.scale.setAttribute('aria-pressed', this.log);
      this.draw();
    };
    const { slider } = this;
    slider.onpointerdown = (/** @type {PointerEvent} */ event) => {
      if (event.button) return;
      slider.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.does.seek(this.stepAt(event));
    };
    slider.onpointermove = (/** @type {PointerEvent} */ event) => {
      this.cross = this.stepAt(event);
      if (this.dragging) this.does.seek(this.cross);
      this.draw();
    };
    slider.onpointerup = slider.onpointercancel = () => (this.dragging = false);
    slider.onpointerleave = () => {
      this.cross = null;
      this.draw();
    };
    slider.onkeydown = (/** @type {KeyboardEvent} */ event) => this.key(event);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { frame } = this.store;
    if (!frame || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? 10 : 1;
    const epoch = frame.batches || 1;
    /** @type {Record<string, number>} */
    const to = {
      ArrowLeft: frame.step - by, ArrowDown: frame.step - by, ArrowRight: frame.step + by, ArrowUp: frame.step + by,
      PageUp: frame.step + epoch, PageDown: frame.step - epoch, Home: 0, End: frame.last,
    };
    if (!(event.key in to)) return;
    event.preventDefault();
    event.stopPropagation();
    this.does.seek(Math.max(0, Math.min(frame.last, to[event.key])));
  }

  /** @param {PointerEvent} event */
  stepAt(event) {
    const box = this.slider.getBoundingClientRect();
    const share = (event.clientX - box.left - PAD.left) / (box.width - PAD.left - PAD.right);
    return Math.round(Math.max(0, Math.min(this.store.frame?.last ?? 0, share * this.range.end)));
  }

  /** What the axes must reach. */
  measure() {
    const { curve, ghosts, frame } = this.store;
    let [low, high, last] = [Infinity, -Infinity, frame.last ?? frame.step];
    const see = (/** @type {ArrayLike<number>} */ values, /** @type {number} */ n) => {
      for (let k = 0; k < n; k++) {
        const v = values[k];
        if (!Number.isFinite(v) || (this.log && v <= 0)) continue;
        if (v < low) low = v;
        if (v > high) high = v;
      }
    };
    see(curve.loss, curve.length);
    see(curve.val, curve.length);
    for (const ghost of ghosts.values()) {
      see(ghost.loss, ghost.loss.length);
      last = Math.max(last, ghost.x[ghost.x.length - 1] ?? 0);
    }
    if (!(high >= low)) [low, high] = this.log ? [0.1, 1] : [0, 1];
    if (this.log) [low, high] = [Math.max(low / 1.3, high * 1e-12), high * 1.3];
    else [low, high] = [Math.min(0, low), high * 1.06 || 1];
    this.range = { end: axisEnd(last), low, high };
  }

  draw() {
    const { frame, curve } = this.store;
    const [width, height] = [this.slider.clientWidth, this.slider.clientHeight];
    if (!frame || !width) return;
    this.measure();
    const context = sharp(this.canvas, width, height);
    const { range, palette } = this;
    const [w, k] = [width - PAD.left - PAD.right, height - PAD.top - PAD.bottom];
    const x = (/** @type {number} */ step) => PAD.left + (w * step) / range.end;
    const y = (/** @type {number} */ loss) => {
      const share = this.log
        ? Math.log(Math.max(loss, range.low) / range.low) / Math.log(range.high / range.low)
        : (loss - range.low) / (range.high - range.low);
      return PAD.top + k * (1 - Math.max(0, Math.min(1, share)));
    };
    this.drawGrid(context, width, height, x, y);
    for (const ghost of this.store.ghosts.values()) this.line(context, ghost.x, ghost.loss, 0, ghost.loss.length, x, y, palette.ghost, 1.2, []);
    const now = Math.min(curve.before(frame.step) + 1, curve.length);
    context.globalAlpha = 0.35;
    this.line(context, curve.x, curve.loss, Math.max(0, now - 1), curve.length, x, y, palette.ink, 1.5, []);
    context.globalAlpha = 1;
    this.line(context, curve.valX, curve.val, 0, now, x, y, palette['neg-ink'], 1.6, [5, 3]);
    this.line(context, curve.x, curve.loss, 0, now, x, y, palette.ink, 2, []);
    this.drawFlags(context, x, height);
    this.drawPlayhead(context, x(frame.step), height);
    if (!curve.length) {
      context.fillStyle = palette.soft;
      context.font = '13px system-ui, sans-serif';
      context.textAlign = 'center';
      context.fillText(S.nothingYet, PAD.left + w / 2, PAD.top + k / 2);
    }
    this.drawCross(context, x, y, height);
    this.speak();
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height
   * @param {(v: number) => number} x @param {(v: number) => number} y
   */
  drawGrid(context, width, height, x, y) {
    const { range, palette } = this;
    context.font = '11px system-ui, sans-serif';
    context.lineWidth = 1;
    context.strokeStyle = palette.line;
    context.fillStyle = palette.soft;
    context.textAlign = 'right';
    const levels = this.log ? logTicks(range.low, range.high) : ticks(range.low, range.high, 4);
    let lastY = Infinity;
    for (const value of levels) {
      const at = Math.round(y(value)) + 0.5;
      if (Math.abs(lastY - at) < 15) continue;
      lastY = at;
      context.beginPath();
      context.moveTo(PAD.left, at);
      context.lineTo(width - PAD.right, at);
      context.stroke();
      context.fillText(short(value), PAD.left - 7, at + 4);
    }
    for (const step of ticks(0, range.end, Math.max(2, Math.floor(width / 110)))) {
      context.textAlign = step === 0 ? 'left' : step >= range.end ? 'right' : 'center';
      context.fillText(count(step), x(step), height - 4);
    }
  }

  /**
   * A curve; where points are nearer than pixels, the least and the largest of each pixel.
   * @param {CanvasRenderingContext2D} context @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys
   * @param {number} from @param {number} to @param {(v: number) => number} x @param {(v: number) => number} y
   * @param {string} colour @param {number} wide @param {number[]} dash
   */
  line(context, xs, ys, from, to, x, y, colour, wide, dash) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.lineJoin = 'round';
    context.setLineDash(dash);
    context.beginPath();
    let [pixel, low, high] = [-1, Infinity, -Infinity];
    const flush = () => {
      if (pixel < 0) return;
      context.lineTo(pixel, y(high));
      if (low !== high) context.lineTo(pixel, y(low));
    };
    for (let k = from; k < to; k++) {
      if (!Number.isFinite(ys[k])) continue;
      const at = Math.round(x(xs[k]) * 2) / 2;
      if (at !== pixel) {
        flush();
        [pixel, low, high] = [at, ys[k], ys[k]];
      } else if (ys[k] < low) low = ys[k];
      else if (ys[k] > high) high = ys[k];
    }
    flush();
    context.stroke();
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {(v: number) => number} x @param {number} height */
  drawFlags(context, x, height) {
    context.font = '11px system-ui, sans-serif';
    context.textAlign = 'left';
    let [row, right] = [0, -Infinity];
    for (const flag of this.store.frame.flags ?? []) {
      const at = x(flag.step);
      row = at < right ? row + 1 : 0;
      context.strokeStyle = this.palette.warn;
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(at, PAD.top);
      context.lineTo(at, height - PAD.bottom);
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = this.palette.warn;
      const wide = context.measureText(flag.text).width;
      const left = Math.min(at + 4, this.slider.clientWidth - wide - 4);
      if (row < 4) context.fillText(flag.text, left, PAD.top + 10 + 13 * row);
      right = Math.max(right, left + wide + 6);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {number} at @param {number} height */
  drawPlayhead(context, at, height) {
    context.strokeStyle = context.fillStyle = this.palette.mark;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(at, PAD.top - 4);
    context.lineTo(at, height - PAD.bottom + 3);
    context.stroke();
    context.beginPath();
    context.arc(at, PAD.top - 4, 4.5, 0, 2 * Math.PI);
    context.fill();
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {(v: number) => number} x @param {(v: number) => number} y @param {number} height
   */
  drawCross(context, x, y, height) {
    const { curve } = this.store;
    const at = this.cross === null ? -1 : curve.before(this.cross);
    this.tip.hidden = at < 0;
    if (at < 0) return;
    const [step, loss, val] = [curve.x[at], curve.loss[at], curve.val[at]];
    context.strokeStyle = this.palette.soft;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x(step), PAD.top);
    context.lineTo(x(step), height - PAD.bottom);
    context.stroke();
    context.fillStyle = this.palette.ink;
    context.beginPath();
    context.arc(x(step), y(loss), 3, 0, 2 * Math.PI);
    context.fill();
    this.tip.textContent = `${S.step} ${count(step)} · ${S.loss} ${format(loss)}${Number.isFinite(val) ? ` · ${S.heldOutLoss} ${format(val)}` : ''}`;
    const left = Math.min(x(step) + 8, this.slider.clientWidth - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
  }

  /** For those who do not see the curve. */
  speak() {
    const { frame } = this.store;
    const { slider } = this;
    slider.setAttribute('aria-valuemax', frame.last ?? frame.step);
    slider.setAttribute('aria-valuenow', frame.step);
    slider.setAttribute('aria-valuetext', `${S.step} ${frame.step}, ${S.loss} ${frame.texts?.loss ?? format(frame.loss)}`);
  }

  /** The runs that were left. */
  list() {
    const { frame } = this.store;
    const others = (frame?.branches ?? []).filter((b) => b.k !== frame.branch);
    this.branches.hidden = !others.length;
    fill(this.branches, others.length > 0 && h('span.quiet', null, S.branches), others.map((b) =>
      h('button.small', { type: 'button', 'data-key': `branch-${b.k}`, title: S.branchBack, onclick: () => this.does.branch(b.k) },
        S.branch(b.k, b.from_step, b.last_step))));
  }
}
