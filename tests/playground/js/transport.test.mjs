/** The envelope, as this side writes and reads it; files written by Python are in the folder FRAMES. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { checked, decode, encode, httpTransport, Lost, Refused } from '../../../src/glassnet/playground/static/transport.js';

const FRAMES = process.env.FRAMES ?? '';

test('what Python writes is read with the same names, types and numbers', { skip: !FRAMES }, () => {
  const names = readdirSync(FRAMES).filter((name) => name.endsWith('.bin'));
  assert.ok(names.length >= 3);
  for (const name of names) {
    const bytes = readFileSync(join(FRAMES, name));
    const { header, buffers } = decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const told = JSON.parse(readFileSync(join(FRAMES, name.replace('.bin', '.json')), 'utf8'));
    for (const [key, value] of Object.entries(told.header)) assert.deepEqual(header[key], value);
    assert.deepEqual(Object.keys(buffers).sort(), Object.keys(told.buffers).sort());
    for (const [key, [type, values]] of Object.entries(told.buffers)) {
      assert.equal(buffers[key].constructor.name, { f4: 'Float32Array', f8: 'Float64Array', u1: 'Uint8Array', i4: 'Int32Array' }[type]);
      assert.deepEqual([...buffers[key]].map(String), values);
      assert.equal(buffers[key].byteOffset % 8, 0);
    }
  }
});

test('messages are left for Python to read', { skip: !FRAMES }, () => {
  const message = { op: 'upload', id: 3, name: 'ä − "quoted".csv', part: 0, view: { row: 1 } };
  writeFileSync(join(FRAMES, 'message.out'), encode(message, new Uint8Array([1, 2, 3])));
  writeFileSync(join(FRAMES, 'plain.out'), encode({ op: 'hello', id: 1 }));
});

test('the body begins at a multiple of eight bytes', () => {
  for (let k = 0; k < 20; k++) {
    const bytes = encode({ op: 'x'.repeat(k) }, new Uint8Array([7]));
    const length = new DataView(bytes.buffer).getUint32(0, true);
    assert.equal((4 + length) % 8, 0);
    assert.equal(bytes.length, 4 + length + 1);
    assert.equal(bytes[4 + length], 7);
    assert.equal(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))).op, 'x'.repeat(k));
  }
});

test('a reply that says no becomes an error with its place', () => {
  const reply = { header: { ok: false, error: { message: 'learning_rate must be > 0, got -1', where: 'learning_rate' } }, buffers: {} };
  assert.throws(() => checked(reply), (error) => error instanceof Refused && error.where === 'learning_rate' && /must be > 0/.test(error.message));
  const good = { header: { ok: true }, buffers: {} };
  assert.equal(checked(good), good);
});

test('over HTTP a message goes with its token, and failures are told apart', async (context) => {
  const sent = [];
  const answers = [
    async () => new Response(encode({ re: 1, ok: true, step: 5 })),
    async () => new Response('no', { status: 403 }),
    async () => new Response('{"error": {"message": "the body is too long"}}', { status: 413 }),
    async () => new Response('no JSON', { status: 500 }),
    async () => { throw new TypeError('fetch failed'); },
  ];
  context.mock.method(globalThis, 'fetch', (path, request) => {
    sent.push([path, request]);
    return answers[sent.length - 1]();
  });
  const transport = httpTransport('secret');
  assert.equal((await transport.call({ op: 'pull' })).header.step, 5);
  for (const said of [/^Open the address .* token\.$/, /^the body is too long$/, /^no JSON$/]) {
    await assert.rejects(transport.call({ op: 'pull' }), (error) => error instanceof Refused && said.test(error.message));
  }
  await assert.rejects(transport.call({ op: 'pull' }), (error) => error instanceof Lost);
  const messages = sent.map(([, request]) => decode(request.body.buffer).header);
  assert.deepEqual(messages.map(({ id }) => id), [1, 2, 3, 4, 5]);
  assert.equal(new Set(messages.map(({ client }) => client)).size, 1);
  assert.deepEqual(sent.map(([path, request]) => [path, request.method, request.headers['X-Glassnet-Token']]), Array(5).fill(['/api', 'POST', 'secret']));
});
