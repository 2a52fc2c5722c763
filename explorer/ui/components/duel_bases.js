import { make } from './elements.js';
import { fileAt } from './map_data.js';
import { drawSigned } from './signed.js';

const PIXELS = 784;
const MOST = 32; // pictures of each kind
const KINDS = ['Principal components', 'Columns of the linear decoder', 'The same columns, turned'];

/** The first k components beside the columns of the linear decoder, as they are and turned; fetched once for all sizes. */
export function basesBoard() {
  const grids = KINDS.map((title) => make('div', { class: 'ae-duel-basis', role: 'img', 'aria-label': title }));
  const problem = make('p', { class: 'ae-caption' });
  const node = make('div', {}, problem, make('div', { class: 'ae-duel-bases' },
    ...KINDS.map((title, i) => make('section', {}, make('h3', {}, title), grids[i]))));
  let wanted = '';

  async function show(source, k) {
    wanted = `${source} ${k}`;
    const asked = wanted;
    try {
      const pixels = await fileAt(source, (content) => new Uint8Array(content));
      if (asked === wanted) paint(pixels, k);
      problem.textContent = '';
    } catch (error) {
      problem.textContent = `The components could not be fetched: ${error.message}.`;
    }
  }

  function paint(pixels, k) {
    const count = Math.min(k, MOST);
    let start = MOST; // of this size's columns: those of all smaller sizes lie before
    for (let smaller = 1; smaller < k; smaller *= 2) start += 2 * Math.min(smaller, MOST);
    [0, start, start + count].forEach((first, i) => {
      grids[i].replaceChildren(...Array.from({ length: count }, (_, at) => signed(pixels, first + at)));
      grids[i].setAttribute('aria-label', `${KINDS[i]}: ${count === k ? `all ${k}` : `the first ${count} of ${k}`}`);
    });
  }

  return { node, show };
}

function signed(pixels, i) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit ae-signed', 'aria-hidden': 'true' });
  drawSigned(canvas, pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
  return canvas;
}
