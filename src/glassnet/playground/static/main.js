/** Puts the page together: `mount(root, transport)`. Works in a document and in a shadow root alike. */

import { fill, h, icon } from './dom.js';
import { BarView, SettingsView, StoriesView } from './controls.js';
import { RowsView, TableDoor } from './data.js';
import { DoctorView } from './doctor.js';
import { Driver } from './driver.js';
import { HelpView } from './help.js';
import { InspectorView } from './inspector.js';
import { listen } from './keys.js';
import { LeaveView } from './leave.js';
import { NetworkView } from './network.js';
import { OutputView } from './output.js';
import { PadView } from './pad.js';
import { count, diverging, readPalette } from './scales.js';
import { Store } from './state.js';
import { S } from './strings.js';
import { TimelineView } from './timeline.js';

const SLOW_DRAW = 12; // ms: pictures get coarser beyond
const THEMES = /** @type {const} */ (['system', 'light', 'dark']);
const SAY_EVERY = 5000; // ms between two sentences while it trains

/**
 * @param {HTMLElement} root where the page goes
 * @param {import('./transport.js').Transport} transport how it reaches Python
 * @returns {{end: () => void}}
 */
export function mount(root, transport) {
  const store = new Store();
  const probe = { frames: 0, draws: 0, drawMs: /** @type {number[]} */ ([]), last: /** @type {any} */ (null) };
  let waiting = 0;
  let saidAt = 0;
  const schedule = () => {
    probe.frames++;
    if (!waiting && !driver.hidden) waiting = requestAnimationFrame(draw);
  };
  const driver = new Driver(store, transport, { draw: schedule, fail, said: slow });

  const select = (/** @type {typeof store.question} */ question) => {
    store.question = question;
    store.tell('select');
  };
  const heat = (/** @type {typeof store.hot} */ hot) => {
    if (JSON.stringify(hot) === JSON.stringify(store.hot)) return;
    store.hot = hot;
    store.tell('hot');
  };
  const row = (/** @type {number} */ n) => driver.look({ row: n });
  const open = (/** @type {Record<string, string>} */ what) => {
    driver.stop();
    driver.view = { res: driver.view.res };
    answers.close();
    driver.command({ op: 'open', ...what }).then(() => driver.look({ row: 1 }));
  };

  const bar = new BarView(store, driver);
  const network = new NetworkView(store, { select, heat });
  const output = new OutputView(store, { row, axes: (columns) => driver.look({ columns }) });
  const inspector = new InspectorView(store, driver, { select, heat });
  const timeline = new TimelineView(store, { seek: (step) => driver.seek(step), branch: (to) => driver.command({ op: 'branch', to }) });
  const rows = new RowsView(store, driver, { row });
  const settings = new SettingsView(store, driver);
  const answers = new DoctorView(store, driver, { set: (changes) => settings.set(changes) });
  const pad = new PadView(store, driver);
  driver.nextPhase = () => inspector.nextPhase();

  const help = new HelpView(root);
  const leave = new LeaveView(root, driver, store);
  const door = new TableDoor(root, driver, { opened: () => answers.close(), fail: (message) => banner(message) });
  const stories = new StoriesView(store, { open, table: () => door.choose() });

  const subtitle = h('p.subtitle', { 'data-key': 'subtitle' });
  const sentence = h('p.sentence', { 'data-key': 'sentence' });
  const status = h('p.status', { role: 'status', 'data-key': 'status' });
  const alert = h('div.banner', { hidden: true, role: 'alert', 'data-key': 'banner' });
  const lostBar = h('div.banner.lost', { hidden: true, role: 'alert', 'data-key': 'lost' });
  let theme = 0;
  const themeButton = h('button.square', { type: 'button', 'data-key': 'theme', onclick: () => turnTheme() }, icon('theme'));
  const lines = h('select', { 'data-key': 'lines', title: S.linesHelp, onchange: (e) => {
    store.lines = e.target.value;
    store.tell('lines');
  } }, Object.entries(S.lineModes).map(([value, name]) => h('option', { value }, name)));
  network.tools.append(h('label.tool', null, h('span', null, S.lines), lines));
  const digits = h('select', { 'data-key': 'digits', title: S.digitsHelp, value: 4, onchange: (e) => {
    driver.look({ digits: Number(e.target.value) });
    inspector.ask();
  } }, [2, 3, 4, 6, 8, 12, 17].map((n) => h('option', { value: n }, n)));

  const panel = (/** @type {string} */ name, /** @type {string} */ title, /** @type {any[]} */ tools, /** @type {any[]} */ ...inside) =>
    h('section.panel', { 'data-panel': name, 'aria-labelledby': `gn-${name}` },
      h('div.panel-head', null, h('h2', { id: `gn-${name}` }, title), tools), ...inside);

  const skip = h('a.skip', { href: '#net', onclick: (e) => {
    e.preventDefault();
    network.rove(network.roving, true);
  } }, S.skip);
  const page = h('div.page', null,
    skip,
    h('header.top', null, h('h1', null, S.title), subtitle,
      h('div.top-tools', null, leave.copy, leave.menu, themeButton,
        h('button.square', { type: 'button', 'data-key': 'help', 'aria-label': S.help, title: S.help, onclick: () => help.open() }, '?'))),
    stories.element, lostBar, alert,
    h('main.grid', null,
      h('div.top-bar', null, bar.element),
      h('div.middle', null, panel('network', S.network, [sentence], network.element,
        h('div.ribbon-frame', { tabindex: 0, role: 'group', 'aria-label': S.phases }, inspector.ribbon))),
      h('div.right', { tabindex: 0, role: 'group', 'aria-label': S.output }, answers.element, panel('output', S.output, [], output.element), pad.element,
        panel('inspector', S.inspector, [h('label.tool', null, h('span', null, S.digits), digits)], inspector.element)),
      h('div.bottom', null, panel('timeline', S.timeline, [status, timeline.branches, timeline.scale, ...answers.buttons], timeline.element)),
      h('div.left', { tabindex: 0, role: 'group', 'aria-label': S.data }, panel('data', S.data, [], rows.element), panel('settings', S.settings, [], settings.element))));

  root.classList.add('glassnet');
  root.replaceChildren(page, help.dialog, leave.dialog, door.dialog, door.input, door.veil);
  turnTheme(0);

  store.on('setup', () => {
    const { setup } = store;
    fill(subtitle, h('b', null, setup.data), h('span', null, `${setup.network} · ${setup.parts}`), h('span', null, S.toLearn(count(setup.parameters))));
    sentence.textContent = setup.sentence ?? '';
    sentence.hidden = !setup.sentence;
  });
  store.on('topology', () => {
    const columns = store.topology.columns;
    const asked = store.question && 'unit' in store.question ? store.question.unit : '';
    if (asked && store.unitNamed(asked)) return select({ unit: asked });
    const first = columns.find((c) => c.units.some((u) => u.ask))?.units ?? [];
    select(first.length ? { unit: first[Math.min(2, first.length - 1)].ask } : null);
  });
  store.on('frame', () => {
    const { frame } = store;
    Object.assign(root.dataset, { step: frame.step, epoch: frame.epoch, loss: frame.loss ?? 'none', cursor: frame.cursor, branch: frame.branch, driver: frame.driver, row: frame.row });
    root.toggleAttribute('data-broken', Boolean(frame.broken));
    probe.last = frame;
    showBroken(frame);
    if (!driver.training || performance.now() - saidAt > SAY_EVERY) {
      saidAt = performance.now();
      if (status.textContent !== frame.status) status.textContent = frame.status ?? '';
    }
  });
  store.on('mode', () => {
    root.dataset.state = store.mode;
    showLost();
    schedule();
  });

  let drawn = { panels: 0, mode: '' };
  function draw() {
    waiting = 0;
    if (!store.frame) return;
    const begun = performance.now();
    network.draw();
    output.draw();
    timeline.draw();
    bar.draw();
    if (!driver.training || begun - drawn.panels > 250) {
      drawn.panels = begun;
      network.mark();
      output.drawConfusion();
      timeline.list();
      rows.ask();
      inspector.ask();
      pad.again();
    }
    probe.draws++;
    probe.drawMs.push(performance.now() - begun);
    if (probe.drawMs.length > 600) probe.drawMs.splice(0, 300);
    watchPace();
  }

  /** Coarser pictures where drawing takes long. */
  function watchPace() {
    const recent = probe.drawMs.slice(-60);
    if (driver.coarse || recent.length < 60) return;
    if (recent.sort((a, b) => a - b)[56] > SLOW_DRAW) {
      driver.coarse = true;
      if (driver.training) driver.look({ res: 48 });
    }
  }

  /** @param {import('./transport.js').Refused} error */
  function fail(error) {
    if (error.where && settings.refuse(error.where, error.message)) return;
    banner(error.message);
    inspector.render();
  }

  /** @param {string} message @param {...any} actions */
  function banner(message, ...actions) {
    fill(alert, h('p', null, message), ...actions,
      h('button.square.bare', { type: 'button', 'data-key': 'banner-close', 'aria-label': S.close, onclick: () => (alert.hidden = true) }, '×'));
    alert.hidden = false;
  }

  let brokenAt = -1;
  /** @param {any} frame */
  function showBroken(frame) {
    if (!frame.broken) {
      if (brokenAt >= 0) alert.hidden = true;
      brokenAt = -1;
      return;
    }
    if (brokenAt === frame.step) return;
    brokenAt = frame.step;
    const back = () => driver.seek(Math.max(0, frame.step - 10));
    const rate = store.setup?.choices.learning_rate;
    banner(frame.broken.message,
      h('button', { type: 'button', 'data-key': 'rewind', onclick: back }, S.rewind),
      rate && h('button', { type: 'button', 'data-key': 'rewind-slower', onclick: async () => {
        await back();
        driver.set({ learning_rate: Number((rate / 10).toPrecision(6)) });
      } }, S.rewindSlower));
  }

  /** @type {any} */ let counting = 0;
  function showLost() {
    clearInterval(counting);
    lostBar.hidden = store.mode !== 'lost';
    if (lostBar.hidden) return;
    const write = () => {
      const left = Math.max(0, (driver.retryAt - performance.now()) / 1000);
      fill(lostBar, h('p', null, S.lost), h('span.quiet', { 'aria-live': 'off' }, S.lostNext(left.toFixed(1))),
        h('button', { type: 'button', 'data-key': 'retry', onclick: () => driver.retry() }, S.lostNow));
    };
    write();
    counting = setInterval(write, 250);
  }

  function slow() {
    if (store.frame) status.textContent = S.slow((store.frame.batch ?? 0) + 1);
  }

  /** @param {number} [to] */
  function turnTheme(to = (theme + 1) % THEMES.length) {
    theme = to;
    root.dataset.theme = THEMES[theme];
    const text = `${S.theme}: ${S.themes[THEMES[theme]]}`;
    themeButton.setAttribute('aria-label', text);
    themeButton.setAttribute('title', text);
    colours();
  }

  function colours() {
    const palette = readPalette(root);
    const lut = diverging(palette);
    for (const view of [network, timeline, answers, pad]) view.palette = palette;
    network.lut = lut;
    output.setColours(palette, lut);
    pad.paint();
    answers.draw();
    schedule();
  }

  const media = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
  for (const query of media) query.addEventListener('change', colours);
  const visibility = () => driver.setHidden(document.visibilityState === 'hidden');
  document.addEventListener('visibilitychange', visibility);
  const deaf = listen(root, {
    Space: () => driver.toggle(), '.': () => driver.step('sample'), ']': () => driver.step('batch'), '}': () => driver.step('epoch'),
    '[': () => driver.seek((store.frame?.step ?? 1) - 1), ',': () => driver.seek((store.frame?.step ?? 1) - 1), Home: () => driver.seek(0),
    Escape: () => select(null), t: () => turnTheme(), '?': () => help.open(),
  }, () => help.keysOn);

  const view = root.ownerDocument.defaultView;
  if (view && root.id === 'glassnet') {
    Object.defineProperty(view, '__glassnet', { configurable: true, value: Object.freeze({
      get frames() { return probe.frames; },
      get draws() { return probe.draws; },
      get drawMs() { return [...probe.drawMs]; },
      get last() { return probe.last; },
      get busyMs() { return driver.busyMs; },
    }) });
  }

  root.dataset.state = 'waiting';
  driver.hello();
  return {
    end() {
      driver.end();
      deaf();
      clearInterval(counting);
      document.removeEventListener('visibilitychange', visibility);
      for (const query of media) query.removeEventListener('change', colours);
      root.replaceChildren();
    },
  };
}
