/** What may be pressed and set: the bar that moves time, the stories, and the settings that Python lists. */

import { fill, h, icon } from './dom.js';
import { count, parse } from './scales.js';
import { S } from './strings.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./driver.js').Driver} Driver */
/** @typedef {import('./protocol.js').Control} Control */
/** @typedef {import('./protocol.js').Layer} Layer */

/** The bar: back and forth in time, and the numbers that matter. */
export class BarView {
  /** @param {Store} store @param {Driver} driver */
  constructor(store, driver) {
    this.store = store;
    this.driver = driver;
    const button = (/** @type {string} */ key, /** @type {string} */ help, /** @type {() => unknown} */ onclick, /** @type {any[]} */ ...inside) =>
      h('button', { type: 'button', 'data-key': key, title: help, onclick }, ...inside, h('span.hint', null, help));
    this.trainLabel = h('span', null, S.train);
    this.trainIcon = h('span.train-icon', null, icon('play'));
    this.train = button('train', S.trainHelp, () => driver.toggle(), this.trainIcon, this.trainLabel);
    this.train.classList.add('primary');
    this.numbers = h('dl.numbers-now');
    this.pill = h('span.pill', { 'data-key': 'state' });
    this.extra = h('div.bar-extra', null,
      button('again', S.againHelp, () => this.restart('same'), icon('start'), S.again),
      button('fresh', S.freshHelp, () => this.restart('new'), icon('restart'), S.fresh));
    const more = h('button.bar-more', { type: 'button', 'data-key': 'more', 'aria-expanded': 'false', 'aria-label': S.more, onclick: () => {
      const open = this.element.toggleAttribute('data-open');
      more.setAttribute('aria-expanded', open);
    } }, icon('more'));
    this.element = h('div.bar', { role: 'group', 'aria-label': S.train },
      this.extra,
      h('div.bar-main', null,
        button('back', S.backHelp, () => driver.seek((store.frame?.step ?? 1) - 1), icon('back'), h('span.word', null, S.back)),
        this.train,
        button('batch', S.batchHelp, () => driver.step('batch'), h('span.word', null, S.batch), icon('next'))),
      h('div.bar-steps', null,
        button('sample', S.sampleHelp, () => driver.step('sample'), S.sample),
        button('epoch', S.epochHelp, () => driver.step('epoch'), S.epoch),
        h('label.speed', { title: S.speedHelp }, h('span.sr', null, S.speed), h('select', { 'data-key': 'speed', value: 'full', onchange: (event) => driver.setPace(event.target.value) },
          Object.entries(S.speeds).map(([key, name]) => h('option', { value: key }, name))), h('span.hint', null, S.speedHelp))),
      more, this.numbers, this.pill);
    store.on('mode', () => this.mode());
  }

  /** @param {"same" | "new"} weights */
  async restart(weights) {
    if (this.driver.training) this.driver.stop();
    await this.driver.command({ op: 'restart', weights });
  }

  mode() {
    const { mode } = this.store;
    const training = mode === 'training';
    const text = training ? S.pause : S.train;
    if (this.trainLabel.textContent !== text) {
      this.trainLabel.textContent = text;
      this.trainIcon.replaceChildren(icon(training ? 'pause' : 'play'));
    }
    this.pill.textContent = S.states[mode];
    this.pill.dataset.mode = mode;
  }

  draw() {
    const { frame } = this.store;
    const texts = frame.texts ?? {};
    const facts = [[S.step, count(frame.step), 'step'], [S.epochs, count(frame.epoch), 'epoch'], [S.loss, texts.loss, 'loss']];
    if (texts.val_loss) facts.push([`${S.loss} ${S.heldOutLoss}`, texts.val_loss, 'val-loss']);
    if (texts.score) facts.push([texts.score_name, texts.score, 'score']);
    if (texts.val_score) facts.push([`${S.heldOutLoss} `, texts.val_score, 'val-score']);
    fill(this.numbers, facts.map(([name, value, key]) => h('div', { class: key === 'loss' ? 'fact main' : 'fact' }, h('dt', null, name), h('dd', { 'data-key': key }, value))));
  }
}

/** The settings, in the order and with the words that Python gives. */
export class SettingsView {
  /** @param {Store} store @param {Driver} driver */
  constructor(store, driver) {
    this.store = store;
    this.driver = driver;
    /** @type {Record<string, string>} */ this.errors = {};
    this.element = h('div.settings', { 'data-key': 'settings' });
    store.on('setup about mode', () => this.render());
  }

  /** @param {Record<string, any>} changes */
  async set(changes) {
    this.errors = {};
    await this.driver.set(changes);
    this.render();
  }

  /** A refusal that belongs to a control. @param {string} where @param {string} message */
  refuse(where, message) {
    if (!this.store.about.controls.some((control) => control.key === where)) return false;
    this.errors = { [where]: message };
    this.render();
    return true;
  }

  render() {
    const { about, setup } = this.store;
    if (!about || !setup) return;
    fill(this.element, about.controls.map((control) => this.control(control)));
  }

  /** @param {Control} control */
  control(control) {
    const { setup } = this.store;
    const fixed = (setup.fixed ?? []).includes(control.key);
    const error = this.errors[control.key];
    const value = setup.choices[control.key];
    const hint = h('span.hint', null, control.help, ` (${control.live ? S.live : S.restarts})`);
    if (control.kind === 'layers') return this.layers(control, value ?? [], fixed, hint, error);
    return h('div.field', { 'data-error': Boolean(error) }, h('label.field-row', { title: control.help },
      h('span.field-name', null, control.title, !control.live && !fixed && h('span.restarts', { title: S.restarts, 'aria-hidden': 'true' }, ' ↺')),
      this.input(control, value, fixed, error)), hint, error && h('p.error', { id: `error-${control.key}`, role: 'alert' }, error));
  }

  /** @param {Control} control @param {any} value @param {boolean} disabled @param {string | undefined} error */
  input(control, value, disabled, error) {
    const { key } = control;
    const common = { 'data-key': key, disabled, 'aria-invalid': error ? 'true' : null, title: disabled ? S.fixed : control.help };
    if (control.kind === 'flag') return h('input', { ...common, type: 'checkbox', checked: Boolean(value), onchange: (e) => this.set({ [key]: e.target.checked }) });
    if (control.kind === 'choice') {
      const options = [...(control.optional ? [null] : []), ...(control.options ?? [])];
      if (!options.includes(value)) options.unshift(value);
      return h('select', { ...common, value: options.indexOf(value), onchange: ({ target }) => this.set({ [key]: options[Number(target.value)] }) },
        options.map((option, k) => h('option', { value: k }, option === null ? control.optional : String(option))));
    }
    const text = value === null || value === undefined ? '' : String(value).replace('-', '−');
    const commit = (/** @type {HTMLInputElement} */ input) => {
      if (input.value.trim() === text) return;
      const given = input.value.trim() === '' ? null : parse(input.value);
      this.set({ [key]: Number.isNaN(given) ? input.value : given });
    };
    return h('input', { ...common, type: 'text', inputmode: 'decimal', autocomplete: 'off', value: text, placeholder: control.optional ?? '', size: 7,
      onchange: (e) => commit(e.target),
      onkeydown: (e) => {
        if (e.key === 'Escape') e.target.value = text;
        if (e.key !== 'ArrowUp' && e.key !== 'ArrowDown') return;
        e.preventDefault();
        e.target.value = stepped(control, parse(e.target.value), e.key === 'ArrowUp');
        commit(e.target);
      } });
  }

  /** @param {Control} control @param {Layer[]} layers @param {boolean} fixed @param {Node} hint @param {string | undefined} error */
  layers(control, layers, fixed, hint, error) {
    const { activations, limits } = this.store.about;
    const change = (/** @type {number} */ k, /** @type {Record<string, any>} */ part) =>
      this.set({ layers: layers.map((layer, i) => (i === k ? { ...layer, ...part } : layer)) });
    const row = (/** @type {Layer} */ layer, /** @type {number} */ k) => h('div.layer', { role: 'group', 'aria-label': S.layer(k + 1), 'data-layer': k + 1 },
      h('span.layer-name', { 'aria-hidden': 'true' }, k + 1),
      h('button.square', { type: 'button', 'data-key': `fewer-${k + 1}`, 'aria-label': S.fewer, disabled: fixed || layer.units <= 1, onclick: () => change(k, { units: layer.units - 1 }) }, '−'),
      h('input', { type: 'text', inputmode: 'numeric', size: 3, 'data-key': `units-${k + 1}`, 'aria-label': S.units, value: layer.units, disabled: fixed,
        onchange: (e) => change(k, { units: parse(e.target.value) || e.target.value }) }),
      h('button.square', { type: 'button', 'data-key': `more-${k + 1}`, 'aria-label': S.moreUnits, disabled: fixed, onclick: () => change(k, { units: layer.units + 1 }) }, '+'),
      h('select', { 'data-key': `activation-${k + 1}`, 'aria-label': S.activation, value: layer.activation, disabled: fixed, onchange: (e) => change(k, { activation: e.target.value }) },
        activations.map(({ name, help }) => h('option', { value: name, title: help }, name))),
      h('button.square.bare', { type: 'button', 'data-key': `remove-${k + 1}`, 'aria-label': S.removeLayer, title: S.removeLayer, disabled: fixed, onclick: () => this.set({ layers: layers.filter((_, i) => i !== k) }) }, icon('close')),
      h('label.layer-more', null, h('span', null, S.dropout), h('input', { type: 'text', inputmode: 'decimal', size: 4, 'data-key': `dropout-${k + 1}`, value: layer.dropout ?? 0, disabled: fixed,
        onchange: (e) => change(k, { dropout: Number.isNaN(parse(e.target.value)) ? e.target.value : parse(e.target.value) }) })),
      h('label.layer-more', null, h('input', { type: 'checkbox', 'data-key': `batch-norm-${k + 1}`, checked: Boolean(layer.batch_norm), disabled: fixed, onchange: (e) => change(k, { batch_norm: e.target.checked }) }), h('span', null, S.batchNorm)));
    const last = layers[layers.length - 1] ?? { units: 4, activation: 'tanh' };
    return h('fieldset.field.layers', { 'data-error': Boolean(error) }, h('legend', null, control.title),
      layers.map(row), hint,
      h('button.small', { type: 'button', 'data-key': 'add-layer', disabled: fixed || layers.length >= (limits.layers), onclick: () => this.set({ layers: [...layers, { ...last }] }) }, `+ ${S.addLayer}`),
      error && h('p.error', { role: 'alert' }, error));
  }
}

const LADDER = [1, 2, 3, 5];

/** The next value up or down: by one, or along 1, 2, 3, 5, 10. @param {Control} control @param {number} value @param {boolean} up */
function stepped(control, value, up) {
  if (control.kind === 'whole') return String(Math.max(control.min ?? 0, (Number.isFinite(value) ? value : 0) + (up ? 1 : -1)));
  if (!(value > 0)) return up ? '0.001' : '0';
  const power = Math.floor(Math.log10(value) + 1e-9);
  const rungs = [-1, 0, 1].flatMap((d) => LADDER.map((k) => Number(`${k}e${power + d}`)));
  const next = up ? rungs.find((r) => r > value * 1.0001) : rungs.reverse().find((r) => r < value * 0.9999);
  return String(next ?? value);
}

/** Where one may begin: stories, data sets, a table of one's own. */
export class StoriesView {
  /** @param {Store} store @param {{open: (what: Record<string, string>) => void, table: () => void}} does */
  constructor(store, does) {
    this.store = store;
    this.does = does;
    this.element = h('nav.stories', { 'aria-label': S.stories });
    store.on('about setup', () => this.render());
  }

  render() {
    const { about, setup } = this.store;
    if (!about || !setup) return;
    fill(this.element, h('ul', null, about.stories.map((story) => h('li', null, h('button.chip', {
      type: 'button', 'data-key': `story-${story.name}`, title: story.sentence, 'aria-pressed': String(setup.story === story.name), onclick: () => this.does.open({ story: story.name }),
    }, story.title)))),
    h('select', { 'data-key': 'datasets', 'aria-label': S.datasets, value: '', onchange: (e) => {
      const data = e.target.value;
      e.target.value = '';
      if (data) this.does.open({ data });
    } }, h('option', { value: '' }, S.datasets), about.datasets.map((name) => h('option', { value: name }, name))),
    h('button.chip', { type: 'button', 'data-key': 'own-table', title: S.ownTableHelp, onclick: () => this.does.table() }, S.ownTable));
  }
}
