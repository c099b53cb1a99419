"""The parts of an ejected JavaScript program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

FORWARD = """
/**
 * The network: from the inputs x of one row to its outputs p.
 * @param {Float64Array} x (<<inputs>>)
 * @returns {Float64Array} p (<<outputs>>)
 */
function forward(x) {
    const p = new Float64Array(<<outputs>>);
    <<steps>>
    return p;
}
"""

SHOWN = """
/** A value for a message. */
function shown(value) {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
}
"""

ENCODE_ARRAYS = """
/**
 * A row as the network's inputs.
 * @param {ArrayLike<number>} row <<inputs>> numbers
 * @returns {Float64Array} (<<inputs>>)
 */
function encode(row) {
    if (row?.length !== <<inputs>>) throw new TypeError("a row must have <<inputs>> numbers, got " + shown(row));
    return Float64Array.from(row, (value, k) => {
        if (typeof value !== "number" || !Number.isFinite(value)) {
            throw new TypeError(`a row must hold finite numbers, got ${shown(value)} at ${k}; fill or drop it`);
        }
        return value;
    });
}
"""

ENCODE_TABLES = """
/**
 * A row as the network's inputs.
 * @param {Object|Map} row a value for each column
 * @returns {Float64Array} (<<inputs>>)
 */
function encode(row) {
    const x = [];
    for (const column of COLUMNS) {
        const value = cell(row, column.name);
        const absent = isMissing(value);
        <<push>>
        if (column.missing) x.push(absent ? 1 : 0);
    }
    return Float64Array.from(x);
}

// Blanks around a text; what JavaScript's own trim takes off besides, the mark \\ufeff, is none.
const BLANKS = /^(?:(?!\\ufeff)[\\s\\x1c-\\x1f\\x85])+|(?:(?!\\ufeff)[\\s\\x1c-\\x1f\\x85])+$/g;
const NUMBER = /^[-+.0-9eE]+$/;

/** The row's value in a column; of a text, what is between blanks around it. */
function cell(row, name) {
    if (row === null || typeof row !== "object") throw new TypeError("a row must be an object, got " + shown(row));
    if (!(row instanceof Map ? row.has(name) : Object.hasOwn(row, name))) {
        const names = COLUMNS.map((column) => shown(column.name)).join(", ");
        throw new RangeError(`the row has no column ${shown(name)}; it needs ${names}`);
    }
    const value = row instanceof Map ? row.get(name) : row[name];
    return typeof value === "string" ? value.replace(BLANKS, "") : value;
}

function isMissing(value) {
    return value === null || value === undefined || Number.isNaN(value) || MISSING.includes(value);
}
"""

SCALED = """
/** A number, less its mean in training, in standard deviations; the median stands for a missing one. */
function scaled(column, value, absent) {
    const number = absent ? column.fill : typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number)) {
        throw new TypeError(`${shown(value)} in column ${shown(column.name)} is not a number`);
    }
    const result = (number - column.mean) / column.scale;
    if (!Number.isFinite(result)) {
        throw new RangeError(`${shown(value)} in column ${shown(column.name)} is infinite, or too large to be scaled`);
    }
    return result;
}
"""

ONE_HOT = """
/** 1 for the word's category, 0 for the others; all 0 for a word that training did not have. */
function oneHot(column, value, absent) {
    let word = value;
    if (typeof value === "boolean") word = value ? "True" : "False";
    if (typeof value === "number") {
        word = column.categories.find((category) => NUMBER.test(category) && Number(category) === value);
    }
    return column.categories.map((category) => (!absent && category === word ? 1 : 0));
}
"""

PREDICT_CLASSES = """
/**
 * <<what>>, in the order of CLASSES.
 * @param {<<type>>} row
 * @returns {number[]} (<<classes>>)
 */
export function <<outputs>>(row) {
    const p = forward(encode(row));
    return <<both>>;
}

/**
 * The class of a row: the one with the largest output.
 * @param {<<type>>} row
 * @returns {<<label>>}
 */
export function predict(row) {
    const p = <<outputs>>(row);
    return CLASSES[p.indexOf(Math.max(...p))];
}
"""

PREDICT_NUMBERS = """
/**
 * <<what>>.
 * @param {<<type>>} row
 * @returns {<<result>>}
 */
export function predict(row) {
    const p = forward(encode(row));
    return <<value>>;
}
"""

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

TEST = """
// Rows, and what glassnet says of them.
<<rows>>

/**
 * Hold the program's answers against glassnet's.
 * @returns {boolean} whether they are the same
 */
export function selfTest() {
    let same = true;
    let largest = 0;
    TESTED.forEach((row, i) => {
        const found = <<predict>>;
        for (let k = 0; k < <<outputs>>; k++) {
            const difference = Math.abs(found[k] - EXPECTED[i][k]) / SCALES[i];
            if (!(difference <= <<allowed>>)) same = false;
            if (!(difference <= largest)) largest = difference;
        }
        <<classes>>
    });
    console.log(`${TESTED.length} rows predicted: largest difference ${largest.toExponential(1)}, allowed <<allowed>>`);
    <<train>>
    console.log(same ? "These are glassnet's numbers." : "THESE ARE NOT GLASSNET'S NUMBERS.");
    return same;
}

/** Whether Node was asked to run this very file. */
async function isMain() {
    if (typeof process === "undefined" || !process.argv?.[1]) return false;
    const { existsSync, realpathSync } = await import("node:fs");
    const { pathToFileURL } = await import("node:url");
    return existsSync(process.argv[1]) && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href;
}

if (await isMain()) process.exitCode = selfTest() ? 0 : 1;
"""

CLASSES_TEST = """
if (EXPECTED_CLASSES[i] !== null && predict(row) !== EXPECTED_CLASSES[i]) same = false;
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
