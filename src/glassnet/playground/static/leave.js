/** What can be taken along: the program, the model, the picture, the run. */

import { button, download, fill, h } from './dom.js';
import { S } from './strings.js';

export function leaveView(root, store, driver) {
	const dialog = h('dialog.dialog.wide#code-dialog', { label: S.copy });
	const list = h('div.menu-list', { role: 'group', label: S.leave });
	const menu = h('details.menu#leave', { onkeydown: (event) => {
		if (event.key !== 'Escape' || !menu.open) return;
		event.stopPropagation();
		menu.open = false;
		menu.firstElementChild.focus();
	} }, h('summary', S.leave), list);
	menu.addEventListener('focusout', ({ relatedTarget }) => {
		if (relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
	});
	store.on('about', () => {
		const item = (what, text, message) => h(`button${what}`, { onclick: () => take(message) }, text);
		fill(list, item('#save', S.saveModel, { op: 'save' }), item('#picture', S.savePicture, { op: 'picture' }), item('#export', S.saveRun, { op: 'export' }), h('p.quiet', S.saveEjected),
			h('div.languages', store.about.languages.map(({ name, title }) => item(`.small#eject-${name}`, title, { op: 'eject', language: name }))));
	});

	async function take(message) {
		menu.open = false;
		await driver.pause();
		const reply = await driver.ask(message);
		if (reply) download(root, reply.buffers.file, reply.header.name, reply.header.type);
	}

	async function code() {
		await driver.pause();
		const reply = await driver.ask({ op: 'code' });
		if (!reply) return;
		const note = h('span.quiet', { role: 'status' });
		const program = h('pre.code#code', { tabindex: 0 }, reply.header.text);
		const copy = () => navigator.clipboard.writeText(reply.header.text).then(() => (note.textContent = S.copied), () => getSelection()?.selectAllChildren(program));
		fill(dialog, h('h2', S.copy), h('p.quiet', S.copyHelp), program,
			h('div.actions', h('button.primary#copy-now', { onclick: copy }, S.copyNow), h('button#copy-close', { onclick: () => dialog.close() }, S.close), note));
		dialog.showModal();
	}

	return { dialog, tools: [button('#copy', S.copyHelp, code, S.copy), menu] };
}
