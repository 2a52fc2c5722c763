import { make } from './elements.js';
import { patchAt, patchBoard } from './patch_board.js';
import { draw, fromBase64 } from './pixels.js';

const LISTED = 3; // patches that are named, the strongest

/** Which visible patches a hidden one looks at, as {node, show(patches, mask, attention)}; all rows are in the browser. */
export function patchAttention() {
  const board = patchBoard('Patches: choose a hidden one to see where it looks', choose);
  const words = make('p', { class: 'ae-caption ae-number', 'aria-live': 'polite' });
  const note = make('p', { class: 'ae-caption' },
    'Press a patch to choose it; the more orange a visible patch, the more is looked there. It is the attention of the decoder, its last block, mean of the heads. In the encoder there are no hidden patches.');
  const node = make('div', { class: 'ae-attention' }, make('h3', {}, 'Where a hidden patch looks'),
    make('div', {}, board.node, make('div', {}, words, note)));
  let mask = [];
  let rows = new Uint8Array();
  let peaks = [];
  let chosen = -1;

  function show({ side, picture }, hidden, attention) {
    node.hidden = !attention;
    if (!attention) return;
    if (side !== board.side) chosen = -1;
    board.cut(side);
    draw(board.canvas, fromBase64(picture));
    mask = hidden;
    rows = fromBase64(attention.rows);
    peaks = attention.peaks;
    if (!mask[chosen]) chosen = mask.indexOf(true, Math.floor(mask.length / 2));
    if (chosen < 0) chosen = mask.indexOf(true);
    paint();
  }

  function choose(i) {
    chosen = i;
    paint();
  }

  const share = (i) => (rows[chosen * mask.length + i] / 255) * peaks[chosen];

  function paint() {
    board.cells.forEach((cell, i) => {
      cell.classList.toggle('ae-hidden', mask[i]);
      cell.setAttribute('aria-pressed', i === chosen);
      cell.setAttribute('aria-label', `${mask[i] ? 'hidden' : 'visible'} patch, ${board.place(i)}`);
    });
    const visible = mask.map((_, i) => i).filter((i) => !mask[i]);
    const most = Math.max(...visible.map(share), 1e-9);
    board.cells.forEach((cell, i) => cell.style.setProperty('--ae-heat', chosen < 0 || mask[i] ? 0 : (share(i) / most).toFixed(3)));
    words.textContent = chosen < 0 ? 'Nothing is hidden.' : said(visible);
  }

  function said(visible) {
    const percent = (value) => `${Math.round(100 * value)} %`;
    const total = visible.reduce((sum, i) => sum + share(i), 0);
    const strongest = [...visible].sort((a, b) => share(b) - share(a)).slice(0, LISTED);
    const list = strongest.map((i) => `${board.place(i)}: ${percent(share(i))}`).join('; ');
    const which = `${mask[chosen] ? 'Hidden' : 'Visible'} patch in ${board.place(chosen)}`;
    return `${which}: ${percent(Math.min(1, total))} of its attention goes to the visible patches, the rest to mask tokens. Most: ${list}.`;
  }

  board.grid.addEventListener('pointermove', (event) => {
    const place = event.pointerType === 'mouse' && board.at(event);
    if (place && patchAt(board, place) !== chosen && mask[patchAt(board, place)]) choose(patchAt(board, place));
  });

  return { node, show };
}
