/** Choosing many dots at once: which lie within an outline, and what they have in common. */

import { make, thousands } from './elements.js';
import { DIGITS } from './palette.js';
import { digitAt } from './picture.js';
import { draw, fromBase64 } from './pixels.js';

const SHOWN = 60;
const PIXELS = 784;
export const MODES = [['explore', 'Explore'], ['box', 'Select a box'], ['lasso', 'Select freely']];

/** The numbers of the dots within a closed outline of the plane; only classes that are `on` count. */
export function within({ n, xy, classes }, outline, on) {
  const [left, right] = extent(outline, 0);
  const [low, high] = extent(outline, 1);
  const found = [];
  for (let i = 0; i < n; i += 1) {
    const [x, y] = [xy[2 * i], xy[2 * i + 1]];
    if (x >= left && x <= right && y >= low && y <= high && on[classes[i]] && isInside(outline, x, y)) found.push(i);
  }
  return found;
}

function extent(outline, axis) {
  const values = outline.map((point) => point[axis]);
  return [Math.min(...values), Math.max(...values)];
}

/** A ray to the right crosses the outline an odd number of times. */
function isInside(outline, x, y) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i, i += 1) {
    const [[ax, ay], [bx, by]] = [outline[i], outline[j]];
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside;
  }
  return inside;
}

export const box = ([x, y], [x2, y2]) => [[x, y], [x2, y], [x2, y2], [x, y2]];

/**
 * What was chosen, in words and pictures; `mean(indices)` asks for the picture of the mean code. On a phone `look` goes
 * to the map with which this one is linked.
 */
export function chosenPanel(letGo, look) {
  const words = make('p', { 'aria-live': 'polite' });
  const bars = make('div', { class: 'ae-bars', role: 'img' });
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': 'their mean code, decoded' });
  const middle = make('figure', { class: 'ae-figure' }, canvas, make('figcaption', { class: 'ae-caption' }, 'their mean code, decoded'));
  const sheet = make('div', { class: 'ae-chosen-sheet', role: 'img', 'aria-label': 'the chosen digits' });
  const close = make('button', { type: 'button', class: 'ae-button', onclick: letGo }, 'Let go');
  const other = look && make('button', { type: 'button', class: 'ae-button ae-chosen-other', onclick: look }, 'See them in the other map');
  const body = make('div', { class: 'ae-chosen-body' }, middle, bars);
  const node = make('div', { class: 'ae-chosen', hidden: true }, make('div', { class: 'ae-chosen-head' }, words, close, other), body, sheet);
  let asked = 0;

  function show(indices, { labels }, thumbnails, mean) {
    node.hidden = !indices;
    if (!indices) return;
    [body.hidden, sheet.hidden] = [false, false];
    const counts = new Array(10).fill(0);
    indices.forEach((i) => { counts[labels[i]] += 1; });
    words.textContent = about(indices.length, counts);
    bars.replaceChildren(...counts.map((count, digit) => bar(digit, count, Math.max(...counts, 1))));
    bars.setAttribute('aria-label', counts.map((count, digit) => `${count} ${digit}s`).join(', '));
    paint(indices, thumbnails);
    ask(indices, mean);
  }

  /** They were chosen in another map, where their pictures are. */
  function welcome(count, here) {
    node.hidden = false;
    [body.hidden, sheet.hidden] = [true, true];
    const missing = here < count ? ` This map holds ${thousands(here)} of them.` : '';
    words.textContent = `The ${count === 1 ? 'digit' : `${thousands(count)} digits`} chosen in the other map ${count === 1 ? 'is' : 'are'} lit here.${missing}`;
  }

  function paint(indices, thumbnails) {
    sheet.replaceChildren(...(thumbnails ? indices.slice(0, SHOWN).map((i) => digitAt(thumbnails.subarray(PIXELS * i, PIXELS * (i + 1)), 0)) : []));
  }

  async function ask(indices, mean) {
    asked += 1;
    const turn = asked;
    middle.hidden = true;
    if (!indices.length || !mean) return;
    const answer = await Promise.resolve(mean(indices)).catch(() => null);
    if (turn !== asked || typeof answer !== 'string') return;
    draw(canvas, fromBase64(answer));
    middle.hidden = false;
  }

  return { node, show, welcome, paint };
}

function about(count, counts) {
  if (!count) return 'No digit lies within.';
  const most = counts.indexOf(Math.max(...counts));
  const shown = count > SHOWN ? ` The first ${SHOWN} are shown.` : '';
  return `${thousands(count)} ${count === 1 ? 'digit' : 'digits'} chosen, ${Math.round((100 * counts[most]) / count)} % of them ${most}s.${shown}`;
}

function bar(digit, count, most) {
  const height = Math.round((100 * count) / most);
  return make('span', { style: `--ae-colour: ${DIGITS[digit]}; --ae-height: ${height}%` },
    make('small', { class: 'ae-number' }, thousands(count)), make('i'), make('b', {}, String(digit)));
}
