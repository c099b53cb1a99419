/** What the network answers: for the row that is looked at, and for all. */

import { fill, h, head, scroll, table } from './dom.js';
import { mapView } from './maps.js';
import { extremes, plot } from './plot.js';
import { count } from './scales.js';
import { S } from './strings.js';

/** Probabilities, or numbers, as bars. @param {[string, number, string][]} outputs */
export function bars(outputs, target, areShares) {
	const most = areShares ? 1 : Math.max(...outputs.map(([, p]) => Math.abs(p)), 1e-300);
	return h('div.bars', outputs.map(([name, p, text]) => {
		const bar = h('i', { class: p < 0 ? 'minus' : 'plus' });
		bar.style.width = `${(100 * Math.abs(p)) / most}%`;
		return h('div', { 'data-class': name, class: name === target ? 'bar-row is-target' : 'bar-row' },
			h('span.bar-name', { title: name }, name), h('span.bar-track', { 'aria-hidden': 'true' }, bar), h('span.bar-text', text));
	}));
}

export function outputView(store, driver) {
	const map = mapView(store, driver);
	const said = h('div');
	const canvas = h('canvas.scatter#scatter', { role: 'img', label: S.scatterName });
	const scatter = h('div', { hidden: true }, h('h4', S.scatter), canvas);
	const confusion = h('details.confusion-frame#confusion');
	const element = h('div.output', said, map.element, scatter, confusion);
	store.on('data', () => {
		const classes = store.data.classes?.length ?? 0;
		confusion.open = classes > 2 && classes < 6;
		confusion.classList.toggle('few', classes < 3);
	});
	new ResizeObserver(drawScatter).observe(scatter);

	function draw() {
		map.draw();
		drawScatter();
	}

	function write() {
		const { frame, data } = store;
		fill(said, bars(frame.outputs, frame.target, Boolean(data.classes)), h('p.facts', null,
			h('span', `${frame.row_name} · ${S.says} `, h('b#said', frame.said)),
			h('span', `${S.target} `, h('b#target', frame.target),
				frame.right !== null && h('span', { class: frame.right ? 'is-right' : 'is-wrong' }, ` ${frame.right ? S.right : S.wrong}`)),
			h('span', `${S.rowLoss} `, h('b#row-loss', frame.row_loss_text))));
		tally();
	}

	function drawScatter() {
		const { buffers: { truth, predicted }, palette } = store;
		scatter.hidden = !truth?.length;
		if (scatter.hidden || !canvas.clientWidth) return;
		const range = extremes([truth, predicted]);
		const { context, x, y, grid, segment, dot, width, height } = plot(canvas, palette, { x: range, y: range, pad: [44, 10, 8, 34] });
		grid();
		context.fillText(S.truth, width / 2, height - 4);
		segment(x(range[0]), y(range[0]), x(range[1]), y(range[1]), palette.soft, 1, [4, 4]);
		context.globalAlpha = 0.6;
		truth.forEach((value, k) => dot(value, predicted[k], palette['pos-ink'], 2.6));
	}

	function tally() {
		confusion.hidden = !store.frame.confusion;
		if (!store.frame.confusion) return;
		const { labels, counts, of } = store.frame.confusion;
		const most = Math.max(1, ...counts.flat());
		const cell = (n, isHit) => {
			const found = h('td', { class: n ? (isHit ? 'hit' : 'miss') : 'none' }, count(n));
			found.style.setProperty('--share', `${n ? Math.round(12 + (68 * n) / most) : 0}%`);
			return found;
		};
		fill(confusion, h('summary', S.confusion), h('p.quiet', `${S.confusionHelp} · ${of}`), scroll(S.confusion,
			table('.confusion', ['', ...labels], counts.map((row, i) => h('tr', head(labels[i]), row.map((n, j) => cell(n, i === j)))))));
	}

	return { element, draw, write };
}
