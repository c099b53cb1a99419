/** The loss over time, which is also the way back in time: a slider made of a curve. */

import { drag, fill, h } from './dom.js';
import { extremes, plot } from './plot.js';
import { axisEnd, count, format } from './scales.js';
import { S } from './strings.js';

const PAD = [52, 14, 12, 20];

export function timelineView(store, driver) {
	let log = true;
	let cross = -1; // the step under the pointer
	let end = 10;
	const canvas = h('canvas');
	const slider = h('div.slider#timeline', {
		role: 'slider', tabindex: 0, label: S.timelineName, 'aria-valuemin': 0, onkeydown: key,
		onpointermove: (event) => look(stepAt(event)),
		onpointerleave: () => look(-1),
	}, canvas);
	drag(slider, (event) => driver.seek(stepAt(event)));
	const tip = h('div.tip', { hidden: true, 'aria-hidden': 'true' });
	const scale = h('button.small#log', { 'aria-pressed': 'true', title: S.logHelp, onclick: () => {
		log = !log;
		scale.setAttribute('aria-pressed', log);
		draw();
	} }, S.log);
	const branches = h('div.branches');
	const element = h('div.plot', slider, tip);
	new ResizeObserver(draw).observe(slider);

	function key(event) {
		const { step, batches, last } = store.frame;
		const by = event.shiftKey ? 10 : 1;
		const to = {
			ArrowLeft: step - by, ArrowDown: step - by, ArrowRight: step + by, ArrowUp: step + by, PageUp: step + batches, PageDown: step - batches, Home: 0, End: last,
		}[event.key];
		if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
		event.preventDefault();
		driver.seek(Math.min(last, to));
	}

	function look(step) {
		cross = step;
		draw();
	}

	function stepAt(event) {
		const bounds = slider.getBoundingClientRect();
		const share = (event.clientX - bounds.left - PAD[0]) / (bounds.width - PAD[0] - PAD[1]);
		return Math.round(Math.max(0, Math.min(store.frame?.last ?? 0, share * end)));
	}

	function range() {
		const { curve, ghosts } = store;
		const [low, high] = extremes([curve.loss, curve.val, ...[...ghosts.values()].map((ghost) => ghost.loss)], log);
		const more = high > 1.2 * low ? 1.3 : 3;
		return log ? [low / more, high * more] : [Math.min(0, low), high * 1.06 || 1];
	}

	function draw() {
		const { frame, curve, ghosts, palette } = store;
		if (!frame || !slider.clientWidth) return;
		end = axisEnd(Math.max(frame.last, ...[...ghosts.values()].map(({ x }) => x[x.length - 1] ?? 0)));
		const plane = plot(canvas, palette, { x: [0, end], y: range(), log, pad: PAD });
		const { context } = plane;
		plane.grid();
		for (const { x, loss } of ghosts.values()) plane.line(x, loss, 0, x.length, palette.ghost, 1.3);
		const now = curve.before(frame.step) + 1;
		context.globalAlpha = 0.35;
		plane.line(curve.x, curve.loss, Math.max(0, now - 1), curve.length, palette.ink, 1.5);
		context.globalAlpha = 1;
		plane.line(curve.valX, curve.val, 0, now, palette['neg-ink'], 1.7, [5, 3]);
		plane.line(curve.x, curve.loss, 0, now, palette.ink, 2);
		const label = (text, loss, colour, below) => {
			context.fillStyle = palette[colour];
			context.textAlign = 'right';
			context.fillText(text, plane.x(frame.step) - 8, Math.min(plane.y(loss) + below, plane.height - 24));
		};
		if (now && frame.texts.val_loss) {
			label(S.heldOut, curve.val[now - 1], 'neg-ink', -7);
			label(S.trainedOn, curve.loss[now - 1], 'ink', 15);
		}
		if (now === 1) plane.dot(curve.x[0], curve.loss[0], palette.ink, 3);
		drawFlags(plane);
		plane.upright(frame.step, palette.mark, 2);
		plane.dot(frame.step, Infinity, palette.mark, 4.5);
		if (!curve.length) {
			context.fillStyle = palette.soft;
			context.font = '13px system-ui, sans-serif';
			context.textAlign = 'center';
			context.fillText(S.nothingYet, plane.width / 2, plane.height / 2);
		}
		drawCross(plane);
	}

	function drawFlags({ context, x, upright, width }) {
		let [row, right] = [0, -Infinity];
		context.textAlign = 'left';
		for (const { step, text } of store.frame.flags) {
			upright(step, store.palette.warn, 1, [2, 3]);
			const wide = context.measureText(text).width;
			const left = Math.min(x(step) + 4, width - wide - 4);
			row = left < right ? row + 1 : 0;
			context.fillStyle = store.palette.warn;
			if (row < 4) context.fillText(text, left, PAD[2] + 9 + 13 * row);
			right = left + wide + 6;
		}
	}

	function drawCross({ x, upright, dot, width }) {
		const { curve, palette } = store;
		const k = cross < 0 ? -1 : curve.before(cross);
		tip.hidden = k < 0;
		if (k < 0) return;
		upright(curve.x[k], palette.soft, 1);
		dot(curve.x[k], curve.loss[k], palette.ink, 3);
		const val = Number.isFinite(curve.val[k]) ? ` · ${S.heldOut} ${format(curve.val[k])}` : '';
		tip.textContent = `${S.step} ${count(curve.x[k])} · ${S.loss} ${format(curve.loss[k])}${val}`;
		tip.style.left = `${Math.max(0, Math.min(x(curve.x[k]) + 8, width - tip.offsetWidth - 4))}px`;
	}

	function write() {
		const { frame: { last, step, texts, branch, branches: all } } = store;
		slider.setAttribute('aria-valuemax', last);
		slider.setAttribute('aria-valuenow', step);
		slider.setAttribute('aria-valuetext', `${S.step} ${step}, ${S.loss} ${texts.loss}`);
		const others = all.filter(({ k }) => k !== branch);
		fill(branches, ...others.map(({ k, from_step: from, last_step: last }) => h(`button.small#branch-${k}`, {
			title: S.branchBack, onclick: () => driver.command({ op: 'branch', to: k }),
		}, S.branch(k, from, last))));
	}

	return { element, tools: [branches, scale], draw, write };
}
