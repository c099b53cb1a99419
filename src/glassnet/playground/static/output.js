/** What the network answers: for the row that is looked at, and for all of them. */

import { fill, h, sharp } from './dom.js';
import { count, short, ticks } from './scales.js';
import { extremes, MapView } from './maps.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./scales.js').Palette} Palette */

const MOST_CLASSES = 20;

/**
 * Probabilities, or numbers, as bars.
 * @param {[string, number, string][]} outputs @param {string | null} target @param {boolean} shares whether they are probabilities
 */
export function bars(outputs, target, shares) {
  const most = shares ? 1 : Math.max(...outputs.map(([, p]) => Math.abs(p)), 1e-300);
  return h('div.bars', null, outputs.slice(0, MOST_CLASSES).map(([name, p, text]) => {
    const fillIn = h('i', { class: p < 0 ? 'minus' : 'plus' });
    fillIn.style.width = `${(100 * Math.abs(p)) / most}%`;
    return h('div.bar-row', { 'data-class': name, class: name === target ? 'bar-row is-target' : 'bar-row' },
      h('span.bar-name', { title: name }, name), h('span.bar-track', { 'aria-hidden': 'true' }, fillIn), h('span.bar-text', null, text));
  }));
}

export class OutputView {
  /** @param {Store} store @param {{row: (n: number) => void, axes: (columns: number[]) => void}} does */
  constructor(store, does) {
    this.store = store;
    /** @type {Palette} */ this.palette = {};
    this.map = new MapView(store, does);
    this.said = h('div.said');
    this.scatter = h('canvas.scatter', { role: 'img', 'aria-label': S.scatterName, 'data-key': 'scatter' });
    this.scatterBox = h('div.scatter-frame', { hidden: true }, h('h4', null, S.scatter), this.scatter);
    this.confusion = h('details.confusion-frame', { 'data-key': 'confusion' });
    store.on('data', () => (this.confusion.open = (store.data.classes?.length ?? 0) > 2));
    this.element = h('div.output', null, this.said, this.map.element, this.scatterBox, this.confusion);
    new ResizeObserver(() => this.drawScatter()).observe(this.scatterBox);
  }

  draw() {
    this.map.draw();
    this.drawSaid();
    this.drawScatter();
  }

  drawSaid() {
    const { frame, data } = this.store;
    const shares = Boolean(data?.classes);
    fill(this.said,
      frame.outputs?.length > 0 && bars(frame.outputs, frame.target, shares),
      frame.target !== null && frame.target !== undefined && h('p.facts', null,
        h('span', null, `${frame.row_name} · ${S.says} `, h('b', { 'data-key': 'said' }, frame.said)),
        h('span', null, `${S.target} `, h('b', { 'data-key': 'target' }, frame.target),
          frame.right !== null && h('span', { class: frame.right ? 'is-right' : 'is-wrong' }, ` ${frame.right ? S.right : S.wrong}`)),
        h('span', null, `${S.rowLoss} `, h('b', { 'data-key': 'row-loss' }, frame.row_loss_text))));
  }

  drawScatter() {
    const { truth, predicted } = this.store.buffers;
    this.scatterBox.hidden = !truth?.length;
    if (!truth?.length || !this.scatter.clientWidth) return;
    const side = this.scatter.clientWidth;
    const tall = this.scatter.clientHeight;
    const context = sharp(this.scatter, side, tall);
    const [a, b] = [extremes(truth), extremes(predicted)];
    const [low, high] = [Math.min(a[0], b[0]), Math.max(a[1], b[1]) || 1];
    const pad = { left: 44, right: 8, top: 8, bottom: 32 };
    const x = (/** @type {number} */ v) => pad.left + ((side - pad.left - pad.right) * (v - low)) / (high - low || 1);
    const y = (/** @type {number} */ v) => tall - pad.bottom - ((tall - pad.top - pad.bottom) * (v - low)) / (high - low || 1);
    context.font = '11px system-ui, sans-serif';
    context.strokeStyle = this.palette.line;
    context.fillStyle = this.palette.soft;
    for (const value of ticks(low, high, 4)) {
      context.beginPath();
      context.moveTo(pad.left, y(value));
      context.lineTo(side - pad.right, y(value));
      context.stroke();
      context.textAlign = 'right';
      context.fillText(short(value), pad.left - 5, y(value) + 4);
      context.textAlign = 'center';
      context.fillText(short(value), x(value), tall - pad.bottom + 13);
    }
    context.fillText(S.truth, (side + pad.left) / 2, tall - 4);
    context.strokeStyle = this.palette.soft;
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(x(low), y(low));
    context.lineTo(x(high), y(high));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = this.palette['pos-ink'];
    context.globalAlpha = 0.6;
    for (let k = 0; k < truth.length; k++) {
      context.beginPath();
      context.arc(x(truth[k]), y(predicted[k]), 2.6, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  /** Counts by class: drawn less often than the rest. */
  drawConfusion() {
    const { confusion } = this.store.frame;
    this.confusion.hidden = !confusion;
    if (!confusion) return;
    const { labels, counts, of } = confusion;
    const most = Math.max(1, ...counts.flat());
    fill(this.confusion, h('summary', null, `${S.confusion} · ${of}`), h('div.scroll-x', { tabindex: 0, role: 'group', 'aria-label': S.confusion }, h('table.confusion', null,
      h('thead', null, h('tr', null, h('td'), labels.map((name) => h('th', { scope: 'col', title: name }, name)))),
      h('tbody', null, counts.map((row, i) => h('tr', null, h('th', { scope: 'row', title: labels[i] }, labels[i]),
        row.map((n, j) => {
          const cell = h('td', { class: n ? (i === j ? 'hit' : 'miss') : 'none' }, count(n));
          cell.style.setProperty('--share', `${n ? Math.round(12 + (68 * n) / most) : 0}%`);
          return cell;
        })))))));
  }

  /** @param {Palette} palette @param {Uint32Array} lut */
  setColours(palette, lut) {
    this.palette = palette;
    Object.assign(this.map, { palette, lut });
  }
}
