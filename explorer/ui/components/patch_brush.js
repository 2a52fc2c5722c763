import { patchAt } from './patch_board.js';

/**
 * Painting by mouse, pen or finger: the first patch that is touched turns over, and all that the stroke crosses become
 * what it became. `paint(i, hidden)` is called for each, `done()` at the end of a stroke.
 */
export function brush(board, isHidden, paint, done) {
  const { grid } = board;
  let last = null; // where the stroke was, null between strokes
  let hides = false;

  function stroke(to) {
    const from = last ?? to;
    const steps = Math.ceil(4 * Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]))) || 1;
    for (let step = 1; step <= steps; step += 1) {
      const i = patchAt(board, from.map((value, axis) => value + ((to[axis] - value) * step) / steps));
      if (isHidden(i) !== hides) paint(i, hides);
    }
    last = to;
  }

  grid.addEventListener('pointerdown', (event) => {
    const place = board.at(event);
    if (!place || event.button !== 0 || last) return;
    event.preventDefault();
    grid.setPointerCapture(event.pointerId);
    const first = patchAt(board, place);
    board.focus(first);
    hides = !isHidden(first);
    stroke(place);
  });
  grid.addEventListener('pointermove', (event) => {
    if (!last) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) {
      const place = board.at(part);
      if (place) stroke(place);
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    grid.addEventListener(end, () => {
      if (!last) return;
      last = null;
      done();
    });
  }
}
