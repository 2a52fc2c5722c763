import { make } from './elements.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';

const TITLES = { bell: 'from one bell curve a digit', near: 'near the code of one real digit each' };

/** Whether made digits help a reader of pixels, as {node, show(answer, desk)}. */
export function lessons() {
  const node = make('section', {});

  function show(answer, { made, lack }) {
    const head = make('h2', {}, 'Do made digits help a classifier that has 100 labels?');
    if (lack) {
      node.replaceChildren(head, make('p', { class: 'ae-lack' }, lack));
      return;
    }
    const sheets = make('div', { class: 'ae-knows-two' }, ...Object.entries(made ?? {}).map(([way, sheet]) => make('figure', { class: 'ae-figure' },
      grid(sheet), make('figcaption', { class: 'ae-caption' }, `Made ${TITLES[way]}: a column each for 0 to 9, as they are labelled`))));
    node.replaceChildren(head, ...(answer ? [make('p', {}, answer.words), table(answer.rows)] : []), sheets);
  }

  return { node, show };
}

function table(rows) {
  const head = make('tr', {}, ...['what the reader of pixels is told', 'reads', 'against none'].map((one) => make('th', { scope: 'col' }, one)));
  return make('table', { class: 'ae-plain' }, make('thead', {}, head), make('tbody', {}, ...rows.map(([name, ...cells]) => make('tr', {},
    make('th', { scope: 'row' }, name), ...cells.map((one) => make('td', { class: 'ae-number' }, one))))));
}

function grid({ pictures, columns }) {
  const pixels = fromBase64(pictures);
  const digits = Array.from({ length: pixels.length / 784 }, (_, i) => digitAt(pixels, i));
  return make('div', { class: 'ae-knows-made', style: `--ae-columns: ${columns}`, role: 'img', 'aria-label': 'made digits' }, ...digits);
}
