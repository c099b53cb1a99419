/** The rows to learn from, and the way in for a table of one's own. */

import { fill, h } from './dom.js';
import { count } from './scales.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./driver.js').Driver} Driver */
/** @typedef {import('./protocol.js').Row} Row */
/** @typedef {import('./protocol.js').Table} Table */

const PAGE = 10;
const PIECE = 1_000_000; // bytes of a file in one message

export class RowsView {
  /** @param {Store} store @param {Driver} driver @param {{row: (n: number) => void}} does */
  constructor(store, driver, does) {
    this.store = store;
    this.driver = driver;
    this.does = does;
    this.start = 0;
    this.sort = 'order';
    /** @type {{columns: string[], rows: Row[], total: number} | null} */ this.shown = null;
    this.key = '';
    this.element = h('div.rows', { 'data-key': 'rows' });
    store.on('data', () => {
      this.start = 0;
      this.shown = null;
    });
  }

  ask() {
    const { frame } = this.store;
    if (!frame) return;
    const key = JSON.stringify([this.start, this.sort, frame.rev, frame.step, frame.branch, this.store.topology.n]);
    if (key === this.key) return this.render();
    this.driver.aside('rows', async () => {
      const reply = await this.driver.ask({ op: 'rows', start: this.start, count: PAGE, sort: this.sort });
      if (!reply) return;
      this.key = key;
      this.shown = reply.header.rows;
      this.render();
    });
  }

  /** @param {number} by */
  turn(by) {
    this.start = Math.max(0, this.start + by);
    this.key = '';
    this.ask();
  }

  render() {
    if (!this.shown) return;
    const { columns, rows, total } = this.shown;
    const { frame } = this.store;
    const next = this.store.buffers.batch ?? [];
    const batch = new Set(next.length < this.store.data.rows ? next : []);
    const several = total > PAGE;
    fill(this.element,
      several && h('div.row-tools', null,
        h('button.small', { type: 'button', 'data-key': 'rows-back', 'aria-label': S.earlier, disabled: this.start === 0, onclick: () => this.turn(-PAGE) }, '‹'),
        h('span.quiet', null, S.rowsOf(this.start + 1, Math.min(this.start + PAGE, total), total)),
        h('button.small', { type: 'button', 'data-key': 'rows-on', 'aria-label': S.later, disabled: this.start + PAGE >= total, onclick: () => this.turn(PAGE) }, '›'),
        h('select', { 'data-key': 'rows-sort', 'aria-label': S.sortHelp, title: S.sortHelp, value: this.sort, onchange: (event) => {
          this.sort = event.target.value;
          this.start = 0;
          this.turn(0);
        } }, h('option', { value: 'order' }, S.order), h('option', { value: 'worst' }, S.worst))),
      h('div.scroll-x', { tabindex: 0, role: 'group', 'aria-label': S.data }, h('table.numbers.row-table', null,
        h('thead', null, h('tr', null, h('td'), columns.map((name) => h('th', { scope: 'col', title: name }, name)),
          h('th', { scope: 'col' }, S.target), h('th', { scope: 'col' }, S.output.toLowerCase()))),
        h('tbody', null, rows.map((row) => this.row(row, row.n === frame.row, batch.has(row.n)))))));
  }

  /** @param {Row} row @param {boolean} chosen @param {boolean} next */
  row(row, chosen, next) {
    const state = row.right === null || row.right === undefined ? '' : row.right ? S.right : S.wrong;
    return h('tr', { 'data-row': row.n, 'data-chosen': chosen, 'data-next': next, onclick: () => this.does.row(row.n) },
      h('th', { scope: 'row' }, h('button.link', { type: 'button', 'aria-pressed': String(chosen), 'aria-label': `${row.name}${row.held_out ? `, ${S.heldOutMark}` : ''}`,
        onclick: () => this.does.row(row.n) }, row.name.replace(/^row /, ''))),
      row.cells.map((cell) => h('td', { title: cell }, cell)),
      h('td', null, row.target),
      h('td', { class: row.right === false ? 'is-wrong' : row.right ? 'is-right' : '', title: state }, row.output, state && h('span.sr', null, ` ${state}`)));
  }
}

/** A table from outside: read by Python, shown, and used only when the user says so. */
export class TableDoor {
  /** @param {HTMLElement} root @param {Driver} driver @param {{opened: () => void, fail: (message: string) => void}} does */
  constructor(root, driver, does) {
    this.root = root;
    this.driver = driver;
    this.does = does;
    this.input = h('input', { type: 'file', accept: '.csv,.tsv,.txt,.json,text/csv', hidden: true, 'data-key': 'file', 'aria-label': S.ownTable, onchange: () => this.bring(this.input.files) });
    this.dialog = h('dialog.dialog.wide', { 'data-key': 'table-dialog', 'aria-label': S.ownTable });
    this.veil = h('div.veil', { hidden: true, 'aria-hidden': 'true' }, S.drop);
    root.append(this.input, this.dialog, this.veil);
    let depth = 0;
    const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files');
    root.addEventListener('dragenter', (event) => files(event) && (this.veil.hidden = ++depth === 0));
    root.addEventListener('dragleave', (event) => files(event) && (this.veil.hidden = --depth <= 0));
    root.addEventListener('dragover', (event) => files(event) && event.preventDefault());
    root.addEventListener('drop', (event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      this.veil.hidden = true;
      this.bring(event.dataTransfer?.files ?? null);
    });
  }

  choose() {
    this.input.value = '';
    this.input.click();
  }

  /** @param {FileList | null} files */
  async bring(files) {
    const file = files?.[0];
    if (!file) return;
    await this.driver.pause();
    const bytes = new Uint8Array(await file.arrayBuffer());
    const parts = Math.max(1, Math.ceil(bytes.length / PIECE));
    let reply = null;
    for (let part = 0; part < parts; part++) {
      reply = await this.driver.ask({ op: 'upload', name: file.name, part, parts }, bytes.subarray(part * PIECE, (part + 1) * PIECE));
      if (!reply) return;
    }
    if (reply?.header.table) this.show(reply.header.table);
  }

  /** @param {Table} table */
  show(table) {
    const chosen = { target: table.targets[0], /** @type {Set<string>} */ out: new Set() };
    const use = async () => {
      const reply = await this.driver.command({ op: 'use', target: chosen.target, exclude: [...chosen.out].filter((name) => name !== chosen.target) });
      if (!reply) return;
      this.dialog.close();
      this.does.opened();
    };
    fill(this.dialog, h('h2', null, S.fileTitle(table.name)), h('p.quiet', null, S.fileRows(count(table.rows), count(table.columns.length))),
      h('label.field-row', null, h('span', null, S.fileTarget),
        h('select', { 'data-key': 'target-choice', value: chosen.target, onchange: (event) => (chosen.target = event.target.value) },
          table.targets.map((name) => h('option', { value: name }, name)))),
      h('div.scroll-x.tall', { tabindex: 0, role: 'group', 'aria-label': S.fileColumn }, h('table.preview', null,
        h('thead', null, h('tr', null, [S.fileKeep, S.fileColumn, S.fileKind, S.fileExample, S.fileRemarks].map((name) => h('th', { scope: 'col' }, name)))),
        h('tbody', null, table.columns.map((column) => h('tr', { 'data-column': column.name },
          h('td', null, h('input', { type: 'checkbox', checked: true, 'aria-label': `${S.fileKeep} ${column.name}`,
            onchange: (event) => (event.target.checked ? chosen.out.delete(column.name) : chosen.out.add(column.name)) })),
          h('th', { scope: 'row' }, column.name), h('td', null, column.kind), h('td', null, column.example),
          h('td', null, column.remarks.join(' '))))))),
      h('div.actions', null, h('button.primary', { type: 'button', 'data-key': 'use-table', onclick: use }, S.fileUse),
        h('button', { type: 'button', 'data-key': 'leave-table', onclick: () => this.dialog.close() }, S.fileCancel)));
    this.dialog.showModal();
  }
}
