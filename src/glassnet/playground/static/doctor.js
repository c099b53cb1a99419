/** Two questions about the network as it is, answered by Python: why does it not learn, and would another seed? */

import { fill, h, sharp } from './dom.js';
import { format, logTicks, short } from './scales.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./driver.js').Driver} Driver */
/** @typedef {import('./scales.js').Palette} Palette */
/** @typedef {{x: ArrayLike<number>, loss: ArrayLike<number>, colour: string, wide: number, alpha: number}} Line */

const SEEDS = 200;

export class DoctorView {
  /** @param {Store} store @param {Driver} driver @param {{set: (changes: Record<string, any>) => void}} does */
  constructor(store, driver, does) {
    this.store = store;
    this.driver = driver;
    this.does = does;
    /** @type {Palette} */ this.palette = {};
    /** @type {(() => Line[]) | null} */ this.lines = null;
    this.canvas = h('canvas.curves', { role: 'img', 'data-key': 'answer-curves' });
    this.words = h('div');
    this.title = h('h2', { tabindex: -1, 'data-key': 'answer-title' });
    this.element = h('section.panel.answer', { hidden: true, 'data-panel': 'answer', 'aria-label': S.answer },
      h('div.panel-head', null, this.title, h('button.square.bare', { type: 'button', 'data-key': 'answer-close', 'aria-label': S.close, onclick: () => this.close() }, '×')),
      this.canvas, this.words);
    this.buttons = [
      h('button.small', { type: 'button', 'data-key': 'diagnose', title: S.whyHelp, onclick: () => this.ask('diagnose') }, S.why, h('span.hint', null, S.whyHelp)),
      h('button.small', { type: 'button', 'data-key': 'lottery', title: S.seedsHelp, onclick: () => this.ask('lottery') }, S.seeds, h('span.hint', null, S.seedsHelp)),
    ];
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  close() {
    this.element.hidden = true;
    this.lines = null;
  }

  /** @param {"diagnose" | "lottery"} op */
  async ask(op) {
    if (this.driver.training) await this.driver.pause();
    this.lines = null;
    this.element.hidden = false;
    this.element.dataset.answer = 'working';
    this.title.textContent = S.working;
    this.canvas.hidden = true;
    fill(this.words);
    this.title.focus();
    const reply = await this.driver.ask(op === 'lottery' ? { op, seeds: SEEDS } : { op });
    if (!reply) return this.close();
    const { answer } = reply.header;
    this.element.dataset.answer = op;
    this.title.textContent = answer.title;
    this.lines = op === 'lottery' ? () => this.lottery(reply.buffers, answer) : () => this.cure(reply.buffers);
    fill(this.words, op === 'lottery' ? this.odds(answer) : this.verdict(answer));
    this.canvas.hidden = !this.lines().length;
    this.canvas.setAttribute('aria-label', answer.title);
    this.element.scrollIntoView({ block: 'nearest' });
    this.draw();
  }

  /** @param {import('./protocol.js').Lottery} answer */
  odds(answer) {
    return [
      h('p.keys-of', null, h('span.key-line'), S.learnt, h('span.key-line.minus'), S.notLearnt, answer.mine >= 0 && [h('span.key-line.mark'), S.mine]),
      [...answer.ends, ...answer.odds].map((line) => h('p.evidence', null, line)), h('p.quiet', null, answer.counts_as_learnt), answer.note && h('p.quiet', null, answer.note),
    ].flat();
  }

  /** @param {import('./protocol.js').Diagnosis} answer */
  verdict(answer) {
    return [
      [...answer.said, answer.standing].filter(Boolean).map((line) => h('p', null, line)),
      answer.remedy && h('div.remedy', { 'data-key': 'remedy' }, h('p', null, answer.remedy.text), h('button', { type: 'button', 'data-key': 'apply', onclick: () => this.does.set(answer.remedy?.changes ?? {}) }, S.apply)),
      this.lines?.().length ? h('p.keys-of', null, h('span.key-line.minus'), S.before, h('span.key-line'), S.after) : null,
      answer.proof.map((line) => h('p.evidence', null, line)),
      answer.causes.map((cause) => h('div.cause', { 'data-cause': cause.name }, h('h4', null, cause.name), cause.evidence.map((line) => h('p.evidence', null, line)), h('p', null, cause.why), cause.change && h('p', null, cause.change))),
      [...answer.ends, ...answer.notes].map((line) => h('p.quiet', null, line)),
    ].flat();
  }

  /** @param {Record<string, any>} buffers @param {import('./protocol.js').Lottery} answer @returns {Line[]} */
  lottery({ lot_x: x, lot_loss: loss, lot_learnt: learnt }, { mine }) {
    if (!x?.length) return [];
    const order = Array.from(learnt, (_, k) => k).sort((a, b) => Number(a === mine) - Number(b === mine));
    return order.map((k) => ({
      x, loss: loss.subarray(k * x.length, (k + 1) * x.length),
      colour: k === mine ? 'mark' : learnt[k] ? 'pos-ink' : 'neg-ink', wide: k === mine ? 2.5 : 1, alpha: k === mine ? 1 : 0.3,
    }));
  }

  /** Pairs of epoch and loss, with a gap between two runs. @param {Record<string, any>} buffers @returns {Line[]} */
  cure({ cure_before: before, cure_after: after }) {
    const line = (/** @type {Float32Array} */ pairs, /** @type {string} */ colour) => ({
      x: pairs.filter((_, k) => k % 2 === 0), loss: pairs.filter((_, k) => k % 2 === 1), colour, wide: 1.5, alpha: 0.8,
    });
    return [...(before?.length ? [line(before, 'neg-ink')] : []), ...(after?.length ? [line(after, 'pos-ink')] : [])];
  }

  draw() {
    const lines = this.lines?.() ?? [];
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    if (!lines.length || !width) return;
    const context = sharp(this.canvas, width, height);
    let [low, high, last] = [Infinity, 0, 1];
    for (const { x, loss } of lines) {
      for (let k = 0; k < loss.length; k++) {
        if (!(loss[k] > 0) || !Number.isFinite(loss[k])) continue;
        [low, high] = [Math.min(low, loss[k]), Math.max(high, loss[k])];
      }
      for (let k = 0; k < x.length; k++) if (x[k] > last) last = x[k];
    }
    if (!(high > 0)) return;
    [low, high] = [Math.max(low, high * 1e-10) / 1.2, high * 1.2];
    const [left, bottom] = [46, 18];
    const px = (/** @type {number} */ v) => left + ((width - left - 4) * v) / last;
    const py = (/** @type {number} */ v) => 4 + (height - bottom - 4) * (1 - Math.log(Math.max(v, low) / low) / Math.log(high / low));
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = this.palette.soft;
    context.strokeStyle = this.palette.line;
    context.textAlign = 'right';
    for (const value of logTicks(low, high)) {
      context.beginPath();
      context.moveTo(left, py(value));
      context.lineTo(width, py(value));
      context.stroke();
      context.fillText(short(value), left - 5, py(value) + 4);
    }
    context.fillText(`${S.epochs} ${format(last, 6)}`, width - 2, height - 3);
    for (const { x, loss, colour, wide, alpha } of lines) {
      context.strokeStyle = this.palette[colour];
      context.lineWidth = wide;
      context.globalAlpha = alpha;
      context.beginPath();
      for (let k = 0; k < loss.length; k++) {
        if (!Number.isFinite(loss[k])) continue;
        if (Number.isFinite(loss[k - 1])) context.lineTo(px(x[k]), py(loss[k]));
        else context.moveTo(px(x[k]), py(loss[k]));
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}
