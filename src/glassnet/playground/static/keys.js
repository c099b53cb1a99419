/** Single keys. They never act inside fields, and can be switched off. */

/**
 * @param {HTMLElement} root
 * @param {Record<string, () => void>} actions by key
 * @param {() => boolean} on
 */
export function listen(root, actions, on) {
  const hear = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !on()) return;
    const path = event.composedPath();
    const at = /** @type {HTMLElement} */ (path[0]);
    const inside = path.includes(root);
    if (!inside && at !== document.body && at !== document.documentElement) return;
    if (inside && at.closest?.('input:not([type=checkbox]), select, textarea, dialog')) return;
    const key = event.key === ' ' ? 'Space' : event.key;
    if (key === 'Space' && at.closest?.('button, summary, input')) return;
    const action = actions[key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', hear);
  return () => document.removeEventListener('keydown', hear);
}
