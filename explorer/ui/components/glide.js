import { DIGITS } from './palette.js';

const SIZE = [3, 4]; // pixels of a dot on a small and on a large canvas
const LARGE = 450;
const DIM = 0.06;
const MARGIN = 0.06; // of the canvas, on each side
const BULK = [0.01, 0.99]; // between these shares of the dots lies what the canvas shows

/**
 * Dots that glide on a canvas. Points are x and y of each dot in turn; `labels` give the colours, `on` which shine.
 * `show(from, to, share, labels, on)` paints the dots on their way between two moments, and the canvas's scale on its way too.
 */
export function glider(canvas) {
  const context = canvas.getContext('2d');

  return function show(from, to, share, labels, on = EVERY) {
    const side = Math.round(canvas.clientWidth * window.devicePixelRatio);
    if (!side) return;
    if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
    context.clearRect(0, 0, side, side);
    const [a, b] = [extent(from), extent(to)];
    const frame = a.map((value, i) => value + share * (b[i] - value));
    const size = SIZE[Number(canvas.clientWidth > LARGE)] * window.devicePixelRatio;
    const scale = (side * (1 - 2 * MARGIN)) / frame[2];
    for (let i = 0; i < from.length; i += 2) {
      const x = from[i] + share * (to[i] - from[i]) - frame[0];
      const y = from[i + 1] + share * (to[i + 1] - from[i + 1]) - frame[1];
      context.globalAlpha = on[labels[i / 2]] ? 0.75 : DIM;
      context.fillStyle = DIGITS[labels[i / 2]];
      context.fillRect(side / 2 + x * scale - size / 2, side / 2 - y * scale - size / 2, size, size);
    }
  };
}

const EVERY = new Array(10).fill(true);
const extents = new WeakMap();

/** The middle of the dots and the longer side of where nearly all of them lie: [x, y, side]. */
function extent(points) {
  if (!extents.has(points)) {
    const ranges = [0, 1].map((axis) => {
      const sorted = points.filter((_, i) => i % 2 === axis).sort();
      return BULK.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
    });
    const middle = ranges.map(([low, high]) => (low + high) / 2);
    extents.set(points, [...middle, Math.max(...ranges.map(([low, high]) => high - low)) || 1]);
  }
  return extents.get(points);
}

/** Points (x, y) out of whole numbers up to `steps`, which stands for the length `scale`. */
export const unpacked = (whole, scale, steps) => Float32Array.from(whole, (value) => (value * scale) / steps);

/** The same dots at one moment as a Plotly chart, a trace for each digit. */
export function dotsFigure(points, labels) {
  const data = DIGITS.map((color, digit) => {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === digit);
    const [x, y] = [0, 1].map((axis) => own.map((i) => points[2 * i + axis]));
    return { type: 'scattergl', mode: 'markers', name: String(digit), x, y, marker: { color, size: 4, opacity: 0.75 } };
  });
  return { data, layout: { yaxis: { scaleanchor: 'x' } } };
}
