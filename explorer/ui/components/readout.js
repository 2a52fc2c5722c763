import { make, thousands } from './elements.js';
import { DIGITS } from './palette.js';
import { draw } from './pixels.js';

/** Beside a map: the digit that belongs to a place, where that place is, and the test digit nearest to it. */
export function readout() {
  const big = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', hidden: true });
  const title = make('b');
  const where = make('span', { class: 'ae-number' });
  const small = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', hidden: true });
  const close = make('span');
  const swatch = make('i', { class: 'ae-swatch' });
  const near = make('figure', { class: 'ae-near', hidden: true }, small, make('figcaption', { class: 'ae-caption' }, 'nearest test digit ', close));
  const node = make('div', { class: 'ae-map-side' },
    make('figure', { class: 'ae-decoded' }, big, make('figcaption', { class: 'ae-caption' }, title, ' ', where)), near);

  function paint(canvas, pixels, what) {
    canvas.hidden = false;
    canvas.setAttribute('aria-label', what);
    draw(canvas, pixels);
  }

  const words = ({ index, label }) => `${thousands(index)}, a ${label}`;

  /** What is shown, its place in words, and the nearest test digit: number, label, and pixels where they have come. */
  function stand(name, place, digit) {
    [title.textContent, where.textContent] = [name, place];
    swatch.style.setProperty('--ae-colour', DIGITS[digit.label]);
    close.replaceChildren(swatch, words(digit));
    near.hidden = false;
    if (digit.pixels) paint(small, digit.pixels, `test digit ${words(digit)}`);
    else small.hidden = true;
  }

  /** Where no place can be decoded, the nearest test digit is all there is to see. */
  function onlyNear(digit, place) {
    stand('nearest test digit', '', digit);
    where.append(swatch, `${words(digit)}, at ${place}`);
    near.hidden = true;
    big.hidden = !digit.pixels;
    if (digit.pixels) paint(big, digit.pixels, `test digit ${words(digit)}`);
  }

  /** A sentence instead. */
  function say(sentence) {
    [title.textContent, where.textContent] = ['', sentence];
    near.hidden = true;
  }

  return { node, stand, onlyNear, say, show: (pixels, what) => paint(big, pixels, what) };
}
