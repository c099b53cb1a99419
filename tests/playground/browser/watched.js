// What tests want to know of a page beside what it shows: whether answers are under way, and the last messages, for whoever
// has to find out why a test failed.
(() => {
  const kept = [];
  let underWay = 0;
  let quietSince = 0;
  let largest = 0;
  const keep = (way, bytes) => {
    const data = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
    if (!(data instanceof Uint8Array) || data.byteLength < 4) return;
    const n = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
    kept.push([way, data.slice(4, 4 + n)]);
    if (kept.length > 40) kept.shift();
  };
  const unread = new Set(); // answers that have begun, and whose end has not come
  const { fetch } = window;
  window.fetch = async (...given) => {
    if (given[1]?.body) keep('sent', given[1].body);
    underWay++;
    try {
      const response = await fetch(...given);
      unread.add(response);
      return response;
    } finally {
      underWay--;
      quietSince = performance.now();
    }
  };
  const { arrayBuffer } = Response.prototype;
  Response.prototype.arrayBuffer = async function () {
    const bytes = await arrayBuffer.call(this).finally(() => unread.delete(this));
    keep('answered', bytes);
    largest = Math.max(largest, bytes.byteLength);
    quietSince = performance.now();
    return bytes;
  };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  window.__watched = {
    /** Once all that was just done has been asked, answered and drawn: nothing was under way for so many milliseconds. */
    async rest(ms) {
      await drawn();
      const begun = performance.now();
      while (underWay || unread.size || performance.now() - Math.max(quietSince, begun) < ms) await pause(5);
      await drawn();
    },
    largest: () => largest,
    messages: () => kept.map(([way, text]) => `${way} ${new TextDecoder().decode(text)}`),
  };
})();
