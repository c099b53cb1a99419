/** Help: the keys, how to read the picture, and a mode in which every control explains itself. */

import { h } from './dom.js';
import { S } from './strings.js';

export class HelpView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.keysOn = true;
    this.dialog = h('dialog.dialog', { 'data-key': 'help-dialog', 'aria-label': S.help },
      h('div.panel-head', null, h('h2', null, S.help), h('button.square.bare', { type: 'button', 'data-key': 'help-close', 'aria-label': S.close, onclick: () => this.dialog.close() }, '×')),
      h('label.check', null, h('input', { type: 'checkbox', 'data-key': 'explain-all', onchange: (e) => this.explain(e.target.checked) }), h('b', null, S.explainAll)),
      h('h3', null, S.reading), h('ul', null, S.readings.map((text) => h('li', null, text))),
      h('h3', null, S.keys),
      h('dl.key-list', null, Object.entries(S.keyHelp).map(([key, text]) => h('div', null, h('dt', null, h('kbd', null, key)), h('dd', null, text)))),
      h('label.check', null, h('input', { type: 'checkbox', 'data-key': 'keys-on', checked: true, onchange: (e) => (this.keysOn = e.target.checked) }), S.keysOn));
    root.append(this.dialog);
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {boolean} on */
  explain(on) {
    this.root.toggleAttribute('data-explain', on);
  }
}
