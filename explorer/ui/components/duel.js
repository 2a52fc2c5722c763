import { chart } from './chart.js';
import { chartSavers } from './chart_saving.js';
import { basesBoard } from './duel_bases.js';
import { make, short } from './elements.js';
import { picture } from './picture.js';
import { draw, fromBase64 } from './pixels.js';

const PIXELS = 784;
const PICTURES_FIRST = 30; // milliseconds before the charts are drawn again
const FIRST = 4; // of the sizes: 16 numbers

/** Everything is in the browser: the slider shows each code size at once. */
export function mount({ element, props, watch }) {
  const size = make('output', { class: 'ae-number' });
  const slider = make('input', { type: 'range', class: 'ae-range', min: 0, step: 1, value: FIRST, 'aria-label': 'Numbers in the code', oninput: () => show() });
  const pictures = make('div', { class: 'ae-duel-pictures' });
  const words = make('p', { class: 'ae-duel-words', 'aria-live': 'polite' });
  const curve = make('div', { class: 'ae-chart ae-duel-chart', role: 'img' });
  const bars = make('div', { class: 'ae-chart ae-duel-chart', role: 'img' });
  const crossings = make('p', { class: 'ae-duel-words' });
  const slants = make('p', { class: 'ae-duel-words' });
  const bases = basesBoard();
  element.replaceChildren(make('div', { class: 'ae-duel' },
    make('label', { class: 'ae-duel-size' }, make('span', {}, 'Numbers in the code'), slider, size),
    pictures, words,
    make('div', { class: 'ae-duel-charts' },
      make('section', {}, make('h3', {}, 'Error on the test digits'), curve, chartSavers(curve), crossings),
      make('section', {}, make('h3', {}, 'Angles between the linear autoencoder and PCA'), bars, chartSavers(bars), slants)),
    bases.node));
  const [drawCurve, drawBars] = [curve, bars].map((holder) => chart(holder).draw);
  let pixels = new Uint8Array();
  let figures = [];
  let waiting = 0;

  function build() {
    const { duel } = props;
    element.hidden = !duel;
    if (!duel) return;
    pixels = fromBase64(duel.pictures);
    slider.max = duel.sizes.length - 1;
    figures = ['input', ...duel.sides].map(picture);
    pictures.replaceChildren(...figures.map((one) => one.node));
    crossings.textContent = duel.crossings;
    draw(figures[0].canvas, pixels.subarray(0, PIXELS));
    show();
  }

  function show() {
    const { duel } = props;
    const at = Number(slider.value);
    const k = duel.sizes[at];
    const best = Math.min(...duel.mse.map((errors) => errors[at]));
    size.textContent = k;
    slider.style.setProperty('--ae-filled', `${(100 * at) / slider.max}%`);
    slider.setAttribute('aria-valuetext', `${k} numbers`);
    duel.sides.forEach((title, side) => {
      const place = 1 + side * duel.sizes.length + at;
      const { node, canvas, caption } = figures[1 + side];
      draw(canvas, pixels.subarray(place * PIXELS, (place + 1) * PIXELS));
      caption(`${title}: ${short(duel.mse[side][at], 3)} here, ${short(duel.test[side][at], 3)} on the test digits`);
      node.classList.toggle('ae-duel-best', duel.mse[side][at] === best);
    });
    words.textContent = duel.words[at];
    slants.textContent = duel.slants[at];
    bases.show(duel.bases, k);
    clearTimeout(waiting);
    waiting = setTimeout(() => plot(duel, at), PICTURES_FIRST);
  }

  function plot({ chart: { data, layout }, sizes, angles, words: sentences, slants: said }, at) {
    const colour = getComputedStyle(element).getPropertyValue('--body-text-color');
    const mark = { type: 'line', x0: sizes[at], x1: sizes[at], y0: 0, y1: 1, yref: 'paper', line: { color: colour, width: 1, dash: 'dot' } };
    curve.setAttribute('aria-label', `Error on the test digits over the numbers in the code. ${sentences[at]}`);
    drawCurve({ data, layout: { ...layout, shapes: [mark] } });
    bars.setAttribute('aria-label', `Principal angles in degrees. ${said[at]}`);
    drawBars({
      data: [{ type: 'bar', x: angles[at].map((_, i) => i + 1), y: angles[at], hovertemplate: 'angle %{x}: %{y:.1f}\u00b0<extra></extra>' }],
      layout: {
        xaxis: { title: { text: 'angle, from the smallest to the largest' }, range: [0.4, sizes[at] + 0.6], tickformat: 'd', dtick: sizes[at] < 10 ? 1 : null },
        yaxis: { title: { text: 'degrees' }, range: [0, 90], dtick: 15 },
        uirevision: sizes[at],
      },
    });
  }

  watch('duel', build);
  build();
}
