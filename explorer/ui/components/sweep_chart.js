import { chart } from './chart.js';
import { chartSavers } from './chart_saving.js';
import { choices } from './choices.js';
import { make, short } from './elements.js';
import { DIGITS } from './palette.js';

const TITLES = { mse: 'test MSE', psnr: 'PSNR (dB)' };
const WIDE = 12; // so many times as large as the smallest: then equal ways multiply by equal factors

/** A figure of every finished run over the first knob, a line for each value of the second. */
export function sweepChart() {
  const holder = make('div', { class: 'ae-chart ae-sweep-chart', role: 'img' });
  const chips = make('div', { class: 'ae-chips', role: 'radiogroup', 'aria-label': 'Figure on the chart' });
  const node = make('div', {}, chips, holder, chartSavers(holder));
  const { draw } = chart(holder);
  let [figure, offered, newest] = ['mse', '', null];

  function offer(names) {
    if (names.join() === offered) return;
    offered = names.join();
    if (!names.includes(figure)) [figure] = names;
    const group = choices((name) => { figure = name; paint(); });
    chips.replaceChildren(...names.map((name) => group.chip(name, TITLES[name] ?? name)));
    group.hold(figure);
  }

  function show(sweep) {
    newest = sweep;
    const names = [...new Set(sweep.rows.flatMap((row) => Object.keys(row.figures)))];
    node.hidden = !names.length;
    if (node.hidden) return;
    offer(names);
    paint();
  }

  function paint() {
    const { knobs: [first, second], rows, variants } = newest;
    const words = (name) => name.replaceAll('_', ' ');
    const known = rows.filter((row) => figure in row.figures);
    const cut = known.filter((row) => row.state !== 'done' && row.values[0] !== null);
    const xs = [...new Set(rows.map((row) => row.values[0]))].filter((x) => x !== null).sort((a, b) => a - b);
    const nameOf = ({ variant, values: [, value] }) => [variants.length > 1 ? variant : '', second && value !== null ? `${words(second)} ${short(value, 6)}` : ''].filter(Boolean).join(', ') || words(first);
    const line = (name, at) => {
      const own = known.filter((row) => row.state === 'done' && nameOf(row) === name).sort((a, b) => a.values[0] - b.values[0]);
      const colour = DIGITS[at % DIGITS.length];
      if (own[0]?.values[0] === null) return level(name, own[0].figures[figure], colour);
      return { name, mode: 'lines+markers', x: own.map((row) => row.values[0]), y: own.map((row) => row.figures[figure]), line: { color: colour, width: 2 }, marker: { color: colour, size: 8 } };
    };
    /** A variant that lacks the first knob is the same all along it. */
    const level = (name, y, color) => ({ name: `${name}, without ${words(first)}`, mode: 'lines', x: [xs[0], xs.at(-1)], y: [y, y], line: { color, width: 2, dash: 'dash' } });
    const open = { name: 'not trained to the end', mode: 'markers', x: cut.map((row) => row.values[0]), y: cut.map((row) => row.figures[figure]), marker: { symbol: 'circle-open', size: 9, color: '#707379' } };
    const isWide = xs[0] > 0 && xs.at(-1) > WIDE * xs[0];
    const xaxis = { type: isWide ? 'log' : 'linear', tickvals: xs, ticktext: xs.map((x) => short(x, 4)), title: { text: words(first) } };
    const data = [...[...new Set(rows.map(nameOf))].map(line), open].filter((one) => one.x.length);
    const title = TITLES[figure] ?? figure;
    holder.setAttribute('aria-label', `${title} over ${words(first)}${second ? `, a line for each ${words(second)}` : ''}`);
    draw({ data, layout: { xaxis, yaxis: { title: { text: title }, tickformat: '~g' }, showlegend: data.length > 1 || cut.length > 0 } });
  }

  return { node, show };
}
