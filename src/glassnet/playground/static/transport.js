/** How messages reach Python: the same bytes over HTTP and in a notebook. */

import { S } from './strings.js';

const TYPES = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array };

/** Python answered that it will not, and says why; `where` is the control it belongs to. */
export class Refused extends Error {
	constructor(message, where = '') {
		super(message);
		this.where = where;
	}
}

export class Lost extends Error {}

/**
 * The envelope: the length of the JSON text, the text padded to 8 bytes, then the body.
 * @param {Record<string, any>} header @param {ArrayBuffer | Uint8Array} [body]
 */
export function encode(header, body) {
	const text = new TextEncoder().encode(JSON.stringify(header));
	const length = Math.ceil((4 + text.length) / 8) * 8 - 4;
	const bytes = new Uint8Array(4 + length + (body?.byteLength ?? 0)).fill(32, 0, 4 + length);
	new DataView(bytes.buffer).setUint32(0, length, true);
	bytes.set(text, 4);
	if (body) bytes.set(new Uint8Array(body), 4 + length);
	return bytes;
}

/** @param {ArrayBuffer} bytes @returns {Reply} */
export function decode(bytes) {
	const length = new DataView(bytes).getUint32(0, true);
	const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
	const arrays = (header.bufs ?? []).map(([name, type, shape, offset]) => // where they lie: nothing is copied
		[name, new TYPES[type](bytes, 4 + length + offset, shape.reduce((product, n) => product * n, 1))]);
	return { header, buffers: Object.fromEntries(arrays) };
}

/** A reply that says no becomes an error. @param {Reply} reply */
export function checked(reply) {
	if (reply.header.ok === false) throw new Refused(reply.header.error?.message ?? 'refused', reply.header.error?.where);
	return reply;
}

/** What an HTTP refusal says. */
function sentence(text) {
	try {
		return JSON.parse(text).error.message;
	} catch {
		return text;
	}
}

/** Python behind `glassnet play`. @returns {Transport} */
export function httpTransport(token) {
	const client = Math.random().toString(36).slice(2, 10);
	let id = 0;
	return {
		async call(message, body) {
			const headers = { 'Content-Type': 'application/octet-stream', 'X-Glassnet-Token': token };
			const request = { method: 'POST', headers, body: encode({ ...message, id: ++id, client }, body) };
			const got = await fetch('/api', request).then(async (response) => ({ response, bytes: await response.arrayBuffer() })).catch((error) => {
				throw new Lost(String(error));
			});
			if (!got.response.ok) throw new Refused(got.response.status === 403 ? S.noToken : sentence(new TextDecoder().decode(got.bytes)));
			return checked(decode(got.bytes));
		},
	};
}
