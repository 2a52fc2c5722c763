import { make } from './elements.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';
import { sheetSavers } from './sheet_saving.js';
import { drawSigned } from './signed.js';

const PIXELS = 784;

/** A grid of digits; where they can be chosen, each is a button, and arrow keys walk from one to the next. */
export function mount({ element, props, trigger, watch }) {
  const grid = make('div', { class: 'ae-sheet-grid' });
  let cells = [];
  let canvases = [];
  const saving = sheetSavers(grid, () => ({ sheet: props.sheet, canvases }));
  element.replaceChildren(make('div', { class: 'ae-sheet' }, grid), saving);

  function build() {
    const { sheet } = props;
    element.hidden = !sheet;
    if (!sheet) return;
    const { pictures, columns, rows, heads, captions, signed, label } = sheet;
    const pixels = fromBase64(pictures);
    const count = pixels.length / PIXELS;
    canvases = Array.from({ length: count }, (_, i) => (signed ? signedAt(pixels, i) : digitAt(pixels, i)));
    const held = cells.indexOf(document.activeElement);
    cells = canvases.map((canvas, i) => cell(canvas, captions[i] ?? '', `${label}: ${captions[i] || place(i)}`, i));
    const lines = [];
    if (heads.length) lines.push(...(rows.length ? [make('span')] : []), ...heads.map((text) => make('span', { class: 'ae-sheet-head ae-number' }, text)));
    cells.forEach((one, i) => {
      if (rows.length && i % columns === 0) lines.push(make('span', { class: 'ae-sheet-row ae-number' }, rows[i / columns] ?? ''));
      lines.push(one);
    });
    grid.style.setProperty('--ae-columns', columns);
    grid.style.setProperty('--ae-size', `${props.size}px`);
    grid.classList.toggle('ae-titled', rows.length > 0);
    saving.hidden = count < 2;
    grid.setAttribute('role', 'group');
    grid.setAttribute('aria-label', label);
    grid.replaceChildren(...lines);
    cells[held]?.focus();
    mark();
  }

  /** Where a picture without a caption is, in words. */
  function place(i) {
    const { columns, rows, heads } = props.sheet;
    const [row, column] = [Math.floor(i / columns), i % columns];
    return `${rows[row] || `row ${row + 1}`}, ${heads[column] || `column ${column + 1}`}`;
  }

  function cell(canvas, caption, words, i) {
    const inside = [canvas, caption ? make('span', { class: 'ae-caption ae-number' }, caption) : null];
    if (!props.choosable) {
      canvas.removeAttribute('aria-hidden');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', words);
      return make('span', { class: 'ae-sheet-cell' }, ...inside);
    }
    return make('button', {
      type: 'button', class: 'ae-sheet-cell', 'aria-label': words, onclick: () => choose(i), onkeydown: (event) => walk(event, i),
    }, ...inside);
  }

  function choose(i) {
    props.value = { cell: i, id: props.sheet.ids[i] ?? null };
    mark();
    trigger('input');
  }

  function walk(event, i) {
    const { columns } = props.sheet;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step || !cells[i + step]) return;
    event.preventDefault();
    cells[i + step].focus();
  }

  function mark() {
    const { marked } = props.sheet ?? { marked: [] };
    cells.forEach((one, i) => {
      one.classList.toggle('ae-marked', marked.includes(i));
      if (props.choosable) one.setAttribute('aria-pressed', props.value?.cell === i);
    });
  }

  watch('sheet', () => { props.value = null; build(); });
  watch(['choosable', 'size'], build);
  watch('value', mark);
  build();
}

function signedAt(pixels, i) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit ae-signed', 'aria-hidden': 'true' });
  drawSigned(canvas, pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
  return canvas;
}
