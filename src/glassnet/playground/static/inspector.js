/** The arithmetic of a neuron, a weight or a phase; weights can be typed over. */

import { fill, h, head, heads, scroll, table } from './dom.js';
import { parse, short } from './scales.js';
import { weightKey } from './state.js';
import { S } from './strings.js';

export function inspectorView(store, driver) {
	let all = false; // terms of a sum
	let shown = /** @type {Explanation | null} */ (null);
	let full = /** @type {Map<string, string>} */ (new Map()); // weights with all their digits
	let refusal = '';
	let known = ''; // what is shown, at which moment
	let phases = /** @type {string[]} */ ([]);
	const element = h('div#inspector');
	const subject = h('h3.subject#subject');
	const ribbon = h('div.ribbon', { role: 'group', label: S.phases });
	store.on('select', () => {
		all = false;
		refusal = '';
		if (!store.question) shown = null;
		render();
		ask();
	});
	store.on('topology', askPhases);
	store.on('hot', heat);

	function ask() {
		const { question, frame } = store;
		if (!question || !frame) return;
		const key = JSON.stringify([question, frame.rev, frame.step, frame.branch, frame.row, frame.cursor, all, driver.view.digits]);
		if (key !== known) driver.aside('explain', async () => {
			if (store.question !== question) return;
			const reply = await driver.ask({ op: 'explain', what: question, row: store.frame.row, all }, undefined, (error) => {
				if (store.question !== question) return;
				[known, shown, refusal] = [key, null, error.message];
				render();
			});
			if (!reply || store.question !== question) return;
			known = key;
			take(reply.header);
		});
	}

	function take(header) {
		shown = header.explanation;
		phases = header.phases ?? phases;
		full = new Map((header.weights ?? []).map(({ weight, value }) => [weightKey(weight), value]));
		store.lit = header.lit ?? null;
		store.tell('lit');
		render();
	}

	/** The names of the phases, once for each network. */
	function askPhases() {
		known = '';
		driver.aside('phases', async () => {
			const reply = await driver.ask({ op: 'explain', what: { phase: 0 }, row: store.frame.row, all: false }, undefined, () => {});
			phases = reply?.header.phases ?? [];
			drawRibbon();
		});
	}

	function drawRibbon() {
		const open = store.open('phase');
		fill(ribbon, ...phases.map((title, k) => h(`button.phase#phase-${k}`, {
			'aria-pressed': String(k === open), onclick: () => store.select(k === open ? null : { phase: k }),
		}, title.split(', ').map((part) => h('span', part)))));
	}

	/** The next phase of the batch; after the last one, the next batch. */
	async function nextPhase() {
		const open = store.open('phase') ?? -1;
		if (open + 1 >= phases.length) await driver.command({ op: 'step', unit: 'batch', n: 1, budget_ms: 250 });
		store.select({ phase: (open + 1) % Math.max(1, phases.length) });
	}

	function render() {
		drawRibbon();
		subject.textContent = shown?.title ?? '';
		if (!shown) return fill(element, h('p.quiet', refusal || S.inspectorEmpty));
		fill(element, shown.notes.map((note) => h('p.note', note)),
			shown.sections.map((section) => h('section.part', { 'data-section': section.title },
				h('h4', section.title), section.note && h('p.note', section.note), section.entries.map(entry))),
			h('p.hint', S.editHelp));
		heat();
	}

	function entry({ name, formula, reason, grid, lines, note }) {
		return h('div', null,
			name && h('p', h('b', name, formula && ` = ${formula}`)), reason && h('p.note', reason),
			name && grid && numbers(grid), lines.map(line),
			!name && grid && h('details', h('summary', S.everyRow(grid.columns.join(', '))), numbers(grid)), note && h('p.note', note));
	}

	function numbers({ columns, rows, left_out: leftOut }) {
		return scroll(columns.join(', '), table('', ['', ...columns],
			rows.map(({ label, cells }) => h('tr', head(label), cells.map((cell) => h('td', cell))))),
		leftOut && h('p.note', leftOut));
	}

	/** One number and where it comes from. @returns {HTMLElement} */
	function line(item) {
		const asTable = item.sum?.terms.some((term) => term.label);
		return h('div.calc', { 'data-name': item.name }, item.reason && h('p.note', item.reason), item.said && h('p.note', item.said),
			asTable ? sum(item) : plain(item), item.wheres.map((where) => h('div.where', line(where))));
	}

	function plain({ name, formula, numbers: filled, sum: added, text, about, assigns }) {
		const plus = (term) => (term.startsWith('−') ? ` − ${term.slice(1)}` : ` + ${term}`);
		const sums = added && added.terms.length > 1 ? added.terms.map((term, k) => (k ? plus(term.text) : term.text)).join('') : '';
		const rows = [formula, filled, sums].filter((row) => row && row !== text);
		const first = assigns ? '←' : '=';
		return h('div.steps', h('span.mono', name), h('div.rhs.mono', null,
			rows.map((row, k) => h('div', h('span.eq', k ? '=' : first), row)),
			h('div.result', h('span.eq', about ? '≈' : rows.length ? '=' : first), h('b', text))));
	}

	/** A sum with a row for each of its terms; they add up to the last row. */
	function sum({ name, formula, text, about, sum: added }) {
		if (!added) return null;
		const { terms, others } = added;
		const weighed = terms.some(({ factors }) => factors.some(({ weight }) => weight));
		const most = Math.max(...terms.map(({ value }) => Math.abs(value ?? 0)), 1e-300);
		return h('div.scroll-x', h('table.terms', h('caption.mono', `${name} = ${formula}`),
			h('thead', h('tr', heads(['', S.value, weighed ? S.weight : '', S.product, '']))),
			h('tbody', terms.map((item, k) => term(item, k, most)),
				others > 0 && h('tr', { 'data-term': 'others' }, h('th', { scope: 'row', colspan: 3 }, S.others(others), ' ',
					h('button.small#all-terms', { onclick: showAll }, S.allTerms)), h('td', added.others_text), h('td.bar'))),
			h('tfoot', h('tr', { 'data-term': 'total' }, h('th', { scope: 'row', colspan: 3 }, name),
				h('td', about || added.about ? '≈ ' : '= ', text), h('td.bar')))));
	}

	function term({ label, factors, negative, value, text }, k, most) {
		const own = factors.find((factor) => factor.weight);
		const weight = own?.weight;
		const key = weight && weightKey(weight);
		const others = factors.filter((factor) => factor !== own);
		const rest = (negative ? '− ' : '') + others.map((factor, k) => (factor.divides ? ' ÷ ' : k ? ' × ' : '') + factor.text).join('');
		const bar = h('i', { class: (value ?? 0) < 0 ? 'minus' : 'plus' });
		bar.style.width = `${(50 * Math.abs(value ?? 0)) / most}%`;
		const warm = key ? () => store.heat({ weight: key }) : undefined;
		const cool = key ? () => store.heat(null) : undefined;
		return h('tr', { 'data-term': label || k, 'data-weight': key, 'data-value': value, onpointerenter: warm, onpointerleave: cool },
			head(weight && weight[1].length > 1
				? h('button.link', { title: own.name, onfocus: warm, onblur: cool, onclick: () => store.select({ weight }) }, label || own.name) : label || own?.name),
			h('td', rest), h('td', weight && editor(weight, own.text, label)),
			h('td', text), h('td.bar', { 'aria-hidden': 'true' }, bar));
	}

	function editor(weight, text, label) {
		const key = weightKey(weight);
		const [name, index] = weight;
		const commit = (target) => {
			if (target.value === target.was) return void (target.value = target.was = target.defaultValue);
			target.was = target.value;
			const value = parse(target.value);
			driver.command({ op: 'poke', name, index, value: Number.isNaN(value) ? target.value : value });
		};
		return h('input.poke', {
			type: 'text', inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false', value: text, readonly: driver.transport.isSaved,
			'data-poke': key, label: `${S.weight} ${label} ${key}`, title: `${full.get(key) ?? text}\n${S.editHelp}`,
			onfocus: ({ target }) => {
				store.heat({ weight: key });
				target.was = target.value;
				target.select();
			},
			onblur: ({ target }) => {
				commit(target);
				store.heat(null);
			},
			onkeydown: (event) => {
				const { target, key: pressed } = event;
				const now = parse(target.value);
				const up = { ArrowUp: 1, ArrowDown: -1 }[pressed];
				if (pressed === 'Enter') commit(target);
				else if (pressed === 'Escape') {
					event.stopPropagation();
					target.value = target.was = target.defaultValue;
					target.select();
				} else if (up && Number.isFinite(now) && !target.readOnly) {
					event.preventDefault();
					target.value = short(now + Math.abs(now || 1) * up * (event.shiftKey ? 0.1 : 0.01), 6);
					commit(target);
				}
			},
		});
	}

	function showAll() {
		all = true;
		ask();
	}

	function heat() {
		const hot = store.hot?.weight;
		for (const row of element.querySelectorAll('[data-weight]')) row.toggleAttribute('data-hot', Boolean(hot) && row.dataset.weight === hot);
	}

	return { element, subject, ribbon, ask, render, nextPhase };
}
