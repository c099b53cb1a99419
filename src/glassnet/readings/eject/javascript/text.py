"""The parts of an ejected JavaScript program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

from glassnet.readings.eject.emitters import TITLES as TITLES

ANSWERS = ("predictProba", "predictScores", "predict")

HEADING = "// ---- <<title>> <<rule>>"
RULE = 110
GAPS = ("\n\n", "\n\n", "\n\n")

HEAD = """
// <<title>>
//
// Made by glassnet <<version>>. A module for Node and for pages; it needs nothing else.
//
//     node network.mjs    <<does>>
//
//     import { <<exported>> } from "./network.mjs";
//     <<example>>
"""

ROW = "<<row>>"

COLUMNS = """
// The columns, and how each becomes inputs of the network.
<<kinds>>
// missing: whether "is missing" is an input of its own.
export const COLUMNS = [
    <<columns>>
];

// Texts that mean: missing. So do null, undefined and NaN.
const MISSING = <<missing>>;
"""

CLASSES = """
// The classes of <<target>>.
export const CLASSES = <<classes>>;
"""

WEIGHTS = "<<arrays>>"

THETA = """
// All that is learnt is one vector, theta; training changes it.
export <<theta>>

// Each array is a part of it, stored row by row.
<<views>>
"""

SIGN = "//"
CALLED = {
    "forward": "forwardTraining",
    "loss": "lossOfBatch",
    "backward": "backward",
    "update": "update",
    "t": "stepsDone",
    "epoch": "epochsDone",
}

OPERATIONS: dict[str, str] = {}

FORWARD = """
/**
 * The network: from the inputs x of one row to its outputs p.
 * @param {Float64Array} x (<<n_inputs>>)
 * @returns {Float64Array} p (<<n_outputs>>)
 */
function forward(x) {
    const p = new Float64Array(<<n_outputs>>);
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
 * @param {ArrayLike<number>} row <<n_inputs>> numbers
 * @returns {Float64Array} (<<n_inputs>>)
 */
function encode(row) {
    if (row?.length !== <<n_inputs>>) throw new TypeError("a row must have <<n_inputs>> numbers, got " + shown(row));
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
 * @returns {Float64Array} (<<n_inputs>>)
 */
function encode(row) {
    const x = [];
    for (const column of COLUMNS) {
        const value = cell(row, column.name);
        const absent = isMissing(value);
        <<cell>>
        <<ending>>
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
/** A number, <<how_scaled>>; the <<filled>> stands for a missing one. */
function scaled(column, value, absent) {
    const number = absent ? column.fill : typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
    if (typeof number !== "number" || Number.isNaN(number)) {
        throw new TypeError(`${shown(value)} in column ${shown(column.name)} is not a number`);
    }
    const result = <<scaled>>;
    if (!Number.isFinite(result)) {
        throw new RangeError(`${shown(value)} in column ${shown(column.name)} is infinite, or too large to be scaled`);
    }
    return result;
}
"""

SCALED_NUMBER = "number"
SCALE = {
    "standard": "(<<number>> - column.mean) / column.scale",
    "robust": "smoothClip((<<number>> - column.median) / column.scale)",
    "quantile": "normalQuantile(column, <<number>>)",
}
NORMAL_QUANTILE = """
/** What lies above a number on the lines between points (value, normal); beyond the first and the last, their own. */
function normalQuantile({ values, normal }, number) {
    const last = values.length - 1;
    if (!(number > values[0])) return normal[0];
    if (number >= values[last]) return normal[last];
    const k = values.findIndex((value) => value > number);
    const slope = (normal[k] - normal[k - 1]) / (values[k] - values[k - 1]);
    return normal[k - 1] + (number - values[k - 1]) * slope;
}
"""
SMOOTH_CLIP = """
/** z / sqrt(1 + (z/3)^2): z where it is small, and never beyond -3 and 3. */
function smoothClip(z) {
    return z / Math.hypot(1, z / 3);
}
"""

ENDING = (
    "if (column.missing) x.push(absent ? 1 : 0);",
    """
if (column.missing) x.push(absent ? 1 : 0);
column.levels.forEach((level, j) => { // what becomes of 0 and of 1 in the last inputs
    const k = x.length - column.levels.length + j;
    x[k] = level[x[k]];
});
""",
)

ONE_HOT = """
/** 1 for the word's category, 0 for the others; <<new_word>>. */
function oneHot(column, value, absent) {
    let word = value;
    if (typeof value === "boolean") word = value ? "True" : "False";
    if (typeof value === "number") {
        word = column.categories.find((category) => NUMBER.test(category) && Number(category) === value);
    }
    <<truths>>
    const found = column.categories.map((category) => (!absent && category === word ? 1 : 0));
    <<other>>
    <<pair>>
    return found;
}
"""

TRUTHS = """
if (/^(true|false)$/i.test(word) && !column.categories.includes(word)) { // in other capitals
    word = column.categories.find((category) => category.toLowerCase() === word.toLowerCase());
}
"""

OTHER = "if (column.other) found.push(absent || found.includes(1) ? 0 : 1);"

PAIR = "if (column.pair) return [found[0] + 2 * found[1]]; // two words share an input: 1, 2, and 0 for neither"

DATE = """
const ZONE = /(?:Z|([+-])([01]\\d|2[0-3])(?::?([0-5]\\d))?)?/;
const CLOCK = /[T ]([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d(?:[.,]\\d+)?))?/;
const DATE = new RegExp(/^(\\d{4})-(\\d\\d)-(\\d\\d)/.source + `(?:${CLOCK.source}${ZONE.source})?$`);

/** Days from 1970-01-01 to a date, ISO 8601 such as "2024-03-01T12:30" or a Date; NaN for what is none. */
function daysOf(value) {
    if (value instanceof Date) return value.getTime() / 86400000;
    const found = typeof value === "string" ? DATE.exec(value) : null;
    if (found === null) return NaN;
    const [year, month, day] = found.slice(1, 4).map(Number);
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    if (year === 0 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN; // no such day
    const [hours, minutes, seconds, sign, zoneHours, zoneMinutes] = found.slice(4);
    const zone = (60 * Number(zoneHours ?? 0) + Number(zoneMinutes ?? 0)) * (sign === "-" ? -1 : 1);
    const clock = 60 * Number(hours ?? 0) + Number(minutes ?? 0) - zone; // in minutes
    return date.getTime() / 86400000 + (clock * 60 + Number((seconds ?? "0").replace(",", "."))) / 86400;
}
"""

DATE_INPUTS = """
/** A date: its day, scaled as a number is; its places on circles, once and twice round in so many days. */
function dateInputs(column, value, absent) {
    const days = absent ? column.fill : daysOf(value);
    if (!Number.isFinite(days)) {
        throw new TypeError(`${shown(value)} in column ${shown(column.name)} is no date in ISO 8601`);
    }
    const found = [<<scaled_days>>];
    for (const period of column.periods) {
        for (const turns of [1, 2]) {
            const rounds = (turns * days) / period;
            const angle = 2 * Math.PI * (rounds - Math.floor(rounds));
            found.push(Math.sin(angle), Math.cos(angle));
        }
    }
    return found;
}
"""

CELL = {
    "numbers": "x.push(scaled(column, value, absent));",
    "words": "x.push(...oneHot(column, value, absent));",
    "dates": "x.push(...dateInputs(column, value, absent));",
}
EITHER = """
if (<<condition>>) {
    <<this>>
} else {
    <<other>>
}
"""
IS_KIND = {"words": "column.categories", "dates": "column.periods"}

ENCODE: dict[str, tuple[str, ...]] = {
    "arrays": (SHOWN, ENCODE_ARRAYS),
    "tables": (SHOWN, ENCODE_TABLES),
    "numbers": (SCALED,),
    "robust": (SMOOTH_CLIP,),
    "quantile": (NORMAL_QUANTILE,),
    "words": (ONE_HOT,),
    "dates": (DATE, DATE_INPUTS),
}

OF_P = ("Array.from(p)", "[1 - p[0], p[0]]")

PREDICT_CLASSES = """
/**
 * The <<each>> class, in the order of CLASSES.
 * @param {<<type>>} row
 * @returns {number[]} (<<K>>)
 */
export function <<outputs>>(row) {
    const p = forward(encode(row));
    return <<of_p>>;
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
 * What is predicted for a row, <<target>><<in_unit>>.
 * @param {<<type>>} row
 * @returns {<<result>>}
 */
export function predict(row) {
    const p = forward(encode(row));
    return <<value>>;
}
"""

ENDS = ("predictInterval", "predictSet")
TRUST: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        """
// Half of each interval, learnt from <<rows>> rows: WIDTHS[0] for predictions up to EDGES[0], then WIDTHS[1], …
const EDGES = <<edges>>;
const WIDTHS = <<widths>>;

/**
 * The ends of an interval: it holds the truth for <<share>> of rows.
 * @param {<<type>>} row
 * @returns {number[]} lower and upper end
 */
export function predictInterval(row) {
    const [value] = [predict(row)].flat();
    const width = WIDTHS[EDGES.filter((edge) => value > edge).length];
    return [value - width, value + width];
}
""",
    ),
    (
        """
// A class is in the set from this probability on: learnt from <<rows>> rows.
const LEAST = <<least>>;

/**
 * The classes that may be a row's: the true one is among them for <<share>> of rows.
 * @param {<<type>>} row
 * @returns {<<label>>[]}
 */
export function predictSet(row) {
    const p = <<outputs>>(row);
    const best = p.indexOf(Math.max(...p));
    return CLASSES.filter((label, k) => p[k] >= LEAST || k === best);
}
""",
    ),
)

TRAINING = """
<<training>>
const EPOCHS = <<epochs>>;
const N_ROWS = <<n_rows>>;
<<batches>>
"""

CONSTANT = "const <<name>> = <<value>>;"
COUNTERS = {"t": "let stepsDone = <<value>>;", "epoch": "let epochsDone = <<value>>;"}
NUMBER = "let <<name>> = 0;"
MARK = "<<name>>[<<index>>]"
SETTINGS = "<<constants>>\n<<marks>>\n<<slots>>\n<<counters>>"

GENERATOR = """
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

HALF = "let half = <<half_bits>>;"

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

UNIFORM = (
    """
/** A random number from 0 to 1. */
function uniform() {
    return Number(next64() >> 11n) * 2 ** -53;
}
""",
    """
/** A random number from 0 to 1. */
function uniform() {
    return (next32() >>> 8) * 2 ** -24;
}
""",
)

ORDER = ("", "const order = shuffleRows();")

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

ARRAYS = """
// The gradient, in the order of theta, and its parts.
const g = new Float64Array(<<n_parameters>>);
<<views>>

// What is computed on the way.
<<on_the_way>>
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
        <<epoch>>
        <<counted>>
    }
    return loss;
}
"""

EPOCH = (
    "<<calls>>",
    """
loss = 0;
for (let first = 0; first < N_ROWS; first += BATCH) {
    const n = Math.min(BATCH, N_ROWS - first);
    <<gather>>
    <<calls>>
}
""",
)
PART_OF_EPOCH = "epochsDone + first / BATCH / <<n_batches>>"
SHARE = {"n": "n", "N": "N_ROWS"}

CLASSES_TEST = """
if (predict(row) !== EXPECTED_CLASSES[i]) same = false;
"""

TRAINING_TEST = """
largest = 0;
for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const loss = train(1);
    const expected = EXPECTED_LOSSES.get(epoch);
    if (expected !== undefined) {
        const difference = Math.abs(loss - expected) / Math.max(1, Math.abs(expected));
        if (!(difference <= <<allowed_after>>)) same = false;
        if (!(difference <= largest)) largest = difference;
        console.log(`epoch ${epoch}: loss ${loss.toPrecision(6)}`);
    }
}
const scale = EXPECTED_THETA.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
theta.forEach((value, k) => {
    const difference = Math.abs(value - EXPECTED_THETA[k]) / scale;
    if (!(difference <= <<allowed_after>>)) same = false;
    if (!(difference <= largest)) largest = difference;
});
console.log(`trained: largest difference of a loss or weight ${largest.toExponential(1)}, allowed <<allowed_after>>`);
"""

TEST = [
    """
// Rows, what glassnet says of them, and the scale of each: the largest number on the way.
<<tested>>
<<trained>>

/**
 * Hold the program's answers against glassnet's.
 * @returns {boolean} whether they are the same
 */
export function selfTest() {
    let same = true;
    let largest = 0;
    TESTED.forEach((row, i) => {
        const found = <<predicted>>;
        for (let k = 0; k < <<width>>; k++) {
            const difference = Math.abs(found[k] - EXPECTED[i][k]) / SCALES[i];
            if (!(difference <= <<allowed>>)) same = false;
            if (!(difference <= largest)) largest = difference;
        }
        <<classes_test>>
    });
    console.log(`${TESTED.length} rows predicted: largest difference ${largest.toExponential(1)}, allowed <<allowed>>`);
    <<training_test>>
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
""",
]
