/** Asks Python: commands at once, pictures while it trains, and again after the line was cut. */

import { Lost, Refused } from './transport.js';

/** @typedef {import('./state.js').Store} Store */
/** @typedef {import('./transport.js').Transport} Transport */
/** @typedef {import('./transport.js').Reply} Reply */

const BUDGET = 25; // ms of training for each picture
const HIDDEN_BUDGET = 250;
const FOLLOWING = 500; // ms between two looks at a run that another tab drives
const SIDE = 200; // ms between two questions of the inspector and the table
/** @type {Record<string, [string, number, number]>} */
const PACES = { sample: ['sample', 1, 1000], batch: ['batch', 1, 1000], frame: ['batch', 1, 0], ten: ['batch', 10, 0] };

export class Driver {
  /**
   * @param {Store} store @param {Transport} transport
   * @param {{draw: () => void, fail: (error: Refused) => void, said: (text: string) => void}} out
   */
  constructor(store, transport, out) {
    this.store = store;
    this.transport = transport;
    this.out = out;
    this.training = false;
    this.pace = 'full';
    this.inFlight = 0;
    this.busyMs = 0;
    this.rev = 0;
    this.hidden = false;
    /** @type {Record<string, any>} */ this.view = { res: 96, row: 1 };
    this.viewSent = false;
    /** @type {any} */ this.timer = 0;
    this.retryAt = 0;
    this.retryDelay = 500;
    this.ending = false;
    this.coarse = false;
    /** @type {number | null} */ this.seekTo = null;
    this.seeking = false;
    /** @type {Map<string, () => Promise<void>>} */ this.asides = new Map();
    this.asideBusy = false;
    this.asideLast = 0;
    /** @type {(() => Promise<unknown>) | null} */ this.nextPhase = null;
  }

  /** What is looked at; Python remembers it. @param {Record<string, any>} changes */
  look(changes) {
    Object.assign(this.view, changes);
    this.viewSent = false;
    if (!this.training) this.command({ op: 'pull', train: false, budget_ms: 0 });
  }

  /**
   * One message and its reply. Null if there was none: the failure has been shown already.
   * @param {Record<string, any>} message @param {ArrayBuffer | Uint8Array} [body]
   * @returns {Promise<Reply | null>}
   */
  async ask(message, body) {
    const sent = this.viewSent ? message : { ...message, view: this.view };
    this.viewSent = true;
    try {
      const reply = await this.transport.call(sent, body);
      if (this.ending) return null;
      this.retryDelay = 500;
      return reply;
    } catch (error) {
      if (sent !== message) this.viewSent = false;
      if (error instanceof Lost) this.lose();
      else if (error instanceof Refused) this.out.fail(error);
      else throw error;
      return null;
    }
  }

  /**
   * A message of the user: its frame is shown, and older ones that are still under way are not.
   * @param {Record<string, any>} message @param {ArrayBuffer | Uint8Array} [body]
   */
  async command(message, body) {
    const slow = setTimeout(() => this.out.said(''), 400);
    const reply = await this.ask(message, body);
    clearTimeout(slow);
    if (reply) this.show(reply, true);
    return reply;
  }

  /** @param {Reply} reply @param {boolean} [ordered] whether the user asked for it */
  show(reply, ordered = false) {
    const { header } = reply;
    if (header.step === undefined) return;
    const shown = this.store.frame?.step ?? 0;
    if (!ordered && (header.rev < this.rev || (header.rev === this.rev && header.step < shown))) return this.store.takeLate(reply);
    this.rev = Math.max(this.rev, header.rev ?? 0);
    this.busyMs += header.busy_ms ?? 0;
    const changed = this.store.take(reply);
    if (this.training && (header.stopped || header.broken || header.driver === false)) this.stop();
    this.settle();
    this.store.tell(...changed);
    this.out.draw();
  }

  /** Says what the page is doing, after each change. */
  settle() {
    const following = this.store.frame?.driver === false;
    const mode = this.training ? 'training' : following ? 'following' : 'paused';
    if (following && !this.training) this.later(FOLLOWING, () => this.follow());
    if (mode === this.store.mode) return;
    this.store.mode = mode;
    this.store.tell('mode');
  }

  /** @param {number} ms @param {() => void} action */
  later(ms, action) {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, ms);
  }

  async follow() {
    if (this.training || this.store.mode === 'lost') return;
    const reply = await this.ask({ op: 'pull', train: false, budget_ms: 0 });
    if (reply) this.show(reply);
  }

  /** First words, and first words again after the line was cut. */
  async hello() {
    this.viewSent = false;
    const reply = await this.ask({ op: 'hello' });
    if (!reply) return false;
    this.rev = 0;
    this.store.mode = 'paused';
    this.show(reply, true);
    this.store.tell('mode');
    return true;
  }

  train() {
    if (this.training || this.store.mode === 'lost' || !this.store.frame) return;
    this.training = true;
    clearTimeout(this.timer);
    if (this.pace === 'full') this.look({ res: this.coarse ? 48 : 64 });
    this.settle();
    this.pump();
  }

  stop() {
    if (!this.training) return;
    this.training = false;
    clearTimeout(this.timer);
    this.settle();
  }

  /** Stops, and asks for the sharpest picture of where it stopped. */
  async pause() {
    if (!this.training) return;
    this.stop();
    this.view.res = 96;
    this.viewSent = false;
    await this.command({ op: 'pull', train: false, budget_ms: 0 });
  }

  toggle() {
    return this.training ? this.pause() : this.train();
  }

  /** @param {string} pace */
  setPace(pace) {
    this.pace = pace;
    if (!this.training) return;
    clearTimeout(this.timer);
    this.pump();
  }

  /** Keeps two requests under way: while one picture is drawn, the next is computed. */
  pump() {
    if (!this.training) return;
    if (this.pace !== 'full') {
      if (!this.inFlight) this.tick();
      return;
    }
    while (this.inFlight < (this.hidden ? 1 : 2)) this.pull();
  }

  async pull() {
    this.inFlight++;
    const reply = await this.ask({ op: 'pull', train: true, budget_ms: this.hidden ? HIDDEN_BUDGET : BUDGET });
    this.inFlight--;
    if (reply) this.show(reply);
    this.pump();
  }

  /** One beat of a slower pace. */
  async tick() {
    this.inFlight++;
    const begun = performance.now();
    let pause = 1000;
    if (this.pace === 'phase') await this.nextPhase?.();
    else {
      const [unit, n, every] = PACES[this.pace];
      pause = every;
      const reply = await this.ask({ op: 'step', unit, n, budget_ms: HIDDEN_BUDGET });
      if (reply) this.show(reply);
    }
    this.inFlight--;
    if (this.training) this.later(Math.max(pause - (performance.now() - begun), 16), () => this.pump());
  }

  /** @param {string} unit @param {number} [n] */
  async step(unit, n = 1) {
    if (this.training) await this.pause();
    let reply = await this.command({ op: 'step', unit, n, budget_ms: HIDDEN_BUDGET });
    while (unit === 'epoch' && reply?.header.done === false) reply = await this.command({ op: 'step', unit, n, budget_ms: HIDDEN_BUDGET });
  }

  /** To a step. Of several wishes while one is under way, the last counts. @param {number} step */
  async seek(step) {
    if (this.training) this.stop();
    this.seekTo = Math.max(0, Math.round(step));
    if (this.seeking) return;
    this.seeking = true;
    while (this.seekTo !== null) {
      const to = this.seekTo;
      this.seekTo = null;
      await this.command({ op: 'seek', step: to });
    }
    this.seeking = false;
  }

  /** @param {Record<string, any>} changes */
  set(changes) {
    return this.command({ op: 'set', changes });
  }

  /**
   * A question that may wait, as those of the inspector: one at a time, not more than five a second.
   * @param {string} name a later question of the same name takes the place of an earlier one
   * @param {() => Promise<void>} question
   */
  aside(name, question) {
    this.asides.set(name, question);
    this.asideNext();
  }

  asideNext() {
    if (this.asideBusy || !this.asides.size || this.hidden) return;
    this.asideBusy = true;
    const wait = this.training ? Math.max(0, this.asideLast + SIDE - performance.now()) : 0;
    setTimeout(async () => {
      const [first] = this.asides;
      this.asides.delete(first[0]);
      this.asideLast = performance.now();
      if (this.store.mode !== 'lost') await first[1]();
      this.asideBusy = false;
      this.asideNext();
    }, wait);
  }

  /** The tab went out of sight, or came back. @param {boolean} hidden */
  setHidden(hidden) {
    this.hidden = hidden;
    if (hidden) return;
    if (this.training) this.pump();
    else if (this.store.frame && this.store.mode !== 'lost') this.follow();
    this.asideNext();
    this.out.draw();
  }

  lose() {
    this.training = false;
    this.asides.clear();
    if (this.ending) return;
    if (this.store.mode !== 'lost') {
      this.store.mode = 'lost';
      this.retryDelay = 500;
    } else if (performance.now() < this.retryAt) return;
    this.retryAt = performance.now() + this.retryDelay;
    this.later(this.retryDelay, () => this.retry());
    this.store.tell('mode');
  }

  async retry() {
    clearTimeout(this.timer);
    this.retryDelay = Math.min(this.retryDelay * 2, 5000);
    this.retryAt = 0;
    await this.hello();
  }

  end() {
    this.ending = true;
    this.training = false;
    clearTimeout(this.timer);
  }
}
