/** Two questions: why does it not learn, and would another seed? */

import { button, fill, h } from './dom.js';
import { extremes, plot } from './plot.js';
import { S } from './strings.js';

const SEEDS = 200;

export function doctorView(store, driver, set) {
	let curves = /** @type {any[]} */ ([]); // of { x, loss, colour, wide, alpha }
	const canvas = h('canvas.curves#answer-curves', { role: 'img' });
	const words = h('div');
	const title = h('h2#answer-title', { tabindex: -1 });
	const element = h('section.panel.answer', { hidden: true, 'data-panel': 'answer', label: S.answer },
		h('div.panel-head', title, h('button.square.bare#answer-close', { label: S.close, onclick: close }, '×')), canvas, words);
	const tools = [button('.small#diagnose', S.whyHelp, () => ask('diagnose'), S.why), button('.small#lottery', S.seedsHelp, () => ask('lottery'), S.seeds)];
	new ResizeObserver(draw).observe(element);

	function close() {
		element.hidden = true;
		curves = [];
	}

	async function ask(op) {
		await driver.pause();
		element.hidden = false;
		element.dataset.answer = 'working';
		title.textContent = S.working;
		canvas.hidden = true;
		fill(words);
		title.focus();
		const reply = await driver.ask(op === 'lottery' ? { op, seeds: SEEDS } : { op });
		if (!reply) return close();
		const { answer } = reply.header;
		element.dataset.answer = op;
		title.textContent = answer.title;
		canvas.setAttribute('aria-label', answer.title);
		curves = op === 'lottery' ? runs(reply.buffers, answer.mine) : cure(reply.buffers);
		canvas.hidden = !curves.length;
		fill(words, ...(op === 'lottery' ? odds(answer) : verdict(answer)));
		element.scrollIntoView({ block: 'nearest' });
		draw();
	}

	function key(...names) {
		return curves.length > 0 && h('p.keys-of', names.map(([style, name]) => h('span', h(`span.key-line.${style}`), name)));
	}

	function text(lines) {
		return lines.length > 0 && h('pre.evidence', { tabindex: 0 }, lines.join('\n'));
	}

	function cured(remedy) {
		return remedy && h('div.remedy#remedy', h('p', remedy.text), h('button#apply', { onclick: () => set(remedy.changes) }, S.apply));
	}

	function odds({ mine, remedy, ends, odds: lines, counts_as_learnt: counts, note }) {
		return [key(['plus', S.learnt], ['minus', S.notLearnt], ...(mine >= 0 ? [['mark', S.mine]] : [])), cured(remedy),
			text([...ends, '', ...lines]), ...[counts, note].map((line) => line && h('p.quiet', line))];
	}

	function verdict({ said, standing, remedy, proof, causes, ends, notes }) {
		return [...said.map((line) => h('p', line)), text(standing), cured(remedy),
			key(['minus', S.before], ['plus', S.after]), text(proof),
			...causes.map(({ name, evidence, why, change }) => h('div', { 'data-cause': name }, h('h3', name), text(evidence), h('p', why), change && h('p', change))),
			...[...ends, ...notes].map((line) => h('p.quiet', line))];
	}

	function runs({ lot_x: x, lot_loss: loss, lot_learnt: learnt }, mine) {
		const order = [...learnt.keys()].sort((a, b) => Number(a === mine) - Number(b === mine));
		return order.map((k) => {
			const style = k === mine ? { colour: 'mark', wide: 2.5, alpha: 1 } : { colour: learnt[k] ? 'pos-ink' : 'neg-ink', wide: 1, alpha: 0.3 };
			return { x, loss: loss.subarray(k * x.length, (k + 1) * x.length), ...style };
		});
	}

	/** Pairs of epoch and loss. */
	function cure({ cure_before: before, cure_after: after }) {
		const part = (pairs, rest) => pairs.filter((_, k) => k % 2 === rest);
		return [[before, 'neg-ink'], [after, 'pos-ink']].filter(([pairs]) => pairs?.length).map(([pairs, colour]) => ({ x: part(pairs, 0), loss: part(pairs, 1), colour, wide: 1.5, alpha: 0.8 }));
	}

	function draw() {
		if (!curves.length || !canvas.clientWidth) return;
		const [low, high] = extremes(curves.map(({ loss }) => loss), true);
		const plane = plot(canvas, store.palette, { x: [0, extremes(curves.map(({ x }) => x))[1]], y: [Math.max(low, high * 1e-10) / 1.2, high * 1.2], log: true, pad: [48, 8, 6, 20] });
		plane.grid();
		for (const { x, loss, colour, wide, alpha } of curves) {
			plane.context.globalAlpha = alpha;
			plane.line(x, loss, 0, x.length, store.palette[colour], wide);
		}
	}

	return { element, tools, close, draw };
}
