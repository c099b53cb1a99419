"""The parts of an ejected JavaScript program that trains, the same for all networks; words in << >> are filled in."""

from __future__ import annotations

PCG64 = """
// NumPy's generator of random numbers, PCG64: a state of 128 bits that is multiplied at each step.
let state = <<state>>n;
const TIMES = 0x2360ed051fc65da44385df649fccf645n;
const PLUS = <<plus>>n;
<<half>>

/** 64 random bits. */
function next64() {
    state = BigInt.asUintN(128, state * TIMES + PLUS);
    const mixed = BigInt.asUintN(64, (state >> 64n) ^ state);
    const turn = state >> 122n;
    return BigInt.asUintN(64, (mixed >> turn) | (mixed << (64n - turn)));
}
"""

NEXT32 = """
/** 32 random bits: the lower half of 64, and with the next call the upper half. */
function next32() {
    if (half !== null) {
        const kept = half;
        half = null;
        return kept;
    }
    const both = next64();
    half = Number(both >> 32n);
    return Number(both & 0xffffffffn);
}
"""

UNIFORM_DOUBLE = """
/** A random number from 0 to 1. */
function uniform() {
    return Number(next64() >> 11n) * 2 ** -53;
}
"""

UNIFORM_SINGLE = """
/** A random number from 0 to 1. */
function uniform() {
    return (next32() >>> 8) * 2 ** -24;
}
"""

PERMUTATION = """
/** The rows in a new order: each place, from the last, changes with a random one before it or itself. */
function shuffleRows() {
    const order = Array.from({ length: N_ROWS }, (_, i) => i);
    for (let i = N_ROWS - 1; i > 0; i--) {
        const mask = 2 ** (32 - Math.clz32(i)) - 1;
        let j = (next32() & mask) >>> 0;
        while (j > i) j = (next32() & mask) >>> 0;
        [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
}
"""

TRAIN = """
/**
 * Go through all rows so many times.
 * @param {number} epochs
 * @returns {number} the loss of the last time
 */
export function train(epochs = EPOCHS) {
    let loss = 0;
    for (let e = 0; e < epochs; e++) {
        <<shuffle>>
        <<batches>>
        <<counted>>
    }
    return loss;
}
"""

ONE_BATCH = """
<<calls>>
"""

MANY_BATCHES = """
loss = 0;
for (let first = 0; first < N_ROWS; first += BATCH) {
    const n = Math.min(BATCH, N_ROWS - first);
    <<gather>>
    <<calls>>
}
"""

TRAINING_TEST = """
largest = 0;
for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const loss = train(1);
    const expected = EXPECTED_LOSSES.get(epoch);
    if (expected !== undefined) {
        const difference = Math.abs(loss - expected) / Math.max(1, Math.abs(expected));
        if (!(difference <= <<allowed>>)) same = false;
        if (!(difference <= largest)) largest = difference;
        console.log(`epoch ${epoch}: loss ${loss.toPrecision(6)}`);
    }
}
const scale = EXPECTED_THETA.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
theta.forEach((value, k) => {
    const difference = Math.abs(value - EXPECTED_THETA[k]) / scale;
    if (!(difference <= <<allowed>>)) same = false;
    if (!(difference <= largest)) largest = difference;
});
console.log(`trained: largest difference of a loss or weight ${largest.toExponential(1)}, allowed <<allowed>>`);
"""
