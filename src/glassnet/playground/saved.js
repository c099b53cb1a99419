/** The page of a saved run: its answers lie in the file; what was not kept is refused in words. */

const BESIDE = 90; // ms between two steps, while the run is played
const NOT_HERE = 'This is a saved run: it can be gone through, and shows what was kept. To change it, open it with Python.';

/** The answers, unpacked. */
async function unpacked() {
  const text = /** @type {HTMLElement} */ (document.getElementById('run')).textContent ?? '';
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const all = await new Response(stream).arrayBuffer();
  const length = new DataView(all).getUint32(0, true);
  const { places, steps, rows } = JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, length)));
  const start = 4 + length;
  /** @param {string} key */
  const answer = (key) => (key in places ? all.slice(start + places[key][0], start + places[key][0] + places[key][1]) : null);
  return { answer, steps, rows };
}

/** Answers the page's messages from a saved run. @param {any} run @param {any} wire */
function savedTransport({ answer, steps, rows }, { checked, decode, Refused }) {
  const last = steps.length - 1;
  let [k, row] = [last, rows[0]];
  let turn = 0; // how often it was played from its end, and so from its start, again

  /** The place of the step to go to: the nearest one, or the next in that direction. @param {number} step */
  function nearest(step) {
    const here = steps[k];
    const distance = (/** @type {number} */ at) => Math.abs(steps[at] - step);
    const best = steps.reduce((/** @type {number} */ found, /** @type {number} */ _, /** @type {number} */ at) => (distance(at) < distance(found) ? at : found), 0);
    return best === k && step !== here ? Math.min(Math.max(k + Math.sign(step - here), 0), last) : best;
  }

  /** @param {Record<string, any>} message */
  async function key(message) {
    if (message.view?.row !== undefined && rows.includes(message.view.row)) row = message.view.row;
    switch (message.op) {
      case 'hello': return 'hello';
      case 'seek': k = nearest(message.step); break;
      case 'restart': k = 0; break;
      case 'step': k = Math.min(k + 1, last); break;
      case 'explain': return `${steps[k]}/${rows.includes(message.row) ? message.row : row}/${message.what.unit ?? `phase ${message.what.phase}`}`;
      case 'rows': return `${steps[k]}/rows`;
      case 'pull':
        if (message.train && k === last) {
          k = 0;
          turn++;
        } else if (message.train) {
          await new Promise((resolve) => setTimeout(resolve, BESIDE));
          k = Math.min(k + 1, last);
        }
        break;
      default: return '';
    }
    return `${steps[k]}/${row}`;
  }

  return {
    isSaved: true,
    /** @param {Record<string, any>} message */
    async call(message) {
      const found = answer(await key(message));
      if (!found) throw new Refused(NOT_HERE);
      const reply = checked(decode(found));
      reply.header.rev = turn; // those that were kept say when they were made
      if (message.op === 'pull' && message.train && k === last) {
        reply.header.stopped = { reason: 'end', message: 'the saved run ends here' };
      }
      return reply;
    },
  };
}

async function begin() {
  const [{ mount }, wire, run] = await Promise.all([import(urlOf('main.js')), import(urlOf('transport.js')), unpacked()]);
  const root = /** @type {HTMLElement} */ (document.getElementById('glassnet'));
  const { probe } = mount(root, savedTransport(run, wire));
  Object.defineProperty(window, '__glassnet', { value: probe });
}

begin();
