/** Single keys, which never act inside fields and can be switched off. */

/** @param {HTMLElement} root @param {Record<string, () => void>} actions by key @param {() => boolean} isOn @returns {() => void} ends it */
export function listen(root, actions, isOn) {
	const hear = (event) => {
		if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isOn()) return;
		const path = event.composedPath();
		if (!path.includes(root) && path[0] !== document.body && path[0] !== document.documentElement) return;
		const key = event.key === ' ' ? 'Space' : event.key;
		if (path[0].closest('input:not([type=checkbox]), select, dialog') || (key === 'Space' && path[0].closest('button, summary, input'))) return;
		if (!actions[key]) return;
		event.preventDefault();
		actions[key]();
	};
	document.addEventListener('keydown', hear);
	return () => document.removeEventListener('keydown', hear);
}
