/** The rows to learn from, and the way in for a table of one's own. */

import { fill, h, head, heads, select, table } from './dom.js';
import { count } from './scales.js';
import { S } from './strings.js';

const PAGE = 10;
const PIECE = 1_000_000; // bytes of a file in one message

export function rowsView(store, driver) {
	let [start, sort, known] = [0, 'order', ''];
	let shown = /** @type {{columns: string[], rows: Row[], total: number} | null} */ (null);
	const element = h('div#rows');
	store.on('data', () => (start = 0));

	function ask() {
		const { frame, topology } = store;
		const key = JSON.stringify([start, sort, frame.rev, frame.step, frame.branch, topology.n]);
		if (key === known) return render();
		driver.aside('rows', async () => {
			const reply = await driver.ask({ op: 'rows', start, count: PAGE, sort }, undefined, () => {});
			if (!reply) return;
			known = key;
			shown = reply.header.rows;
			render();
		});
	}

	function turn(to) {
		start = Math.max(0, to);
		ask();
	}

	function render() {
		if (!shown) return;
		const { columns, rows, total } = shown;
		const wide = columns.length > 2 || total > 4; // what it is about first
		const next = store.buffers.batch;
		const batch = new Set(next.length < store.data.rows ? next : []);
		const tools = total > PAGE && h('div.row-tools', null,
			h('button.small#rows-back', { label: S.earlier, disabled: start === 0, onclick: () => turn(start - PAGE) }, '‹'),
			h('span.quiet', S.rowsOf(start + 1, Math.min(start + PAGE, total), count(total))),
			h('button.small#rows-on', { label: S.later, disabled: start + PAGE >= total, onclick: () => turn(start + PAGE) }, '›'),
			select('#rows-sort', { label: S.sortHelp, value: sort }, [['order', S.order], ['worst', S.worst]], (order) => {
				sort = order;
				turn(0);
			}));
		fill(element, tools, h('div.scroll-x', h('table.row-table', h('thead', h('tr', heads(['', ...(wide ? [] : columns), S.target, S.output.toLowerCase(), ...(wide ? columns : [])]))),
			h('tbody', rows.map((item) => row(item, batch.has(item.n), wide))))));
	}

	function row({ n, name, cells, target, output, right, held_out: heldOut }, isNext, wide) {
		const isChosen = n === store.frame.row;
		const inputs = cells.map((cell) => h('td', { title: cell }, cell));
		const [style, state] = right === null ? ['', ''] : right ? ['is-right', S.right] : ['is-wrong', S.wrong];
		const choose = () => driver.look({ row: n });
		return h('tr', { 'data-row': n, 'data-chosen': isChosen, 'data-next': isNext, 'data-held': heldOut, onclick: choose },
			head(h('button.link', { 'aria-pressed': String(isChosen), label: name + (heldOut ? `, ${S.heldOut}` : ''), onclick: choose }, name.replace(/^row /, ''))),
			!wide && inputs, h('td', target), h('td', { class: style, title: state }, output, state && h('span.sr', ` ${state}`)), wide && inputs);
	}

	return { element, ask };
}

/** A table from outside: read by Python, and used only when the user says so. */
export function tableDoor(root, driver, opened) {
	const input = h('input#file', { type: 'file', accept: '.csv,.tsv,.txt,.json,.jsonl', hidden: true, label: S.ownTable, onchange: () => bring(input.files) });
	const dialog = h('dialog.dialog.wide#table-dialog', { label: S.ownTable });
	let depth = 0; // of elements that the file is dragged over
	const hear = (name, deeper, action) => root.addEventListener(name, (event) => {
		if (!event.dataTransfer?.types.includes('Files')) return;
		event.preventDefault();
		depth = deeper(depth);
		root.toggleAttribute('data-drop', depth > 0);
		action?.(event);
	});
	hear('dragenter', (n) => n + 1);
	hear('dragover', (n) => n);
	hear('dragleave', (n) => n - 1);
	hear('drop', () => 0, (event) => bring(event.dataTransfer.files));

	function choose() {
		input.value = '';
		input.click();
	}

	async function bring(files) {
		if (!files?.length) return;
		await driver.pause();
		const [{ name }] = files;
		const bytes = new Uint8Array(await files[0].arrayBuffer());
		const parts = Math.max(1, Math.ceil(bytes.length / PIECE));
		for (let part = 0; part < parts; part++) {
			const reply = await driver.ask({ op: 'upload', name, part, parts }, bytes.subarray(part * PIECE, (part + 1) * PIECE));
			if (!reply) return;
			if (reply.header.table) show(reply.header.table);
		}
	}

	function show({ name: file, rows, columns, targets }) {
		let [goal] = targets;
		const out = new Set();
		const refused = h('p.error', { role: 'alert' });
		const use = async () => {
			refused.textContent = '';
			const message = { op: 'use', target: goal, exclude: [...out].filter((name) => name !== goal) };
			if (!(await driver.command(message, undefined, (error) => (refused.textContent = error.message)))) return;
			dialog.close();
			opened();
		};
		const keep = (name) => h('input', { type: 'checkbox', checked: true, label: `${S.fileKeep} ${name}`, onchange: ({ target }) => (target.checked ? out.delete(name) : out.add(name)) });
		dialog.replaceChildren(h('h2', S.fileTitle(file)), h('p.quiet', S.fileRows(count(rows), count(columns.length))),
			h('label.field-row', h('span', S.fileTarget), select('#target-choice', { value: goal }, targets.map((name) => [name, name]), (name) => (goal = name))),
			h('div.scroll-x.tall', table('.preview', [S.fileKeep, S.fileColumn, S.fileKind, S.fileExample, S.fileRemarks],
				columns.map(({ name, kind, example, remarks }) => h('tr', { 'data-column': name }, h('td', keep(name)), head(name),
					[kind, example, remarks.join(' ')].map((text) => h('td', text)))))),
			refused, h('div.actions', h('button.primary#use-table', { onclick: use }, S.fileUse), h('button#leave-table', { onclick: () => dialog.close() }, S.fileCancel)));
		dialog.showModal();
	}

	return { choose, parts: [input, dialog] };
}
