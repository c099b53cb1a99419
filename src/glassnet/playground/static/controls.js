/** The bar that moves time, the stories, and the settings that Python lists. */

import { button, fill, h, icon, select } from './dom.js';
import { count, parse } from './scales.js';
import { S } from './strings.js';

export function barView(store, driver) {
	const label = h('span', S.train);
	const sign = h('span.train-icon', icon('play'));
	const numbers = h('dl.numbers-now');
	const pill = h('span.pill#state');
	const restart = (weights) => {
		driver.stop();
		driver.command({ op: 'restart', weights });
	};
	const more = h('button.bar-more#more', { 'aria-expanded': 'false', label: S.more, onclick: () => more.setAttribute('aria-expanded', element.toggleAttribute('data-open')) }, '···');
	const element = h('div.bar', { role: 'group', label: S.train },
		h('div.bar-extra', button('#again', S.againHelp, () => restart('same'), icon('start'), S.again), button('#fresh', S.freshHelp, () => restart('new'), icon('fresh'), S.fresh)),
		h('div.bar-main', button('#back', S.backHelp, () => driver.seek(store.frame.step - 1), icon('back'), S.back),
			button('.primary#train', S.trainHelp, () => driver.toggle(), sign, label), button('#batch', S.batchHelp, () => driver.step('batch'), S.batch, icon('next'))),
		h('div.bar-steps', button('#sample', S.sampleHelp, () => driver.step('sample'), S.sample), button('#epoch', S.epochHelp, () => driver.step('epoch'), S.epoch),
			h('label.speed', { title: S.speedHelp }, select('#speed', { label: S.speed, value: 'full' }, Object.entries(S.speeds), (pace) => driver.setPace(pace)),
				h('span.hint', S.speedHelp))),
		more, numbers);
	store.on('mode', () => {
		const training = store.mode === 'training';
		label.textContent = training ? S.pause : S.train;
		sign.replaceChildren(icon(training ? 'pause' : 'play'));
		pill.textContent = S.states[store.mode];
		pill.dataset.mode = store.mode;
	});

	function write() {
		const { step, epoch, texts } = store.frame;
		const facts = [[S.step, count(step), 'step'], [S.epochs, count(epoch), 'epoch'], [S.loss, texts.loss, 'loss'], [texts.score_name, texts.score, 'score']];
		if (texts.val_loss) {
			facts.splice(3, 0, [S.heldOut, texts.val_loss, 'val-loss']);
			facts.push([S.heldOut, texts.val_score, 'val-score']);
		}
		const alone = texts.val_loss ? '' : ' alone';
		fill(numbers, ...facts.map(([name, value, key]) => h('div', { class: `fact${key === 'loss' ? ` main${alone}` : key === 'score' ? alone : ''}` }, h('dt', name), h(`dd#${key}`, value))));
	}

	return { element, pill, write };
}

/** Where one may begin: stories, or a table of one's own. */
export function storiesView(store, open, bring) {
	const element = h('nav.stories', { label: S.stories });
	store.on('about setup', () => fill(element, h('ul', store.about.stories.map(({ name, title, sentence }) => h('li', h(`button.chip#story-${name}`, {
		title: sentence, 'aria-pressed': String(store.setup.story === name), onclick: () => open(name),
	}, title)))), button('.chip#own-table', S.ownTableHelp, bring, S.ownTable)));
	return { element };
}

const LADDER = [1, 2, 3, 5];

/** The next value up or down: by one, or along 1, 2, 3, 5, 10. */
function stepped({ kind, min }, value, up) {
	if (kind === 'whole') return Math.max(min ?? 0, (value || 0) + (up ? 1 : -1));
	if (!(value > 0)) return up ? 0.001 : 0;
	const power = Math.floor(Math.log10(value) + 1e-9);
	const rungs = [-1, 0, 1].flatMap((d) => LADDER.map((k) => Number(`${k}e${power + d}`)));
	return (up ? rungs.find((rung) => rung > value * 1.0001) : rungs.reverse().find((rung) => rung < value * 0.9999)) ?? value;
}

/** What was typed: a number, nothing, or a text that Python will refuse. */
function typed(text, kind) {
	const value = parse(text, kind === 'whole');
	return text.trim() === '' ? null : Number.isNaN(value) ? text : value;
}

/** In the order and with the words that Python gives. */
export function settingsView(store, driver) {
	let error = { where: '', message: '' };
	let wished = /** @type {Layer[] | null} */ (null); // layers that Python has not answered for
	const element = h('div#settings');
	store.on('setup about', render);

	async function set(changes) {
		const field = /** @type {any} */ (element.getRootNode()).activeElement;
		const was = field?.value;
		error = { where: '', message: '' };
		wished = changes.layers ?? wished;
		if (wished) render();
		await driver.set(changes);
		if (wished === changes.layers) wished = null;
		render();
		if (element.contains(field) && field.value === was) field.value = field.defaultValue ?? was; // what holds
	}

	/** Shows a refusal at its control; false where there is none. */
	function refuse(where, message) {
		if (!store.about?.controls.some(({ key }) => key === where)) return false;
		error = { where, message };
		render();
		return true;
	}

	function render() {
		if (store.about && store.setup) fill(element, ...store.about.controls.map(field));
	}

	function field(control) {
		const { key, title, help, live, kind } = control;
		const fixed = store.setup.fixed.includes(key);
		const hint = h('span.hint', `${help} (${live ? S.live : S.restarts})`);
		const refused = error.where === key && h(`p.error`, { id: `error-${key}`, role: 'alert' }, error.message);
		if (kind === 'layers') return layers(title, wished ?? store.setup.choices.layers, fixed, hint, refused);
		return h('div', h('label.field-row', { title: help }, h('span', title, !live && !fixed && h('span.quiet', { title: S.restarts, 'aria-hidden': 'true' }, ' ↺')),
			input(control, store.setup.choices[key], fixed)), hint, refused);
	}

	function input(control, value, disabled) {
		const { key, kind, help, optional } = control;
		const common = { disabled, 'aria-invalid': error.where === key ? 'true' : null, title: disabled ? S.fixed : help };
		if (kind === 'choice') {
			const options = [...(optional ? [null] : []), ...(control.options ?? [])];
			if (!options.includes(value)) options.unshift(value);
			return select(`#${key}`, { ...common, value: options.indexOf(value) }, options.map((option, k) => [k, option ?? optional]), (k) => set({ [key]: options[k] }));
		}
		const text = value === null || value === undefined ? '' : String(value).replace('-', '−');
		const commit = (target) => target.value.trim() !== text && set({ [key]: typed(target.value, kind) });
		return h(`input#${key}`, { ...common, type: 'text', inputmode: 'decimal', autocomplete: 'off', value: text, placeholder: optional,
			onchange: ({ target }) => commit(target),
			onkeydown: (event) => {
				const { target } = event;
				if (event.key === 'Escape') target.value = text;
				if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
				event.preventDefault();
				target.value = String(stepped(control, parse(target.value, kind === 'whole'), event.key === 'ArrowUp'));
				commit(target);
			} });
	}

	function layers(title, list, disabled, hint, refused) {
		const { activations, limits } = store.about;
		const change = (k, part) => set({ layers: list.map((layer, i) => (i === k ? { ...layer, ...part } : layer)) });
		const text = (key, label, value, part) => h(`input#${key}`, { type: 'text', inputmode: 'decimal', label, value, disabled, onchange: ({ target }) => change(...part(target.value)) });
		const row = ({ units, activation, dropout, batch_norm: batchNorm }, i) => {
			const k = i + 1;
			return h('div.layer', { role: 'group', label: S.layer(k), 'data-layer': k }, h('span.quiet', { 'aria-hidden': 'true' }, k),
				h(`button.square#fewer-${k}`, { label: S.fewer, disabled: disabled || units <= 1, onclick: () => change(i, { units: units - 1 }) }, '−'),
				text(`units-${k}`, S.units, units, (given) => [i, { units: typed(given, 'whole') }]),
				h(`button.square#more-${k}`, { label: S.moreUnits, disabled, onclick: () => change(i, { units: units + 1 }) }, '+'),
				select(`#activation-${k}`, { label: S.activation, value: activation, disabled, title: activations.find(({ name }) => name === activation)?.help },
					activations.map(({ name }) => [name, name]), (name) => change(i, { activation: name })),
				h(`button.square.bare#remove-${k}`, { label: S.removeLayer, disabled, onclick: () => set({ layers: list.filter((_, j) => j !== i) }) }, '×'),
				h('label.layer-more', S.dropout, text(`dropout-${k}`, S.dropout, dropout, (given) => [i, { dropout: typed(given) }])),
				h('label.layer-more', h(`input#batch-norm-${k}`, { type: 'checkbox', checked: batchNorm, disabled, onchange: ({ target }) => change(i, { batch_norm: target.checked }) }), S.batchNorm));
		};
		const last = list[list.length - 1] ?? { units: 4, activation: 'tanh' };
		return h('fieldset.layers', h('legend', title), list.map(row), hint,
			h('button.small#add-layer', { disabled: disabled || list.length >= limits.layers, onclick: () => set({ layers: [...list, { ...last }] }) }, `+ ${S.addLayer}`), refused);
	}

	return { element, set, refuse };
}
