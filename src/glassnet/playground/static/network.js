/** The network: lines and tiles on one canvas, as each costs a layer; neurons as buttons above. */

import { fill, h, head, put, select, table } from './dom.js';
import { paintImage, paintTile } from './maps.js';
import { disc, sharp } from './plot.js';
import { count, format, short } from './scales.js';
import { S } from './strings.js';

const LARGEST = 56; // a tile's side in CSS pixels
const DENSE = 50; // nearer than that, names do not fit below
const HEAD = 34; // room for the columns' titles
const THICKEST = 7;
const NEAR = 7; // how far from a line a click still means it

export function networkView(store) {
	let neurons = /** @type {Neuron[]} */ ([]);
	let picture = /** @type {number[] | null} */ (null); // left, top, width and height of a row that is one
	let notes = /** @type {any[]} */ ([]); // "54 more", by column
	let roving = 0;
	let side = 0;
	const canvas = h('canvas.edges#edges');
	const tile = h('canvas'); // on the way to the large one
	const layer = h('div', { role: 'group', label: S.graph, onkeydown: arrows });
	const titles = h('div', { 'aria-hidden': 'true' });
	const box = h('div.net', { id: 'net', onpointerleave: () => store.heat(null),
		onpointermove: (event) => {
			if (event.target.closest('button')) return;
			const edge = over(event);
			store.heat(edge && { weight: edge.key });
		},
		onclick: (event) => {
			const edge = over(event);
			if (edge) store.select({ weight: [edge.name, edge.index] });
		} }, canvas, titles, layer);
	const legend = h('p.legend#legend');
	const asTable = h('details.as-table#network-table', { ontoggle: tabulate }, h('summary', S.asTable), h('div'));
	const lines = select('#lines', { title: S.linesHelp }, Object.entries(S.lineModes), (kind) => {
		store.lines = kind;
		store.tell('lines');
	});
	const element = h('div.net-frame', h('div.net-scroll', box),
		h('div.net-tools', legend, asTable, h('label.tool', h('span', S.lines), lines)));
	store.on('topology', build);
	store.on('select hot lit mode lines', () => {
		draw();
		if (store.frame) write();
	});
	new ResizeObserver(() => {
		place();
		draw();
	}).observe(box);

	function build() {
		neurons = [];
		const { columns } = store.topology;
		columns.forEach((column, c) => {
			for (const unit of column.units) {
				const k = neurons.length;
				const value = h('span.val');
				const button = h('button.unit', {
					'data-unit': unit.ask || unit.name, 'data-column': c, onclick: () => press(unit.ask), onfocus: () => rove(k),
					onpointerenter: () => store.heat(meant(k)), onpointerleave: () => store.heat(null),
				}, h('span.tag', h('span.name', unit.name), value));
				neurons.push({ x: 0, y: 0, column: c, unit, button, value });
			}
		});
		notes = columns.map((column) => column.hidden > 0 && h('span.hidden-units', `⋮ ${S.hiddenUnits(column.hidden)}`));
		layer.replaceChildren(...neurons.map(({ button }) => button), ...notes.filter(Boolean));
		fill(titles, ...columns.map(({ title }) => h('div.column-title', h('b', title[0]), h('span', title.slice(1).join(' ')))));
		rove(Math.min(roving, neurons.length - 1));
		place();
	}

	/** What the pointer over a neuron means: the line from it to the opened one, or itself. */
	function meant(k) {
		const edge = store.edges.find(({ from, to, key }) => from === k && key && neurons[to].unit.ask === store.open('unit'));
		return edge ? { weight: edge.key } : { unit: neurons[k].unit.ask || neurons[k].unit.name };
	}

	function press(ask) {
		if (ask) store.select(store.open('unit') === ask ? null : { unit: ask });
	}

	/** One neuron can be reached by Tab, the others by arrows. */
	function rove(k, focus = false) {
		roving = Math.max(0, k);
		neurons.forEach(({ button }, i) => (button.tabIndex = i === roving ? 0 : -1));
		if (focus) neurons[roving]?.button.focus();
	}

	function arrows(event) {
		const from = neurons[roving];
		const [across, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
		if (!from || (!across && !up)) return;
		event.preventDefault();
		const away = (k) => Math.abs(neurons[k].y - from.y);
		const there = [...neurons.keys()].filter((k) => neurons[k].column === from.column + across && (!up || k === roving + up));
		if (there.length) rove(there.sort((a, b) => away(a) - away(b))[0], true);
	}

	function place() {
		const columns = store.topology?.columns ?? [];
		const [width, height] = [box.clientWidth, box.clientHeight];
		if (!columns.length || !width) return;
		put(box, { '--least': columns.length * 62 + 40 });
		const slots = columns.map((column) => column.units.length + (column.hidden > 0 ? 1 : 0));
		const room = height - HEAD;
		const spacing = room / Math.max(...slots, 1);
		const dense = spacing < DENSE;
		const longest = (c) => Math.max(0, ...columns[c].units.map(({ name }) => name.length));
		const [before, behind] = dense ? [longest(0), longest(columns.length - 1)].map((n) => (n ? Math.min(130, 14 + 7 * n) : 0)) : [0, 0];
		const gap = (width - before - behind) / columns.length;
		side = Math.min(LARGEST, Math.max(18, Math.min(dense ? spacing - 4 : spacing - 26, gap * 0.55)));
		box.classList.toggle('dense', dense);
		let k = 0;
		columns.forEach((column, c) => {
			const x = before + gap * (c + 0.5);
			const apart = Math.min(room / slots[c], 130);
			const top = HEAD + room / 2 - (apart * (slots[c] - 1)) / 2 - (dense ? 0 : 9);
			put(titles.children[c], { left: x - gap / 2, width: gap });
			column.units.forEach((_, j) => {
				const neuron = neurons[k++];
				Object.assign(neuron, { x, y: top + j * apart });
				put(neuron.button, { left: x, top: neuron.y, '--side': side });
				neuron.button.dataset.place = c === 0 ? 'first' : c === columns.length - 1 ? 'last' : 'inner';
			});
			if (notes[c]) put(notes[c], { left: x, top: top + (slots[c] - 1) * apart });
			if (c) return;
			const wide = Math.min(gap * 0.8, 150, room * 0.7);
			picture = column.kind === 'image' ? [x - wide / 2, HEAD + (room - wide) / 2, wide, wide] : null;
		});
	}

	/** The line under the pointer, if one is near. @returns {Edge | null} */
	function over(event) {
		if (event.target.closest('button')) return null;
		const bounds = canvas.getBoundingClientRect();
		const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
		let [best, found] = [NEAR, /** @type {Edge | null} */ (null)];
		for (const edge of store.edges) {
			const [a, b] = [neurons[edge.from], neurons[edge.to]];
			if (!edge.key || x < a.x + 8 || x > b.x - 8) continue;
			const slope = (b.y - a.y) / (b.x - a.x);
			const away = Math.abs(a.y + slope * (x - a.x) - y) / Math.hypot(1, slope);
			if (away < best) [best, found] = [away, edge];
		}
		box.classList.toggle('over-edge', Boolean(found));
		return found;
	}

	/** What each line stands for, and the largest of them. */
	function strengths() {
		const { weights, gradients, values } = store.buffers;
		const kinds = { weight: (edge) => weights[edge.at], gradient: (edge) => gradients[edge.at], product: (edge) => weights[edge.at] * values[edge.from] };
		const of = (edge) => (edge.at < 0 ? 0 : kinds[store.lines](edge));
		return { of, largest: store.edges.reduce((most, edge) => Math.max(most, Math.abs(of(edge)) || 0), 0) || 1 };
	}

	/** Which lines belong to what is open. @returns {(edge: Edge) => boolean} */
	function chosen() {
		const [unit, weight] = [store.open('unit'), store.open('weight')];
		if (weight) return (edge) => edge.name === weight[0] && String(edge.index) === String(weight[1]);
		if (store.lit?.layer) return (edge) => store.topology.columns[edge.column].layer === store.lit?.layer;
		const k = neurons.findIndex((neuron) => neuron.unit.ask && neuron.unit.ask === unit);
		return (edge) => k < 0 || edge.from === k || edge.to === k;
	}

	function draw() {
		if (!store.frame) return;
		const { palette, edges, hot, mode } = store;
		if (!box.clientWidth || !side) return;
		const context = sharp(canvas, box.clientWidth, box.clientHeight);
		const { of, largest } = strengths();
		const isChosen = chosen();
		const segment = (ax, ay, bx, by) => {
			context.beginPath();
			context.moveTo(ax + side / 2, ay);
			context.lineTo(bx - side / 2, by);
			context.stroke();
		};
		context.strokeStyle = palette.line;
		context.lineWidth = 1.5;
		for (const { x, y, column } of neurons) if (column === 1 && picture) segment(picture[0] + picture[2] - side / 2, picture[1] + picture[2] / 2, x, y);
		for (const edge of edges) {
			const [a, b] = [neurons[edge.from], neurons[edge.to]];
			const value = of(edge);
			const share = Math.min(1, Math.abs(value) / largest);
			const isHot = hot?.weight && hot.weight === edge.key;
			context.lineWidth = edge.at < 0 ? 1 : 0.7 + (THICKEST - 0.7) * share;
			context.globalAlpha = edge.at < 0 ? 0.5 : (0.35 + 0.65 * share) * (isChosen(edge) || isHot ? 1 : 0.28);
			context.strokeStyle = edge.at < 0 ? palette.soft : isHot ? palette.mark : value < 0 ? palette['neg-ink'] : palette['pos-ink'];
			context.setLineDash(mode !== 'training' && value < 0 ? [5, 4] : []);
			if (isHot) context.lineWidth += 1.5;
			segment(a.x, a.y, b.x, b.y);
		}
		context.globalAlpha = 1;
		context.setLineDash([]);
		if (store.lines === 'weight') drawBiases(context, largest);
		drawTiles(context);
	}

	/** A bias is a dot at the corner of its neuron, as large as the weights are thick. */
	function drawBiases(context, largest) {
		let k = 0;
		for (const { x, y, column } of neurons) {
			const { kind, layer: number } = store.topology.columns[column];
			const value = kind === 'units' && number ? store.buffers.biases[k++] : 0;
			if (!value) continue;
			disc(context, x - side / 2 - 4, y + side / 2 - 1, 1.5 + 4 * Math.min(1, Math.abs(value) / largest), store.palette[value < 0 ? 'neg-ink' : 'pos-ink']);
		}
	}

	function drawTiles(context) {
		const { tiles, tile_lo: low, tile_hi: high, image } = store.buffers;
		let at = 0;
		neurons.forEach(({ x, y, column }, k) => {
			const form = store.frame.tiles[column];
			const square = [x - side / 2, y - side / 2, side, side];
			context.save();
			context.beginPath();
			context.roundRect(...square, 0.18 * side);
			context.clip();
			context.fillStyle = store.palette.neutral;
			context.fill();
			if (form) paintTile(store, tile, tiles.subarray(at, (at += form.width * form.height)), form, [low[k], high[k]]);
			if (form) context.drawImage(tile, ...square);
			context.restore();
		});
		if (!picture || !image) return;
		paintImage(store, tile, image);
		context.imageSmoothingEnabled = false;
		context.drawImage(tile, ...picture);
		context.imageSmoothingEnabled = true;
		context.strokeStyle = store.palette.soft;
		context.lineWidth = 1;
		context.strokeRect(...picture);
	}

	function write() {
		const { hot, topology, lit } = store;
		const edge = hot?.weight && store.edges.find(({ key }) => key === hot.weight);
		neurons.forEach(({ unit, button, column, value }, k) => {
			const text = short(store.buffers.values[k]);
			if (value.textContent !== text) value.textContent = text;
			const isOpen = Boolean(unit.ask) && unit.ask === store.open('unit');
			button.toggleAttribute('data-hot', Boolean(edge && (edge.from === k || edge.to === k)) || hot?.unit === button.dataset.unit);
			button.toggleAttribute('data-open', isOpen);
			if (unit.ask) button.setAttribute('aria-pressed', isOpen);
			button.setAttribute('aria-label', `${unit.name} ${text}, ${topology.columns[column].title.join(' ')}`);
		});
		canvas.toggleAttribute('data-hot', Boolean(edge));
		[...titles.children].forEach((title, c) => title.toggleAttribute('data-lit', lit?.layer === topology.columns[c].layer));
		const { edges_shown: shown, edges_total: total } = topology;
		const quiet = [`${S.thickest} ${format(strengths().largest, 3)}`, ...(shown < total ? [S.edgesOf(count(shown), count(total))] : [])];
		fill(legend, h('span.swatch'), S.positive, h('span.swatch.minus'), S.negative, quiet.map((text) => h('span.quiet', ` · ${text}`)));
		tabulate();
	}

	function tabulate() {
		if (!asTable.open || !store.frame) return;
		const { columns } = store.topology;
		const tables = columns.flatMap((column, c) => {
			const own = store.edges.filter((edge) => edge.column === c && edge.key);
			const wide = column.units.length;
			return own.length ? [h('p.quiet', `${column.title.join(' ')}, ${column.array}`), table('', ['', ...column.units.map((unit) => unit.name)],
				columns[c - 1].units.map((unit, i) => h('tr', head(unit.name),
					own.slice(i * wide, (i + 1) * wide).map((edge) => h('td', format(store.buffers.weights[edge.at]))))))] : [];
		});
		fill(asTable.lastElementChild, ...tables);
	}

	return { element, draw, write, focus: () => rove(roving, true) };
}
