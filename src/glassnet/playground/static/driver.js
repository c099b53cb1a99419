/** Asks Python: commands at once, pictures while it trains, again after a lost line. */

import { Lost, Refused } from './transport.js';

const SHARE = 0.7; // of the time between two pictures is for training, but
const [LEAST, MOST] = [20, 50]; // ms
const LONG = 250; // ms of training where nobody looks, or waits for one step
const FOLLOWING = 500; // ms between two looks at a run that another tab drives
const LEADING = 2000; // ms until a paused page looks whether another tab leads now
const ASIDE = 200; // ms between questions of the inspector and the table
const RETRY = [500, 5000]; // ms until it is asked again: at first, at most
const PACES = { sample: ['sample', 1, 1000], batch: ['batch', 1, 1000], frame: ['batch', 1, 0], ten: ['batch', 10, 0] };
const LOOK = { op: 'pull', train: false, budget_ms: 0 };

export class Driver {
	training = false;
	pace = 'full';
	busyMs = 0; // that Python trained
	hidden = false;
	retryAt = 0;
	view = /** @type {Record<string, any>} */ ({ res: 96, row: 1 });
	nextPhase = async () => {};
	#viewSent = false;
	#inFlight = 0;
	#apart = 25; // ms between two pictures, about
	#drawnAt = 0;
	#rev = 0;
	#timer = 0;
	#retryDelay = RETRY[0];
	#ended = false;
	#seekTo = -1; // nowhere
	#asides = /** @type {Map<string, () => Promise<void>>} */ (new Map());
	#asideBusy = false;
	#asideLast = 0;
	#last = /** @type {Promise<any>} */ (Promise.resolve());

	/** @param {Store} store @param {Transport} transport */
	constructor(store, transport, out) {
		this.store = store;
		this.transport = transport;
		this.out = out;
	}

	/** What is looked at; Python remembers it. */
	look(changes) {
		Object.assign(this.view, changes);
		this.#viewSent = false;
		return this.training ? null : this.command(LOOK);
	}

	/** One message and its reply; null if there was none, and that has been shown. @returns {Promise<Reply | null>} */
	async ask(message, body, fail = this.out.fail) {
		const sent = this.#viewSent ? message : { ...message, view: this.view };
		this.#viewSent = true;
		try {
			const reply = await this.transport.call(sent, body);
			this.#retryDelay = RETRY[0];
			return this.#ended ? null : reply;
		} catch (error) {
			if (sent !== message) this.#viewSent = false;
			if (error instanceof Lost) this.#lose();
			else if (error instanceof Refused) fail(error);
			else throw error;
			return null;
		}
	}

	/** A message of the user, in turn: of two at once, either may come in first. */
	command(message, body, fail) {
		return (this.#last = this.#last.catch(() => null).then(() => this.#command(message, body, fail)));
	}

	/** Older frames that are under way are not shown any more. */
	async #command(message, body, fail) {
		const reply = await this.#patient(message, body, fail);
		if (reply && message.op !== 'pull') this.out.done?.();
		this.show(reply, true);
		return reply;
	}

	/** Says so where an answer takes long. */
	async #patient(message, body, fail) {
		const slow = setTimeout(() => this.out.slow(), 400);
		const reply = await this.ask(message, body, fail);
		clearTimeout(slow);
		return reply;
	}

	/** @param {Reply | null} reply */
	show(reply, ordered = false) {
		if (reply?.header.step === undefined) return;
		const { header } = reply;
		const isOld = header.rev < this.#rev || (header.rev === this.#rev && header.step < (this.store.frame?.step ?? 0));
		if (isOld && !ordered) return this.store.takeLate(reply);
		this.#rev = Math.max(this.#rev, header.rev);
		this.busyMs += header.busy_ms ?? 0;
		const changed = this.store.take(reply);
		this.store.tell(...changed);
		if (this.training && (header.stopped || header.broken || !header.driver)) this.stop();
		this.#settle();
		this.out.draw();
	}

	#settle() {
		const isFollowing = !this.training && this.store.frame && !this.store.frame.driver;
		if (!this.training && this.store.frame) this.#later(isFollowing ? FOLLOWING : LEADING, () => this.follow());
		const mode = this.training ? 'training' : isFollowing ? 'following' : 'paused';
		if (mode === this.store.mode) return;
		this.store.mode = mode;
		this.store.tell('mode');
	}

	#later(ms, action) {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(action, ms);
	}

	async follow() {
		if (this.training || this.hidden || this.store.mode === 'lost') return;
		this.show(await this.ask(LOOK));
	}

	async hello() {
		this.#viewSent = false;
		const reply = await this.ask({ op: 'hello' });
		if (reply) this.#rev = 0;
		this.show(reply, true);
	}

	async train() {
		if (this.training || !this.store.frame || this.store.mode === 'lost') return;
		if (!this.store.frame.driver) await this.command({ ...LOOK, lead: true }); // takes over from another tab
		this.training = true;
		clearTimeout(this.#timer);
		if (this.pace === 'full') this.look({ res: 64 });
		this.#settle();
		this.#pump();
	}

	stop() {
		if (!this.training) return;
		this.training = false;
		clearTimeout(this.#timer);
		this.#settle();
	}

	/** Stops, and asks for the sharpest picture of where it stopped. */
	async pause() {
		if (!this.training) return;
		this.stop();
		await this.look({ res: 96 });
	}

	toggle() {
		return this.training ? this.pause() : this.train();
	}

	setPace(pace) {
		this.pace = pace;
		if (!this.training) return;
		clearTimeout(this.#timer);
		this.#pump();
	}

	/** Keeps two requests under way: while one picture is drawn, the next is computed. */
	#pump() {
		if (!this.training) return;
		if (this.pace !== 'full') {
			if (!this.#inFlight) this.#beat();
		} else while (this.#inFlight < (this.hidden ? 1 : 2)) this.#pull();
	}

	/** The slower pictures are drawn, the longer may Python train for one. */
	drawn() {
		const now = performance.now();
		this.#apart += 0.1 * (Math.min(MOST / SHARE, now - this.#drawnAt) - this.#apart);
		this.#drawnAt = now;
	}

	async #pull() {
		this.#inFlight++;
		const budget = this.hidden ? LONG : Math.max(LEAST, Math.round(SHARE * this.#apart));
		const reply = await this.#patient({ op: 'pull', train: true, budget_ms: budget });
		this.#inFlight--;
		this.show(reply);
		this.#pump();
	}

	async #beat() {
		this.#inFlight++;
		const begun = performance.now();
		const [unit, n, every] = PACES[this.pace] ?? ['phase', 1, 1000];
		if (unit === 'phase') await this.nextPhase();
		else this.show(await this.ask({ op: 'step', unit, n, budget_ms: LONG }));
		this.#inFlight--;
		if (this.training) this.#later(Math.max(every - (performance.now() - begun), 16), () => this.#pump());
	}

	async step(unit) {
		await this.pause();
		let reply;
		do reply = await this.command({ op: 'step', unit, n: 1, budget_ms: LONG });
		while (reply?.header.done === false);
	}

	/** To a step. Of several wishes while one is under way, the last counts. */
	async seek(step) {
		this.stop();
		const isBusy = this.#seekTo >= 0;
		this.#seekTo = Math.max(0, Math.round(step));
		if (isBusy) return;
		for (let to = NaN; this.#seekTo !== to;) {
			to = this.#seekTo;
			if (!(await this.command({ op: 'seek', step: to }))) break;
		}
		this.#seekTo = -1;
	}

	set(changes) {
		return this.command({ op: 'set', changes });
	}

	/**
	 * A question that may wait, as the inspector's: one at a time, at most five a second while it trains. A later one of
	 * a name takes the place of an earlier one.
	 */
	aside(name, question) {
		this.#asides.set(name, question);
		this.#asideNext();
	}

	#asideNext() {
		if (this.#asideBusy || !this.#asides.size || this.hidden) return;
		this.#asideBusy = true;
		const wait = this.training ? Math.max(0, this.#asideLast + ASIDE - performance.now()) : 0;
		setTimeout(async () => {
			const [[name, question]] = this.#asides;
			this.#asides.delete(name);
			this.#asideLast = performance.now();
			if (this.store.mode !== 'lost' && !this.#ended) await question();
			this.#asideBusy = false;
			this.#asideNext();
		}, wait);
	}

	setHidden(hidden) {
		this.hidden = hidden;
		if (hidden) return;
		this.#pump();
		if (this.store.frame) this.follow();
		this.#asideNext();
		this.out.draw();
	}

	#lose() {
		this.training = false;
		if (this.#ended || (this.store.mode === 'lost' && performance.now() < this.retryAt)) return;
		this.store.mode = 'lost';
		this.retryAt = performance.now() + this.#retryDelay;
		this.#later(this.#retryDelay, () => this.retry());
		this.store.tell('mode');
	}

	retry() {
		clearTimeout(this.#timer);
		this.#retryDelay = Math.min(this.#retryDelay * 2, RETRY[1]);
		this.retryAt = 0;
		return this.hello();
	}

	end() {
		this.#ended = true;
		this.training = false;
		clearTimeout(this.#timer);
	}
}
