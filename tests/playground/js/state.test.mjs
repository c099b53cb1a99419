/** What the page keeps of what it is told. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { Curve, Store, weightKey, wired } from '../../../src/glassnet/playground/static/state.js';

const replied = (from, x) => ({
  header: { curve_from: from },
  buffers: { curve_x: x, curve_loss: x.map((v) => 1 / (1 + v)), curve_val_x: x, curve_val: x.map(() => NaN) },
});
const points = (from, to) => replied(from, Float64Array.from({ length: to - from }, (_, k) => from + k));

test('points of the curve that come twice, or late, do no harm', () => {
  const curve = new Curve();
  curve.write(points(0, 5), 5);
  curve.write(points(3, 9), 9);
  curve.write(points(3, 9), 9);
  curve.write(points(2, 4), 9);
  assert.equal(curve.length, 9);
  assert.deepEqual(curve.x, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a curve that was thinned out is the new one alone', () => {
  const curve = new Curve();
  curve.write(points(0, 100), 100);
  curve.write(replied(0, Float64Array.of(0, 10, 20)), 3);
  assert.deepEqual(curve.x, [0, 10, 20]);
  assert.deepEqual(curve.loss, [1, 1 / 11, 1 / 21]);
});

test('a step finds the last point at or before it', () => {
  const curve = new Curve();
  assert.equal(curve.before(3), -1);
  curve.write(replied(0, Float64Array.of(2, 4, 8, 16)), 4);
  assert.deepEqual([1, 2, 3, 8, 15, 99].map((step) => curve.before(step)), [-1, 0, 0, 2, 2, 3]);
});

const column = (kind, layer, indices, array = null) => ({ kind, layer, units: indices.map((index) => ({ index, name: `u${index}`, ask: '' })), array });

test('lines stand in the order in which their weights are sent', () => {
  const edges = wired([column('units', 0, [0, 1]), column('units', 1, [0, 2, 5], 'W1'), column('units', 2, [0], 'W2')]);
  assert.deepEqual(edges.map(({ at }) => at), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(edges[4], { from: 1, to: 3, column: 1, index: [1, 2], name: 'W1', key: 'W1[1, 2]', at: 4 });
  assert.deepEqual(edges[8], { from: 4, to: 5, column: 2, index: [5, 0], name: 'W2', key: 'W2[5, 0]', at: 8 });
});

test('a layer that passes on has lines without weights, from each unit to itself', () => {
  const edges = wired([column('units', 0, [0]), column('units', 1, [0, 1], 'W1'), column('passing', 2, [0, 1]), column('units', 3, [0], 'W3')]);
  assert.deepEqual(edges.map(({ from, to, at }) => [from, to, at]), [[0, 1, 0], [0, 2, 1], [1, 3, -1], [2, 4, -1], [3, 5, 2], [4, 5, 3]]);
});

test('a picture as input has no lines', () => {
  assert.deepEqual(wired([column('image', 0, []), column('units', 1, [0, 1], 'W1')]), []);
});

const frame = (more = {}) => ({
  header: { step: 3, branch: 0, curve_from: 0, curve_total: 2, ...more },
  buffers: { curve_x: Float64Array.of(0, 1), curve_loss: Float32Array.of(1, 0.5), curve_val_x: Float64Array.of(0, 1), curve_val: Float32Array.of(NaN, NaN) },
});

test('a reply says what it changed, and those who asked to hear of it do, once', () => {
  const store = new Store();
  let heard = 0;
  store.on('frame topology', () => heard++);
  const changed = store.take(frame({ topology: { columns: [column('units', 0, [0]), column('units', 1, [0], 'W1')] } }));
  assert.deepEqual(changed, ['topology', 'frame']);
  store.tell(...changed);
  assert.equal(heard, 1);
  assert.equal(store.edges.length, 1);
  assert.equal(store.curve.length, 2);
});

test('a frame that comes too late only adds its points', () => {
  const store = new Store();
  store.take(frame({ step: 9, curve_total: 2 }));
  store.takeLate(frame({ step: 5, curve_total: 1 }));
  assert.equal(store.frame.step, 9);
  assert.equal(store.curve.length, 2);
});

test('what is hot is told only when it changes', () => {
  const store = new Store();
  let told = 0;
  store.on('hot', () => told++);
  for (const hot of [null, { unit: 'h1' }, { unit: 'h1' }, { weight: 'W1[0, 1]' }, null, null]) store.heat(hot);
  assert.equal(told, 3);
});

test('a weight is called as in formulas', () => {
  assert.equal(weightKey(['W1', [0, 2]]), 'W1[0, 2]');
  assert.equal(weightKey(['b1', [3]]), 'b1[3]');
});
