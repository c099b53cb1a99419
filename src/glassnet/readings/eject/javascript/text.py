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

TEST = """
// Rows, what glassnet says of them, and the scale of each: the largest number on the way.
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
if (predict(row) !== EXPECTED_CLASSES[i]) same = false;
"""
