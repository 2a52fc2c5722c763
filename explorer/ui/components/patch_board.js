import { make } from './elements.js';

/**
 * A picture under a square of buttons, one a patch. Tab reaches one of them, arrow keys lead to the others.
 * `press(i, event)` is called for clicks, by keys and assistive technology too; painting is the caller's.
 */
export function patchBoard(label, press) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', 'aria-hidden': 'true' });
  const grid = make('div', { class: 'ae-board-grid', role: 'group', 'aria-label': label });
  const node = make('div', { class: 'ae-board' }, canvas, grid);
  const board = { node, canvas, grid, cells: [], side: 0, cut, place, focus, at };

  function cut(side) {
    if (side === board.side) return;
    board.side = side;
    grid.style.setProperty('--ae-side', side);
    board.cells = Array.from({ length: side * side }, (_, i) => make('button', {
      type: 'button', class: 'ae-patch', tabindex: i ? -1 : 0, 'aria-label': place(i),
      onclick: (event) => press(i, event), onkeydown: (event) => walk(event, i),
    }));
    grid.replaceChildren(...board.cells);
  }

  function place(i) {
    return `row ${Math.floor(i / board.side) + 1}, column ${(i % board.side) + 1}`;
  }

  function focus(i) {
    board.cells.forEach((cell, j) => { cell.tabIndex = i === j ? 0 : -1; });
    board.cells[i].focus({ preventScroll: true });
  }

  function walk(event, i) {
    const { side } = board;
    const column = i % side;
    const to = {
      ArrowLeft: column > 0 && i - 1, ArrowRight: column < side - 1 && i + 1, ArrowUp: i - side, ArrowDown: i + side,
      Home: i - column, End: i - column + side - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to !== false && board.cells[to]) focus(to);
  }

  /** The column and row under the pointer as numbers with a fraction, or null outside. */
  function at(event) {
    const box = grid.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return x >= 0 && x < 1 && y >= 0 && y < 1 ? [x * board.side, y * board.side] : null;
  }

  return board;
}

/** The patch at a place that `at` gave. */
export function patchAt(board, [column, row]) {
  return Math.floor(row) * board.side + Math.floor(column);
}
