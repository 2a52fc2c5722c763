import { HALVES } from './decoder.js';
import { make, short } from './elements.js';
import { fromBase64 } from './pixels.js';

/**
 * Numbers of a model as grids of coloured cells. A picture is {values, tiles: [count, rows, columns], across, ink,
 * shape, uncovers, marks}: `count` tiles, `across` of them in a line; a cell that holds no number is NaN.
 */

const BLACK = [0, 0, 0, 255];
const WHITE = [255, 255, 255, 255];
const NOTHING = [0, 0, 0, 0];

/** The pictures of a motion, each with its values. */
export function unpacked({ pictures, numbers }) {
  const halves = new Uint16Array(fromBase64(numbers).buffer);
  let used = 0;
  return pictures.map((picture) => {
    const count = picture.tiles.reduce((product, size) => product * size);
    used += count;
    return { ...picture, values: Float32Array.from(halves.subarray(used - count, used), (half) => HALVES[half]) };
  });
}

/** Its canvas, empty. */
export function canvasOf(picture, attributes = { 'aria-hidden': 'true' }) {
  const { tiles: [count, rows, columns], across } = picture;
  const [cell, gap] = sizes(picture);
  const size = (tiles, cells) => tiles * (cells * cell + gap) - gap;
  return make('canvas', { width: size(across, columns), height: size(Math.ceil(count / across), rows), class: 'ae-numbers', ...attributes });
}

/** How many pixels of the canvas a cell is wide, and how many there are between two tiles. */
function sizes({ tiles: [count] }) {
  return count > 1 ? [4, 2] : [1, 0];
}

/** Which of the values has this pixel of the canvas; -1 for none. */
function valueAt(picture, x, y) {
  const { tiles: [count, rows, columns], across } = picture;
  const [cell, gap] = sizes(picture);
  const [wide, high] = [columns * cell + gap, rows * cell + gap];
  const [column, row] = [Math.floor((x % wide) / cell), Math.floor((y % high) / cell)];
  const tile = Math.floor(y / high) * across + Math.floor(x / wide);
  return column < columns && row < rows && tile < count ? (tile * rows + row) * columns + column : -1;
}

/** Paint a picture, of one that uncovers itself only what has come to sight by this frame. */
export function paint(canvas, picture, colours, frame = Infinity) {
  const { values, tiles: [, rows, columns], ink, uncovers, marks } = picture;
  const largest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0) || 1;
  const turn = { down: (row) => row, up: (row) => rows - 1 - row }; // the frame in which a row has its turn

  function colourOf(value, i) {
    const row = Math.floor(i / columns) % rows;
    if (Number.isNaN(value) || (uncovers && turn[uncovers](row) > frame)) return NOTHING;
    const strength = Math.sqrt(Math.min(1, Math.abs(value) / largest)); // the root keeps one large number from paling all others
    const colour = ink ? mixed(BLACK, WHITE, value) : mixed(colours.zero, value < 0 ? colours.below : colours.above, strength);
    return marks.some((way) => turn[way](row) === frame) ? mixed(colour, colours.above, 0.6) : colour;
  }

  const painted = Array.from(values, colourOf);
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0, at = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1, at += 4) image.data.set(painted[valueAt(picture, x, y)] ?? colours.page, at);
  }
  context.putImageData(image, 0, 0);
}

/** The number at a pixel of the canvas, in words; nothing where there is none. */
export function read(picture, x, y) {
  const { values, tiles: [count, rows, columns], shape } = picture;
  const i = valueAt(picture, x, y);
  if (!(i in values) || Number.isNaN(values[i])) return '';
  const within = i % (rows * columns);
  const inside = shape.length === 1 || (shape.length === 2 && count > 1) ? `number ${within + 1}` : `row ${Math.floor(within / columns) + 1}, column ${(within % columns) + 1}`;
  const which = count > 1 ? `${shape.length === 3 ? 'map' : 'patch'} ${Math.floor(i / (rows * columns)) + 1}, ` : '';
  return `${which}${inside}: ${short(values[i], 3).replace('-', '\u2212')}`;
}

/** The colours of a place on the page, as bytes. */
export function coloursAt(element) {
  const style = getComputedStyle(element);
  const context = make('canvas').getContext('2d');
  const bytes = (name) => {
    context.fillStyle = style.getPropertyValue(name);
    return [1, 3, 5].map((at) => parseInt(context.fillStyle.slice(at, at + 2), 16)).concat(255); // "#rrggbb"
  };
  return { page: bytes('--background-fill-primary'), zero: bytes('--ae-zero'), above: bytes('--ae-above'), below: bytes('--ae-below') };
}

function mixed(from, to, share) {
  return from.map((one, i) => one + share * (to[i] - one));
}
