import { make } from './elements.js';

const SIDE = 28;

/** The visible patches in the order in which they go through the encoder, as {node, show(isThere, board, mask)}. */
export function patchTokens() {
  const row = make('div', { class: 'ae-tokens', 'aria-hidden': 'true' });
  const words = make('figcaption', { class: 'ae-caption' });
  const node = make('figure', { class: 'ae-token-way' }, row, words);

  /** The board's canvas has the whole input; patches of it are copied. */
  function show(isThere, { canvas, side }, mask) {
    node.hidden = !isThere;
    if (!isThere) return;
    const visible = mask.map((_, i) => i).filter((i) => !mask[i]);
    row.replaceChildren(...visible.map((i) => cut(canvas, SIDE / side, i % side, Math.floor(i / side))));
    words.textContent = `${visible.length} visible patches, row by row → encoder → ${visible.length} tokens, `
      + `joined by ${mask.length - visible.length} mask tokens, each put at its place → decoder → ${mask.length} patches`;
  }

  return { node, show };
}

function cut(canvas, size, column, row) {
  const patch = make('canvas', { width: size, height: size });
  patch.getContext('2d').drawImage(canvas, column * size, row * size, size, size, 0, 0, size, size);
  return patch;
}
