/** Help: the keys, how to read the picture, and a mode in which every control explains itself. */

import { h } from './dom.js';
import { S } from './strings.js';

export function helpView(root) {
  const keys = h('input#keys-on', { type: 'checkbox', checked: true });
  const all = h('input#explain-all', { type: 'checkbox', onchange: () => root.toggleAttribute('data-explain', all.checked) });
  const dialog = h('dialog.dialog#help-dialog', { 'aria-label': S.help },
    h('div.panel-head', null, h('h2', null, S.help), h('button.square.bare#help-close', { 'aria-label': S.close, onclick: () => dialog.close() }, '×')),
    h('label.check', null, all, h('b', null, S.explainAll)), h('h3', null, S.reading), h('ul', null, S.readings.map((text) => h('li', null, text))), h('h3', null, S.keys),
    h('dl.key-list', null, Object.entries(S.keyHelp).map(([key, text]) => h('div', null, h('dt', null, h('kbd', null, key)), h('dd', null, text)))),
    h('label.check', null, keys, S.keysOn));
  return { dialog, keysOn: () => keys.checked, open: () => dialog.open || dialog.showModal() };
}
