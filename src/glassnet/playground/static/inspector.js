/** The arithmetic of a neuron, a weight or a phase, as Python explains it; weights can be typed over. */

import { fill, h } from './dom.js';
import { parse, short } from './scales.js';
import { weightKey } from './state.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./protocol.js').Line} Line */
/** @typedef {import('./protocol.js').Weight} Weight */

export class InspectorView {
  /**
   * @param {Store} store @param {import('./driver.js').Driver} driver
   * @param {{select: (question: Store['question']) => void, heat: (hot: Store['hot']) => void}} does
   */
  constructor(store, driver, does) {
    this.store = store;
    this.driver = driver;
    this.does = does;
    this.all = false;
    /** @type {import('./protocol.js').Explanation | null} */ this.shown = null;
    /** @type {Map<string, string>} */ this.full = new Map(); // weights with all their digits
    this.key = '';
    /** @type {string[]} */ this.phases = [];
    this.element = h('div.inspector', { 'data-key': 'inspector' });
    this.ribbon = h('div.ribbon', { role: 'group', 'aria-label': S.phases });
    store.on('select', () => this.change());
    store.on('topology', () => this.askPhases());
    store.on('hot', () => this.heat());
  }

  change() {
    const { question } = this.store;
    this.all = false;
    if (!question) this.shown = null;
    if (!question || !('phase' in question)) this.store.lit = null;
    this.render();
    this.ask();
  }

  /** Asks for the explanation of what is open, unless that is what is shown. */
  ask() {
    const { question, frame } = this.store;
    if (!question || !frame) return;
    const key = JSON.stringify([question, frame.rev, frame.step, frame.branch, frame.row, frame.cursor, this.all, this.driver.view.digits]);
    if (key === this.key) return;
    this.driver.aside('explain', async () => {
      if (this.store.question !== question) return;
      const reply = await this.driver.ask({ op: 'explain', what: question, row: this.store.frame.row, all: this.all });
      if (!reply || this.store.question !== question) return;
      this.key = key;
      this.take(reply.header);
    });
  }

  /** @param {any} header */
  take(header) {
    this.shown = header.explanation;
    if (header.phases) this.phases = header.phases;
    this.full = new Map((header.weights ?? []).map((/** @type {{weight: Weight, value: string}} */ w) => [weightKey(...w.weight), w.value]));
    const lit = header.lit ?? null;
    if (JSON.stringify(lit) !== JSON.stringify(this.store.lit)) {
      this.store.lit = lit;
      this.store.tell('lit');
    }
    this.render();
  }

  /** The names of the phases of a batch, once for each network. */
  askPhases() {
    this.key = '';
    this.driver.aside('phases', async () => {
      const reply = await this.driver.ask({ op: 'explain', what: { phase: 0 }, row: this.store.frame.row, all: false });
      this.phases = reply?.header.phases ?? [];
      this.drawRibbon();
    });
  }

  /** The phase that is open, or -1. */
  get phase() {
    const { question } = this.store;
    return question && 'phase' in question ? question.phase : -1;
  }

  drawRibbon() {
    fill(this.ribbon, this.phases.map((title, k) => h('button.phase', {
      type: 'button', 'data-key': `phase-${k}`, 'aria-pressed': String(k === this.phase), onclick: () => this.does.select(k === this.phase ? null : { phase: k }),
    }, title.split(', ').map((part) => h('span', null, part)))));
  }

  /** The next phase of the batch; after the last one, the next batch. */
  async nextPhase() {
    const next = (this.phase + 1) % Math.max(1, this.phases.length);
    if (this.phase >= 0 && next === 0) {
      const reply = await this.driver.ask({ op: 'step', unit: 'batch', n: 1, budget_ms: 250 });
      if (reply) this.driver.show(reply);
    }
    this.does.select({ phase: next });
  }

  render() {
    this.drawRibbon();
    const { shown } = this;
    if (!shown) return fill(this.element, h('p.quiet.empty', null, S.inspectorEmpty));
    fill(this.element, h('h3.subject', { 'data-key': 'subject' }, shown.title), shown.notes.map((note) => h('p.note', null, note)),
      shown.sections.map((section) => h('section.part', { 'data-section': section.title },
        h('h4', null, section.title), section.note && h('p.note', null, section.note), section.entries.map((entry) => this.entry(entry)))),
      h('p.hint', null, S.editHelp));
    this.heat();
  }

  /** @param {import('./protocol.js').Entry} entry */
  entry(entry) {
    return h('div.entry', null,
      entry.name && h('p.entry-name', null, h('b', null, entry.name, entry.formula && ` = ${entry.formula}`)),
      entry.reason && h('p.why', null, entry.reason),
      entry.grid && (entry.name ? this.grid(entry.grid) : h('details', null, h('summary', null, S.everyRow(entry.grid.columns.join(', '))), this.grid(entry.grid))),
      entry.lines.map((line) => this.line(line)),
      entry.note && h('p.note', null, entry.note));
  }

  /** @param {import('./protocol.js').Grid} grid */
  grid(grid) {
    return h('div.scroll-x', { tabindex: 0, role: 'group', 'aria-label': grid.columns.join(', ') }, h('table.numbers', null,
      h('thead', null, h('tr', null, h('td'), grid.columns.map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', null, grid.rows.map((row) => h('tr', null, h('th', { scope: 'row' }, row.label), row.cells.map((cell) => h('td', null, cell)))))),
    grid.left_out && h('p.note', null, grid.left_out));
  }

  /** One number and where it comes from. @param {Line} line @returns {HTMLElement} */
  line(line) {
    const asTable = line.sum?.terms.some((term) => term.label);
    return h('div.calc', { 'data-name': line.name },
      line.reason && h('p.why', null, line.reason), line.said && h('p.why', null, line.said),
      asTable ? this.sum(line) : this.plain(line),
      line.wheres.map((where) => h('div.where', null, this.line(where))));
  }

  /** @param {Line} line */
  plain(line) {
    const sums = line.sum && line.sum.terms.length > 1 ? line.sum.terms.map((term, k) => (k ? (term.negative ? ' − ' : ' + ') : '') + term.text).join('') : '';
    const rows = [line.formula, line.numbers, sums].filter((text) => text && text !== line.text);
    const arrow = line.assigns ? '←' : '=';
    return h('div.steps', null, h('span.lhs', null, line.name), h('div.rhs', null,
      rows.map((text, k) => h('div', null, h('span.eq', null, k ? '=' : arrow), text)),
      h('div.result', null, h('span.eq', null, line.about ? '≈' : rows.length ? '=' : arrow), h('b', null, line.text))));
  }

  /** A sum with a row for each of its terms; they add up to the last row. @param {Line} line */
  sum(line) {
    const { terms, others, others_text: othersText, about } = /** @type {import('./protocol.js').Sum} */ (line.sum);
    const weighed = terms.some((term) => term.factors.some((factor) => factor.weight));
    const most = Math.max(...terms.map((term) => Math.abs(term.value ?? 0)), 1e-300);
    return h('div.scroll-x', null, h('table.terms', null,
      h('caption', null, h('span.formula', null, `${line.name} = ${line.formula}`)),
      h('thead', null, h('tr', null, h('td'), [S.value, weighed ? S.weight : '', S.product].map((name) => h('th', { scope: 'col' }, name)), h('td.bar'))),
      h('tbody', null, terms.map((term, k) => this.term(term, k, most)),
        others > 0 && h('tr.others', { 'data-term': 'others' }, h('th', { scope: 'row', colspan: 3 }, S.others(others), ' ',
          h('button.small', { type: 'button', 'data-key': 'all-terms', onclick: () => this.showAll() }, S.allTerms)),
        h('td', null, othersText), h('td.bar'))),
      h('tfoot', null, h('tr', { 'data-term': 'total' }, h('th', { scope: 'row', colspan: 3 }, line.name),
        h('td', null, line.about || about ? '≈ ' : '= ', line.text), h('td.bar')))));
  }

  /** @param {import('./protocol.js').Term} term @param {number} k @param {number} most */
  term(term, k, most) {
    const own = term.factors.find((factor) => factor.weight);
    const key = own?.weight && weightKey(...own.weight);
    const rest = term.factors.filter((factor) => factor !== own).map((factor) => (factor.divides ? '÷ ' : '') + factor.text).join(' × ');
    const value = (term.negative ? -1 : 1) * (term.value ?? 0);
    const bar = h('i', { class: value < 0 ? 'minus' : 'plus' });
    bar.style.width = `${(50 * Math.abs(value)) / most}%`;
    const heat = key ? () => this.does.heat({ weight: key }) : undefined;
    const cool = key ? () => this.does.heat(null) : undefined;
    return h('tr', { 'data-term': term.label || k, 'data-weight': key, 'data-value': term.value, onpointerenter: heat, onpointerleave: cool },
      h('th', { scope: 'row' }, own?.weight && own.weight[1].length > 1
        ? h('button.link', { type: 'button', title: own.name, onfocus: heat, onblur: cool, onclick: () => this.does.select({ weight: /** @type {Weight} */ (own.weight) }) }, term.label || own.name)
        : term.label || own?.name || rest),
      h('td', null, rest),
      h('td', null, own?.weight && key && this.editor(own.weight, own.text, key, term.label)),
      h('td', null, (term.negative ? '−' : '') + term.text),
      h('td.bar', { 'aria-hidden': 'true' }, bar));
  }

  /** A weight to type over. @param {Weight} weight @param {string} text @param {string} key @param {string} label */
  editor([name, index], text, key, label) {
    const leave = (/** @type {HTMLInputElement} */ input) => {
      input.value = input.dataset.was ?? '';
      this.does.heat(null);
    };
    return h('input.poke', {
      type: 'text', inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false', value: text, 'data-was': text,
      'data-poke': key, 'aria-label': `${S.weight} ${label} ${key}`, title: `${this.full.get(key) ?? text}\n${S.editHelp}`,
      onfocus: ({ target }) => {
        this.does.heat({ weight: key });
        target.select();
      },
      onblur: ({ target }) => leave(target),
      onkeydown: (event) => {
        const { target, key: pressed } = event;
        const now = parse(target.value);
        if (pressed === 'Enter' && target.value !== target.dataset.was) {
          this.driver.command({ op: 'poke', name, index, value: Number.isNaN(now) ? target.value : now });
          target.dataset.was = target.value;
        } else if (pressed === 'Escape') {
          event.stopPropagation();
          target.value = target.dataset.was;
          target.select();
        } else if (pressed === 'ArrowUp' || pressed === 'ArrowDown') {
          event.preventDefault();
          const by = (event.shiftKey ? 0.1 : 0.01) * (pressed === 'ArrowUp' ? 1 : -1);
          if (Number.isFinite(now)) target.value = short(now + Math.abs(now || 1) * by, 6);
        }
      },
    });
  }

  showAll() {
    this.all = true;
    this.ask();
  }

  /** The rows of the weight that is hot. */
  heat() {
    const hot = this.store.hot?.weight;
    for (const row of this.element.querySelectorAll('[data-weight]')) row.toggleAttribute('data-hot', Boolean(hot) && row.getAttribute('data-weight') === hot);
  }
}
