/** From numbers to colours, widths, ticks and text. Pure functions. */

/** @typedef {[number, number, number]} Colour */
/** @typedef {Record<string, string>} Palette colours of the style sheet, by name, as the browser resolved them */

const NAMES = [
  'paper', 'ink', 'soft', 'line', 'mark', 'neg', 'neutral', 'pos', 'neg-ink', 'pos-ink', 'ghost', 'warn',
  'class0', 'class1', 'class2', 'class3', 'class4', 'class5', 'class6', 'class7', 'class8', 'class9',
];

/**
 * The colours that the style sheet gives, asked for once a theme.
 * @param {HTMLElement} root
 * @returns {Palette}
 */
export function readPalette(root) {
  const probe = document.createElement('i');
  root.append(probe);
  /** @type {Palette} */
  const found = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

/** @param {string} text "rgb(1, 2, 3)" @returns {Colour} */
export function parseColour(text) {
  const [r = 0, g = 0, b = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return text.startsWith('color(') ? [r * 255, g * 255, b * 255] : [r, g, b];
}

/** @param {Colour} a @param {Colour} b @param {number} share of b @returns {Colour} */
export function mix(a, b, share) {
  return /** @type {Colour} */ (a.map((part, k) => Math.round(part + (b[k] - part) * share)));
}

/**
 * 256 pixels from negative over neutral to positive, as they lie in a picture's memory.
 * @param {Palette} palette
 */
export function diverging(palette) {
  const [negative, neutral, positive] = ['neg', 'neutral', 'pos'].map((name) => parseColour(palette[name]));
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const t = (k - 127.5) / 127.5;
    return pixel(mix(neutral, t < 0 ? negative : positive, Math.abs(t) ** 0.8));
  });
}

/** @param {Colour} colour */
export function pixel([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** @param {Palette} palette @param {number} k @param {number} count of classes */
export function classColour(palette, k, count) {
  if (count <= 2) return palette[k === 0 ? 'neg' : 'pos'];
  return palette[`class${k % 10}`];
}

/**
 * Where a number lies on the diverging scale, 0 to 255.
 * @param {number} value @param {number} low @param {number} high
 */
export function shade(value, low, high) {
  if (!(high > low)) return 127;
  return Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255)));
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * A number for eyes: significant digits, a real minus, never "-0".
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function format(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return 'not a number';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size >= 1e-3 && Number(size.toPrecision(digits)) < 1e5) {
    const text = Number(size.toPrecision(digits)) >= 10 ** (digits - 1) ? String(Math.round(size)) : size.toPrecision(digits);
    return sign + text;
  }
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
  const power = [...String(Math.abs(Number(exponent)))].map((d) => SUPERSCRIPTS[Number(d)]).join('');
  return `${sign}${mantissa}×10${Number(exponent) < 0 ? '⁻' : ''}${power}`;
}

/** The same with the zeros at its end left out. @param {number | null | undefined} value @param {number} [digits] */
export function short(value, digits = 3) {
  return format(value, digits).replace(/(\.\d*?)0+(?=$|×)/, '$1').replace(/\.(?=$|×)/, '');
}

/** A count with thousands apart. @param {number} n */
export function count(n) {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** What a person typed, as a number; NaN if it is none. @param {string} text */
export function parse(text) {
  const plain = text.trim().replace(/−/g, '-').replace(/\s/g, '').replace(',', '.');
  const power = plain.replace(/×10([⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, minus, digits) =>
    `e${minus ? '-' : ''}${[...digits].map((d) => SUPERSCRIPTS.indexOf(d)).join('')}`);
  return power === '' ? NaN : Number(power);
}

/**
 * Round numbers from low to high, at most about so many.
 * @param {number} low @param {number} high @param {number} most
 */
export function ticks(low, high, most) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough * 0.999) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Powers of ten between, or 1-2-5 where they are few. @param {number} low @param {number} high */
export function logTicks(low, high) {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((to - from) / 5));
  const steps = to - from <= 2 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = from; power <= to; power += every) for (const k of steps) found.push(Number(`${k}e${power}`));
  return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

/** The end of a calm axis: the next of a few round numbers, so that it moves rarely. @param {number} last */
export function axisEnd(last) {
  if (last <= 10) return 10;
  const power = 10 ** Math.floor(Math.log10(last));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((k) => k * power >= last) ?? 10) * power;
}

/**
 * Where a field of numbers crosses a level: line pieces [x0, y0, x1, y1] in cells, by marching squares.
 * @param {ArrayLike<number>} field rows from below @param {number} size cells a side @param {number} level
 */
export function contour(field, size, level) {
  /** @type {[number, number, number, number][]} */
  const pieces = [];
  for (let j = 0; j + 1 < size; j++) {
    for (let i = 0; i + 1 < size; i++) {
      const at = j * size + i;
      const corners = [field[at], field[at + 1], field[at + size + 1], field[at + size]];
      const points = [];
      for (let side = 0; side < 4; side++) {
        const [a, b] = [corners[side], corners[(side + 1) % 4]];
        if (a < level === b < level) continue;
        const t = (level - a) / (b - a);
        points.push(side === 0 ? [i + t, j] : side === 1 ? [i + 1, j + t] : side === 2 ? [i + 1 - t, j + 1] : [i, j + 1 - t]);
      }
      for (let k = 0; k + 1 < points.length; k += 2) pieces.push([points[k][0], points[k][1], points[k + 1][0], points[k + 1][1]]);
    }
  }
  return pieces;
}

/**
 * Draws the mark of a class: a disc, triangle, square, diamond, and so on, so that colour is never alone.
 * @param {CanvasRenderingContext2D} context
 * @param {number} k the class @param {number} x @param {number} y @param {number} r
 */
export function mark(context, k, x, y, r) {
  const sides = [0, 3, 4, 4, 3, 5, 6, 0, 4, 5][k % 10];
  const turn = [0, -90, 45, 0, 90, -90, 0, 0, 45, 90][k % 10] * (Math.PI / 180);
  context.beginPath();
  if (!sides) context.arc(x, y, k % 10 === 7 ? r * 0.65 : r, 0, 2 * Math.PI);
  for (let side = 0; side < sides; side++) {
    const angle = turn + (2 * Math.PI * side) / sides;
    context.lineTo(x + r * 1.2 * Math.cos(angle), y + r * 1.2 * Math.sin(angle));
  }
  if (sides) context.closePath();
}
