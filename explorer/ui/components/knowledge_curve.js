import { chart } from './chart.js';
import { chartSavers } from './chart_saving.js';
import { make, thousands } from './elements.js';
import { DIGITS } from './palette.js';

const SPACES = {
  code: { colour: DIGITS[0], dash: 'solid', symbol: 'circle' },
  pca: { colour: DIGITS[5], dash: 'dash', symbol: 'square' },
  pixels: { colour: DIGITS[4], dash: 'dot', symbol: 'diamond' },
};

const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;
const name = (role, { size }) => ({ code: `this code, ${thousands(size)}`, pca: `PCA, ${Math.min(size, 784)}`, pixels: 'raw pixels, 784' })[role];

/** Accuracy over the number of labels, as {node, show(right, reader, count, desk)}. */
export function curve() {
  const holder = make('div', { class: 'ae-chart ae-knows-curve', role: 'img' });
  const { draw } = chart(holder);

  function show(right, reader, count, desk) {
    const data = Object.entries(SPACES).map(([role, { colour, dash, symbol }]) => {
      const found = Object.entries(right[role]).map(([x, readers]) => [Number(x), readers[reader].map((one) => (100 * one) / desk.tested)]);
      const y = found.map(([, shares]) => mean(shares));
      return {
        type: 'scatter', mode: 'lines+markers', name: name(role, desk), x: found.map(([x]) => x), y,
        line: { color: colour, dash }, marker: { symbol, size: 8 }, hovertemplate: '%{x} labels: %{y:.1f} %',
        error_y: { type: 'data', symmetric: false, thickness: 1, width: 3, color: colour, array: found.map(([, s], i) => Math.max(...s) - y[i]), arrayminus: found.map(([, s], i) => y[i] - Math.min(...s)) },
      };
    });
    const said = data.map((one) => `${one.name}: ${one.y.map((y, i) => `${y.toFixed(1)} % with ${one.x[i]}`).join(', ')}`).join('; ');
    holder.setAttribute('aria-label', `Test digits read correctly over the number of labels. ${said}`);
    draw({
      data,
      layout: {
        xaxis: { type: 'log', title: { text: 'labelled digits' }, tickvals: data[0].x, ticktext: data[0].x.map(thousands) },
        yaxis: { title: { text: 'test digits read correctly, %' } },
        shapes: [{ type: 'line', x0: count, x1: count, yref: 'paper', y0: 0, y1: 1, line: { width: 1, dash: 'dot', color: DIGITS[4] } }],
        margin: { l: 56, r: 12, t: 12, b: 44 },
      },
    });
  }

  return { node: make('div', {}, holder, chartSavers(holder)), show };
}

/** The same at one number of labels, for both kinds of reader, as a table. */
export function rates(right, { count, votes }, desk) {
  const nearest = `${Math.min(votes, count / 10)} nearest`; // no more than there are labels of one digit
  const cell = (found) => {
    const shares = found.map((one) => (100 * one) / desk.tested);
    const span = shares.length > 1 ? `${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)}` : 'one draw';
    return make('td', { class: 'ae-number' }, make('b', {}, `${mean(shares).toFixed(1)} %`), make('small', {}, span));
  };
  const rows = Object.keys(SPACES).map((role) => make('tr', {}, make('th', { scope: 'row' }, name(role, desk)),
    ...['linear', String(votes)].map((reader) => cell(right[role][count][reader]))));
  const head = make('tr', {}, make('td', {}), make('th', { scope: 'col' }, 'linear classifier'), make('th', { scope: 'col' }, nearest));
  return make('table', { class: 'ae-plain' }, make('caption', { class: 'ae-caption' }, `Test digits read correctly with ${thousands(count)} labels`), make('thead', {}, head), make('tbody', {}, ...rows));
}
