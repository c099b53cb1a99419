/** Puts the page together: `mount(root, transport)`. Works in a document and in a shadow root alike. */

import { barView, settingsView, storiesView } from './controls.js';
import { rowsView, tableDoor } from './data.js';
import { doctorView } from './doctor.js';
import { fill, h, icon, select } from './dom.js';
import { Driver } from './driver.js';
import { helpView } from './help.js';
import { inspectorView } from './inspector.js';
import { listen } from './keys.js';
import { leaveView } from './leave.js';
import { networkView } from './network.js';
import { outputView } from './output.js';
import { padView } from './pad.js';
import { count, diverging, readPalette } from './scales.js';
import { Store } from './state.js';
import { S } from './strings.js';
import { timelineView } from './timeline.js';

const TEXTS = 150; // ms between texts: they cost more than lines
const SAY = 5000; // ms between sentences, while it trains
const THEMES = Object.keys(S.themes);
const COLOURS = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];

/**
 * @param {HTMLElement} root where the page goes
 * @param {Transport} transport how it reaches Python
 * @returns {{end: () => void, probe: object}} `probe` is for tests and benchmarks
 */
export function mount(root, transport) {
	const store = new Store();
	const driver = new Driver(store, transport, { draw: schedule, fail, slow, done: () => (alert.hidden ||= !store.frame?.broken) });
	const bar = barView(store, driver);
	const network = networkView(store);
	const output = outputView(store, driver);
	const inspector = inspectorView(store, driver);
	const timeline = timelineView(store, driver);
	const rows = rowsView(store, driver);
	const settings = settingsView(store, driver);
	const doctor = doctorView(store, driver, settings.set);
	const pad = padView(store, driver);
	const help = helpView(root);
	const leave = leaveView(root, store, driver);
	const door = tableDoor(root, driver, doctor.close);
	const stories = storiesView(store, open, door.choose);
	driver.nextPhase = inspector.nextPhase;

	const subtitle = h('p.subtitle#subtitle');
	const sentence = h('p.sentence#sentence');
	const status = h('p.status#status', { role: 'status' });
	const alert = h('div.banner#banner', { hidden: true, role: 'alert' });
	const lost = h('div.banner#lost', { hidden: true, role: 'alert' });
	const themeButton = h('button.square#theme', { onclick: () => turnTheme() }, icon('theme'));
	const digits = select('#digits', { title: S.digitsHelp, value: 4 }, [2, 3, 4, 6, 8, 17].map((n) => [n, n]), (n) => driver.look({ digits: Number(n) }));
	const panel = (name, title, tools, ...inside) => h('section.panel', { 'data-panel': name, label: title }, h('div.panel-head', h('h2', title), tools), ...inside);
	const skip = (event) => {
		event.preventDefault();
		network.focus();
	};

	root.classList.add('glassnet');
	root.replaceChildren(h('div.page', null,
		h('a.skip', { href: '#net', onclick: skip }, S.skip),
		h('header.top', h('h1', 'glassnet'), bar.pill, subtitle, h('div.top-tools', leave.tools, themeButton,
			h('button.square#help', { label: S.help, onclick: help.open }, '?'))),
		stories.element, lost, alert,
		h('main.grid', h('div.top-bar', bar.element),
			h('div.middle', panel('network', S.network, [sentence], network.element, h('div.ribbon-frame', inspector.ribbon))),
			h('div.right', doctor.element, panel('output', S.output, [], output.element), pad.element,
				panel('inspector', S.inspector, [inspector.subject, h('label.tool', h('span', S.digits), digits)], inspector.element)),
			h('div.bottom', panel('timeline', S.loss, [status, ...timeline.tools, ...doctor.tools], timeline.element)),
			h('div.left', panel('data', S.data, [], rows.element), panel('settings', S.settings, [], settings.element)))),
	help.dialog, leave.dialog, ...door.parts);

	store.on('setup', () => {
		const { data, network: sizes, parts, parameters } = store.setup;
		fill(subtitle, h('b', data), h('span', `${sizes} · ${parts}`), h('span', S.toLearn(count(parameters))));
		sentence.textContent = store.setup.sentence;
	});
	store.on('topology', () => {
		const units = store.topology.columns.map((column) => column.units.filter((unit) => unit.ask));
		const first = units.find((list) => list.length) ?? [];
		const open = store.open('unit');
		const isThere = units.flat().some((unit) => unit.ask === open);
		store.select(isThere ? { unit: open } : first.length ? { unit: first[Math.min(2, first.length - 1)].ask } : null);
	});
	store.on('frame', () => {
		const { step, epoch, cursor, branch, row, loss, driver: drives, broken, stopped } = store.frame;
		Object.assign(root.dataset, { step, epoch, cursor, branch, row, loss: loss ?? 'none', driver: drives });
		root.toggleAttribute('data-broken', Boolean(broken));
		showBroken();
		if (!driver.training || stopped || broken || performance.now() - saidAt > SAY) say(store.frame.status);
	});
	store.on('mode', () => {
		root.dataset.state = store.mode;
		showLost();
		schedule();
	});

	let saidAt = 0;
	function say(text) {
		saidAt = performance.now();
		if (status.textContent !== text) status.textContent = text;
	}

	function slow() {
		if (store.frame) say(S.slow(store.frame.batch + 1));
		saidAt = -Infinity;
	}

	const drawMs = /** @type {number[]} */ ([]);
	let [frames, draws, waiting, writtenAt] = [0, 0, 0, 0];

	/** Draws the newest frame when the screen is ready for it, and none of those before. */
	function schedule() {
		frames++;
		if (!waiting && !driver.hidden) waiting = requestAnimationFrame(draw);
	}

	function draw() {
		waiting = 0;
		if (!store.frame) return;
		const begun = performance.now();
		for (const view of [network, output, timeline]) view.draw();
		if (!driver.training || begun - writtenAt > TEXTS) {
			writtenAt = begun;
			for (const view of [network, output, timeline, bar]) view.write();
			rows.ask();
			inspector.ask();
			pad.again();
		}
		draws++;
		driver.drawn();
		drawMs.push(performance.now() - begun);
		if (drawMs.length > 600) drawMs.splice(0, 300);
	}

	async function open(story) {
		driver.stop();
		driver.view = { res: driver.view.res, digits: driver.view.digits };
		doctor.close();
		if (await driver.command({ op: 'open', story })) driver.look({ row: 1 });
	}

	function fail({ where, message }) {
		if (!where || !settings.refuse(where, message)) banner(message);
		inspector.render();
	}

	function banner(message, ...actions) {
		fill(alert, h('p', message), ...actions, h('button.square.bare#banner-close', { label: S.close, onclick: () => (alert.hidden = true) }, '×'));
		alert.hidden = false;
	}

	let brokenAt = -1; // the step that has been shown as the end
	function showBroken() {
		const { broken, step } = store.frame;
		const wasAt = brokenAt;
		brokenAt = broken ? step : -1;
		if (!broken && wasAt >= 0) alert.hidden = true;
		if (!broken || wasAt === step) return;
		const back = () => driver.seek(step - 10);
		const slower = Number((store.setup.choices.learning_rate / 10).toPrecision(6));
		banner(broken.message, h('button#rewind', { onclick: back }, S.rewind),
			h('button#rewind-slower', { onclick: () => back().then(() => settings.set({ learning_rate: slower })) }, S.rewindSlower));
	}

	let counting = /** @type {any} */ (0);
	function showLost() {
		clearInterval(counting);
		lost.hidden = store.mode !== 'lost';
		if (lost.hidden) return;
		const write = () => fill(lost, h('p', S.lost), h('span.quiet', { 'aria-live': 'off' }, S.lostNext((Math.max(0, driver.retryAt - performance.now()) / 1000).toFixed(1))),
			h('button#retry', { onclick: () => driver.retry() }, S.lostNow));
		write();
		counting = setInterval(write, 250);
	}

	let theme = 0;
	function turnTheme(to = (theme + 1) % THEMES.length) {
		theme = to;
		root.dataset.theme = THEMES[theme];
		const text = `${S.theme}: ${S.themes[THEMES[theme]]}`;
		themeButton.ariaLabel = themeButton.title = text;
		colour();
	}

	function colour() {
		store.palette = readPalette(root);
		store.lut = diverging(store.palette);
		pad.paint();
		doctor.draw();
		schedule();
	}

	const queries = COLOURS.map((query) => matchMedia(query));
	for (const query of queries) query.addEventListener('change', colour);
	const see = () => driver.setHidden(document.visibilityState === 'hidden');
	document.addEventListener('visibilitychange', see);
	const back = () => driver.seek(store.frame.step - 1);
	const deaf = listen(root, {
		Space: () => driver.toggle(), '.': () => driver.step('sample'), ']': () => driver.step('batch'), '}': () => driver.step('epoch'), '[': back, ',': back,
		Home: () => driver.seek(0), Escape: () => store.select(null), t: () => turnTheme(), '?': help.open,
	}, help.keysOn);

	root.dataset.state = store.mode;
	turnTheme(0);
	driver.hello();
	return {
		end() {
			driver.end();
			deaf();
			clearInterval(counting);
			document.removeEventListener('visibilitychange', see);
			for (const query of queries) query.removeEventListener('change', colour);
			root.replaceChildren();
		},
		get probe() {
			return { frames, draws, drawMs: [...drawMs], last: store.frame, busyMs: driver.busyMs };
		},
	};
}
