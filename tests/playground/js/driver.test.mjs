/** How the page asks: never too much at once, never without being wanted, and again after the line was cut. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { Driver } from '../../../src/glassnet/playground/static/driver.js';
import { Store } from '../../../src/glassnet/playground/static/state.js';
import { Lost, Refused } from '../../../src/glassnet/playground/static/transport.js';

/** A page without a screen, and a Python that answers when told to. */
function page() {
  const [waiting, sent, failures] = [[], [], []];
  const transport = {
    call(message) {
      sent.push(message);
      return new Promise((resolve, reject) => waiting.push({ message, resolve, reject }));
    },
  };
  const store = new Store();
  const driver = new Driver(store, transport, { draw() {}, fail: (error) => failures.push(error), slow() {} });
  let [rev, step] = [0, 0];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const reply = (more = {}) => ({
    header: { ok: true, rev, step, branch: 0, driver: true, busy_ms: 20, curve_from: 0, curve_total: 0, ...more },
    buffers: { curve_x: new Float64Array(0), curve_loss: new Float32Array(0), curve_val_x: new Float64Array(0), curve_val: new Float32Array(0) },
  });
  async function answer(more = {}) {
    await settle();
    const next = waiting.shift();
    if (next.message.train) step += 10;
    else if (next.message.op !== 'pull') rev++;
    next.resolve(reply({ step, rev, ...more }));
    await settle();
  }
  async function begin() {
    driver.hello();
    await settle();
    await answer();
  }
  return { store, driver, sent, waiting, failures, settle, reply, answer, begin };
}

test('while it trains two requests are under way, and none after a pause', async () => {
  const { driver, sent, waiting, answer, settle, store, begin } = page();
  await begin();
  driver.train();
  await settle();
  assert.equal(waiting.length, 2);
  for (let k = 0; k < 10; k++) await answer();
  assert.equal(waiting.length, 2);
  assert.equal(store.mode, 'training');
  driver.pause();
  await settle();
  while (waiting.length) await answer();
  const count = sent.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(sent.length, count);
  assert.equal(store.mode, 'paused');
  assert.equal(sent.at(-1).train, false);
});

test('a hidden page has one request under way', async () => {
  const { driver, waiting, answer, settle, begin } = page();
  await begin();
  driver.setHidden(true);
  driver.train();
  await settle();
  assert.equal(waiting.length, 1);
  assert.equal(waiting[0].message.budget_ms, 250);
  driver.end();
});

test('what is looked at is sent once, and again when it changes', async () => {
  const { driver, sent, answer, settle, begin } = page();
  await begin();
  assert.deepEqual(sent[0].view, { res: 96, row: 1 });
  driver.command({ op: 'code' });
  await answer();
  assert.equal(sent[1].view, undefined);
  driver.look({ row: 7 });
  await answer();
  assert.equal(sent[2].view.row, 7);
  await settle();
});

test('a frame from before a command is not shown after it', async () => {
  const { driver, store, waiting, answer, settle, reply, begin } = page();
  await begin();
  driver.train();
  await settle();
  const [late] = waiting.splice(0, 1);
  driver.set({ learning_rate: 0.1 });
  await settle();
  const command = waiting.findIndex(({ message }) => message.op === 'set');
  waiting.splice(command, 1)[0].resolve(reply({ rev: 5, step: 40 }));
  await settle();
  late.resolve(reply({ rev: 0, step: 99 }));
  await settle();
  assert.equal(store.frame.step, 40);
  driver.end();
});

test('training ends where Python says that it ended, and where another page leads', async () => {
  for (const end of [{ stopped: { reason: 'epochs', message: 'all epochs done' } }, { broken: { message: 'not finite', step: 4 } }, { driver: false }]) {
    const { driver, store, answer, settle, begin } = page();
    await begin();
    driver.train();
    await settle();
    await answer(end);
    assert.equal(driver.training, false);
    assert.equal(store.mode, end.driver === false ? 'following' : 'paused');
    driver.end();
  }
});

test('of several places to go to, the last is gone to', async () => {
  const { driver, sent, answer, settle, begin } = page();
  await begin();
  for (const step of [10, 20, 30, 40]) driver.seek(step);
  await answer();
  await answer();
  await settle();
  assert.deepEqual(sent.filter(({ op }) => op === 'seek').map(({ step }) => step), [10, 40]);
});

test('of three quick clicks each is sent when the one before is answered, in order', async () => {
  const { driver, sent, waiting, answer, settle, begin } = page();
  await begin();
  for (const units of [5, 6, 7]) driver.set({ units });
  for (const units of [5, 6, 7]) {
    await settle();
    assert.equal(waiting.length, 1);
    assert.equal(sent.at(-1).changes.units, units);
    await answer();
  }
});

test('a refusal is told, and nothing else changes', async () => {
  const { driver, store, waiting, failures, answer, settle, begin } = page();
  await begin();
  driver.set({ learning_rate: -1 });
  await settle();
  waiting.shift().reject(new Refused('learning_rate must be > 0, got -1', 'learning_rate'));
  await settle();
  assert.equal(failures[0].where, 'learning_rate');
  assert.equal(store.mode, 'paused');
});

test('when nobody answers it is said, asked again later, and goes on when somebody does', async () => {
  const { driver, store, waiting, sent, answer, settle, begin } = page();
  await begin();
  driver.set({ l2: 0.1 });
  await settle();
  waiting.shift().reject(new Lost('fetch failed'));
  await settle();
  assert.equal(store.mode, 'lost');
  driver.retry();
  await settle();
  assert.equal(sent.at(-1).op, 'hello');
  await answer();
  assert.equal(store.mode, 'paused');
  driver.end();
});

test('questions that may wait are asked one at a time, the newest of each name', async () => {
  const { driver, answer, begin } = page();
  await begin();
  const asked = [];
  let open = 0;
  const question = (name) => async () => {
    assert.equal(++open, 1);
    asked.push(name);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
  };
  for (const name of ['a1', 'a2', 'a3']) driver.aside('a', question(name));
  driver.aside('b', question('b1'));
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.deepEqual(asked, ['a3', 'b1']);
});

test('a page that leads looks now and then whether it still does, but not at once and not while it is hidden', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { driver, store, sent, answer, settle, begin } = page();
  await begin();
  const before = sent.length;
  context.mock.timers.tick(1500);
  await settle();
  assert.equal(sent.length, before);
  context.mock.timers.tick(1000);
  await settle();
  assert.equal(sent.length, before + 1);
  assert.deepEqual([sent.at(-1).op, sent.at(-1).train, sent.at(-1).budget_ms], ['pull', false, 0]);
  await answer({ driver: false });
  assert.equal(store.mode, 'following');
  driver.hidden = true;
  context.mock.timers.tick(10_000);
  await settle();
  assert.equal(sent.length, before + 1);
  driver.end();
});

test('a refusal goes to whoever asks to hear of it, and a command that succeeds is told', async () => {
  const { store, failures, settle } = page();
  const [heard, done] = [[], []];
  const answers = [{ ok: false }, { ok: true }];
  const transport = { call: async () => { if (!answers.shift().ok) throw new Refused('no'); return { header: {}, buffers: {} }; } };
  const driver = new Driver(store, transport, { draw() {}, fail: (error) => failures.push(error), slow() {}, done: () => done.push(1) });
  assert.equal(await driver.command({ op: 'use' }, undefined, ({ message }) => heard.push(message)), null);
  assert.deepEqual([heard, failures, done], [['no'], [], []]);
  await driver.command({ op: 'use' });
  await settle();
  assert.deepEqual(done, [1]);
});
