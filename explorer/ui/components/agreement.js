import { chart } from './chart.js';
import { chartSavers } from './chart_saving.js';
import { make, thousands } from './elements.js';

const FIRST = 10; // neighbours
const HEADS = ['trustworthiness', 'first map', 'second map'];

/** The figures come once for two maps; the slider only chooses among them. */
export function mount({ element, props, server, watch }) {
  const count = make('output', { class: 'ae-number' });
  const slider = make('input', { type: 'range', class: 'ae-range', min: 1, max: FIRST, step: 1, value: FIRST, 'aria-label': 'Neighbours k', oninput: () => show() });
  const words = make('p', { 'aria-live': 'polite' });
  const curve = make('div', { class: 'ae-chart ae-agreement-chart', role: 'img' });
  const rows = make('tbody');
  const table = make('table', { class: 'ae-agreement-table' },
    make('thead', {}, make('tr', {}, ...HEADS.map((head) => make('th', { scope: 'col' }, head)))), rows);
  const verdict = make('p');
  const about = make('p', { class: 'ae-caption' });
  const wait = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const body = make('div', { class: 'ae-agreement', hidden: true },
    make('section', {}, make('h3', {}, 'Who are neighbours in both?'),
      make('label', { class: 'ae-agreement-count' }, make('span', {}, 'Neighbours k'), slider, count), words, curve, chartSavers(curve)),
    make('section', {}, make('h3', {}, 'Can the maps be trusted?'), table, verdict, about));
  element.replaceChildren(wait, body);
  const { draw } = chart(curve);
  let figures = null;

  async function ask() {
    const { asked } = props;
    if (!asked.length) return;
    wait.textContent = 'The maps are being compared.';
    body.classList.toggle('ae-stale', Boolean(figures));
    const answer = await Promise.resolve(server.agreement(asked)).catch(() => null) ?? { error: 'The server did not answer; another choice asks again' };
    if (asked !== props.asked) return; // other maps by now
    wait.textContent = answer.error ? `${answer.error}.` : '';
    body.hidden = Boolean(answer.error);
    if (!answer.error) build(answer);
  }

  function build(answer) {
    figures = answer;
    body.classList.remove('ae-stale');
    slider.max = answer.words.length;
    rows.replaceChildren(...answer.trust.map(([title, ...values]) => make('tr', {}, make('th', { scope: 'row' }, title),
      ...values.map((value) => make('td', { class: 'ae-number' }, value.toFixed(3))))));
    verdict.textContent = answer.verdict;
    about.textContent = `Measured on the first ${thousands(answer.digits)} test digits, trustworthiness with 12 neighbours: `
      + '1 if all who are near on the map are near in truth, about 0.5 on a map drawn at random.';
    show();
  }

  function show() {
    const k = Number(slider.value);
    const { curves, words: sentences } = figures;
    count.textContent = k;
    slider.style.setProperty('--ae-filled', `${(100 * (k - 1)) / (slider.max - 1)}%`);
    words.textContent = sentences[k - 1];
    curve.setAttribute('aria-label', `Share of common neighbours over k. ${sentences[k - 1]}`);
    const colour = getComputedStyle(element).getPropertyValue('--body-text-color');
    draw({
      data: Object.entries(curves).map(([name, y]) => ({
        type: 'scatter', mode: 'lines', name, x: y.map((_, i) => i + 1), y, hovertemplate: `${name}, k = %{x}: %{y:.1%}<extra></extra>`,
        line: name === 'chance' ? { color: '#888888', width: 1, dash: 'dot' } : { width: 2.5 },
      })),
      layout: {
        xaxis: { title: { text: 'neighbours k' } },
        yaxis: { title: { text: 'share in common' }, tickformat: '.0%', rangemode: 'tozero' },
        showlegend: true,
        shapes: [{ type: 'line', x0: k, x1: k, y0: 0, y1: 1, yref: 'paper', line: { color: colour, width: 1, dash: 'dot' } }],
      },
    });
  }

  watch('asked', ask);
  ask();
}
