/** Numbers as text, text as numbers, axes and contours: held against values worked by hand. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  axisEnd, classColour, contour, count, diverging, format, logTicks, mix, parse, parseColour, pixel, short, ticks,
} from '../../../src/glassnet/playground/static/scales.js';

test('a number is written with four significant digits, a real minus and never as minus zero', () => {
  const written = {
    0: '0', 1: '1.000', 0.5: '0.5000', '-1.5': '−1.500', 12345: '12350', 123456: '1.235e+05', 99999.6: '1.000e+05',
    0.00001: '1.000e-05', '-0.00003112': '−3.112e-05', 0.001: '0.001000', 1e100: '1.000e+100',
  };
  for (const [value, text] of Object.entries(written)) assert.equal(format(Number(value)), text);
  assert.equal(format(-0), '0');
  assert.equal(format(Math.PI, 8), '3.1415927');
  assert.deepEqual([NaN, null, undefined].map((v) => format(v)), Array(3).fill('not a number'));
  assert.deepEqual([format(Infinity), format(-Infinity)], ['∞', '−∞']);
});

test('short numbers leave out the zeros at their end, and only those after the point', () => {
  const written = { 1: '1', 0.5: '0.5', 100: '100', 12300: '12300', 0.00001: '1e-05', 1.23e-7: '1.23e-07', '-0.25': '−0.25' };
  for (const [value, text] of Object.entries(written)) assert.equal(short(Number(value)), text);
});

test('what format writes, parse reads', () => {
  for (const value of [0, 1, -1.5, 0.25, 1e-5, -3e-9, 5e12, 0.001]) assert.equal(parse(format(value, 12)), value);
  assert.equal(parse(' −0,5 '), -0.5);
  for (const text of ['', '  ', 'x', '1.2.3']) assert.ok(Number.isNaN(parse(text)));
});

test('a comma before three digits is of thousands in a whole number, and refused where it could be decimal', () => {
  for (const [text, value] of [['2,000', 2000], ['1,234,567', 1234567], ['−3,000', -3000], ['2,5', 2.5]]) assert.equal(parse(text, true), value);
  for (const text of ['2,000', '0,125', '1,000.5']) assert.ok(Number.isNaN(parse(text)));
  for (const [text, value] of [['0,5', 0.5], ['0,0125', 0.0125], ['12,34', 12.34]]) assert.equal(parse(text), value);
});

test('counts have their thousands apart', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ['0', '999', '1,000', '1,234,567']);
});

test('ticks are round numbers within the axis', () => {
  assert.deepEqual(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks(0.13, 0.48, 4), [0.2, 0.3, 0.4]);
  assert.deepEqual(ticks(3, 3, 4), [3]);
  for (let k = 0; k < 200; k++) {
    const low = (Math.sin(k) * 10 ** (k % 7)) / 100;
    const high = low + Math.abs(Math.cos(3 * k)) * 10 ** (k % 5) + 1e-3;
    const found = ticks(low, high, 5);
    assert.ok(found.length <= 7 && found.every((v) => v >= low - 1e-6 && v <= high + 1e-6), `${low} ${high} ${found}`);
  }
});

test('ticks of a logarithmic axis are powers of ten, and more where these are few', () => {
  assert.deepEqual(logTicks(0.5, 500), [1, 10, 100]);
  assert.deepEqual(logTicks(0.15, 0.9), [0.2, 0.5]);
  assert.ok(logTicks(1e-12, 1).length <= 6);
});

test('the end of the time axis is never before the last step, and moves rarely', () => {
  const ends = new Set();
  for (let step = 0; step <= 10_000; step++) {
    assert.ok(axisEnd(step) >= step);
    ends.add(axisEnd(step));
  }
  assert.ok(ends.size <= 30);
});

test('a contour runs where the field crosses the level', () => {
  const size = 9;
  const field = Array.from({ length: size * size }, (_, k) => (k % size) + Math.floor(k / size));
  const pieces = contour(field, size, 7.5);
  assert.ok(pieces.length > 0);
  for (const [x0, y0, x1, y1] of pieces) {
    assert.ok(Math.abs(x0 + y0 - 7.5) < 1e-9);
    assert.ok(Math.abs(x1 + y1 - 7.5) < 1e-9);
  }
  assert.deepEqual(contour(Array(81).fill(1), size, 7.5), []);
});

test('colours go from negative over neutral to positive', () => {
  const palette = { neg: 'rgb(208, 105, 26)', neutral: 'rgb(240, 240, 236)', pos: 'rgb(20, 84, 154)', class3: 'rgb(1, 2, 3)' };
  const scale = diverging(palette);
  assert.equal(scale.length, 256);
  assert.equal(scale[0], pixel([208, 105, 26]));
  assert.equal(scale[255], pixel([20, 84, 154]));
  assert.deepEqual(parseColour('rgb(20, 84, 154)'), [20, 84, 154]);
  assert.deepEqual(mix([0, 0, 0], [10, 20, 30], 0.5), [5, 10, 15]);
  assert.equal(classColour(palette, 0, 2), palette.neg);
  assert.equal(classColour(palette, 13, 20), palette.class3);
});
