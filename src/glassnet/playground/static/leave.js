/** What can be taken along: the program, the model, the picture, the run. */

import { download, fill, h } from './dom.js';
import { S } from './strings.js';

/** @typedef {import('./driver.js').Driver} Driver */

export class LeaveView {
  /** @param {HTMLElement} root @param {Driver} driver @param {import('./state.js').Store} store */
  constructor(root, driver, store) {
    this.root = root;
    this.driver = driver;
    this.store = store;
    this.dialog = h('dialog.dialog.wide', { 'data-key': 'code-dialog', 'aria-label': S.copy });
    root.append(this.dialog);
    this.copy = h('button', { type: 'button', 'data-key': 'copy', title: S.copyHelp, onclick: () => this.code() }, S.copy, h('span.hint', null, S.copyHelp));
    this.list = h('div.menu-list', { role: 'group', 'aria-label': S.leave });
    this.menu = h('details.menu', { 'data-key': 'leave' }, h('summary', null, S.leave), this.list);
    this.menu.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape' || !this.menu.open) return;
      event.stopPropagation();
      this.menu.open = false;
      this.menu.firstElementChild.focus();
    };
    this.menu.addEventListener('focusout', (/** @type {FocusEvent} */ event) => {
      if (event.relatedTarget && !this.menu.contains(event.relatedTarget)) this.menu.open = false;
    });
    store.on('about', () => this.render());
  }

  render() {
    const item = (/** @type {string} */ key, /** @type {string} */ text, /** @type {Record<string, any>} */ message) =>
      h('button', { type: 'button', 'data-key': key, onclick: () => this.file(message) }, text);
    fill(this.list, item('save', S.saveModel, { op: 'save' }), item('picture', S.savePicture, { op: 'picture' }), item('export', S.saveRun, { op: 'export' }),
      h('p.quiet', null, S.saveEjected), h('div.languages', null, this.store.about.languages.map(({ name, title }) =>
        h('button.small', { type: 'button', 'data-key': `eject-${name}`, onclick: () => this.file({ op: 'eject', language: name }) }, title))));
  }

  /** @param {Record<string, any>} message */
  async file(message) {
    this.menu.open = false;
    if (this.driver.training) await this.driver.pause();
    const reply = await this.driver.ask(message);
    if (reply) download(this.root, /** @type {any} */ (reply.buffers.file), reply.header.name, reply.header.type);
  }

  async code() {
    if (this.driver.training) await this.driver.pause();
    const reply = await this.driver.ask({ op: 'code' });
    if (!reply) return;
    const note = h('span.quiet', { role: 'status' });
    const program = h('pre.code', { tabindex: 0, 'data-key': 'code' }, reply.header.text);
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(reply.header.text);
        note.textContent = S.copied;
      } catch {
        getSelection()?.selectAllChildren(program);
      }
    };
    fill(this.dialog, h('h2', null, S.copy), h('p.quiet', null, S.copyHelp), program,
      h('div.actions', null, h('button.primary', { type: 'button', 'data-key': 'copy-now', onclick: copy }, S.copyNow),
        h('button', { type: 'button', 'data-key': 'copy-close', onclick: () => this.dialog.close() }, S.close), note));
    this.dialog.showModal();
  }
}
