import { make, thousands } from './elements.js';
import { thumbnailsAt } from './map_data.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';

const TEN = Array.from({ length: 10 }, (_, digit) => digit);
const SHOWN = 40;
const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** What is read as what, and the digits behind each cell. `onchoose(index)` when one of these is pressed. */
export function confusions(onchoose) {
  const words = make('p', { 'aria-live': 'polite' });
  const table = make('table', { class: 'ae-confusions' });
  const title = make('h2', {});
  const sheet = make('div', { class: 'ae-knows-sheet' });
  const note = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const grid = make('div', {}, make('h2', {}, 'Who is taken for whom'), words, table);
  const node = make('section', { class: 'ae-knows-two' }, grid, make('div', {}, title, sheet, note));
  let cells = []; // rows of [true digit][read as] -> indices
  let buttons = [];
  let picked = null; // [true digit, read as]; the commonest mistake until somebody picks
  let isPicked = false;
  let thumbnails = '';

  function wait() {
    grid.classList.add('ae-waiting');
    if (!cells.length) words.textContent = 'All test digits are being encoded and read\u2026';
  }

  function fail(text) {
    grid.classList.remove('ae-waiting');
    words.textContent = text;
  }

  function show(answers, desk, how) {
    const [read, labels] = [fromBase64(answers), fromBase64(desk.labels)];
    cells = TEN.map(() => TEN.map(() => []));
    read.forEach((answer, i) => cells[labels[i]][answer].push(i));
    thumbnails = desk.thumbnails;
    const right = TEN.reduce((sum, digit) => sum + cells[digit][digit].length, 0);
    words.textContent = `With ${how}: ${thousands(right)} of ${thousands(read.length)} test digits are read correctly from the code, ${((100 * right) / read.length).toFixed(1)} %. Each row is what a digit is, each column what it was taken for; press a cell.`;
    const most = Math.max(1, ...TEN.flatMap((is) => TEN.map((as) => (is === as ? 0 : cells[is][as].length))));
    buttons = TEN.map((is) => TEN.map((as) => button(is, as, most)));
    const head = make('tr', {}, make('td', {}), ...TEN.map((digit) => make('th', { scope: 'col' }, String(digit))));
    table.replaceChildren(make('thead', {}, head), make('tbody', {}, ...TEN.map((is) => make('tr', {}, make('th', { scope: 'row' }, String(is)),
      ...buttons[is].map((one) => make('td', {}, one))))));
    grid.classList.remove('ae-waiting');
    if (!isPicked) picked = commonest();
    open();
  }

  function commonest() {
    const pairs = TEN.flatMap((is) => TEN.filter((as) => as !== is).map((as) => [is, as]));
    return pairs.reduce((best, pair) => (cells[pair[0]][pair[1]].length > cells[best[0]][best[1]].length ? pair : best));
  }

  function button(is, as, most) {
    const count = cells[is][as].length;
    const of = is === as ? 'read correctly' : `taken for ${as}`;
    return make('button', {
      type: 'button', class: is === as ? 'ae-right' : '', style: `--ae-share: ${is === as ? 0 : Math.round((60 * count) / most)}%`,
      'aria-label': `${is}, ${of}: ${count}`, tabindex: -1, onclick: () => pick(is, as), onkeydown: (event) => walk(event, is, as),
    }, count ? String(count) : '\u00b7');
  }

  function walk(event, is, as) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    buttons[is + step[0]]?.[as + step[1]]?.focus();
  }

  function pick(is, as) {
    [picked, isPicked] = [[is, as], true];
    open();
  }

  async function open() {
    const [is, as] = picked;
    buttons.flat().forEach((one) => { one.tabIndex = -1; one.setAttribute('aria-pressed', false); });
    buttons[is][as].tabIndex = 0;
    buttons[is][as].setAttribute('aria-pressed', true);
    const indices = cells[is][as];
    const what = is === as ? `${is}s that are read correctly` : `${is}s that are taken for ${as}s`;
    title.textContent = `${thousands(indices.length)} ${what}`;
    note.textContent = indices.length ? `${indices.length > SHOWN ? `The first ${SHOWN}. ` : ''}Press a digit to make it the input.` : 'There is none.';
    const pixels = await thumbnailsAt(thumbnails).catch(() => null);
    if (indices !== cells[picked[0]][picked[1]]) return; // another cell by now
    if (!pixels) note.textContent = 'The pictures could not be fetched.';
    sheet.replaceChildren(...(pixels ? indices.slice(0, SHOWN).map((i) => make('button', {
      type: 'button', class: 'ae-sheet-cell', 'aria-label': `test digit ${i}, a ${is}, read as ${as}`, onclick: (event) => choose(event.currentTarget, i),
    }, digitAt(pixels, i))) : []));
  }

  function choose(one, i) {
    [...sheet.children].forEach((other) => other.setAttribute('aria-pressed', other === one));
    note.textContent = `Test digit ${i} is the input of all views now.`;
    onchoose(i);
  }

  return { node, wait, fail, show };
}
