import { figureSavers } from './chart_saving.js';
import { make } from './elements.js';
import { dotsFigure, glider, unpacked } from './glide.js';
import { legend } from './legend.js';
import { fileAt } from './map_data.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';
import { player } from './player.js';

const SECONDS = 0.45; // from one moment to the next
const PIXELS = 784;
const FINE = 20; // places of the slider between two moments

/** Everything is in the browser: the slider shows any time of the training at once, Play runs through it. */
export function mount({ element, props, watch }) {
  const canvas = make('canvas', { class: 'ae-glide', role: 'img' });
  const digits = make('div', { class: 'ae-pairs' });
  const caption = make('p', { class: 'ae-number ae-replay-when', 'aria-live': 'polite' });
  const slider = make('input', {
    type: 'range', min: 0, step: 1, value: 0, 'aria-label': 'Time in the training', oninput: () => { stop(); show(slider.value / FINE); },
  });
  const button = make('button', { type: 'button', class: 'ae-button' });
  const keys = legend(() => show(at));
  const saving = figureSavers(canvas, () => dotsFigure(film.moments[Math.round(at)].points, film.labels), () => canvas.getAttribute('aria-label'));
  const problem = make('p', { class: 'ae-caption' });
  element.replaceChildren(make('div', { class: 'ae-replay' },
    make('div', { class: 'ae-replay-bar' }, button, slider, caption), problem, keys.node,
    make('div', { class: 'ae-replay-both' }, make('div', {}, canvas, saving), make('div', {}, digits,
      make('p', { class: 'ae-caption' }, 'Ten test digits and, below each, what the model made of it at that time.')))));
  const paint = glider(canvas);
  keys.measure(null);
  let film = null;
  let at = 0;
  const stop = player(button, span, show);

  async function load() {
    stop();
    element.hidden = !props.replay;
    if (!props.replay) return;
    const { source } = props.replay;
    try {
      const next = await fileAt(source, read);
      if (source !== props.replay?.source) return;
      film = next;
    } catch (error) {
      problem.textContent = `The replay could not be fetched: ${error.message}.`;
      return;
    }
    problem.textContent = '';
    slider.max = (film.moments.length - 1) * FINE;
    element.dataset.ready = '1';
    show(film.moments.length - 1);
  }

  function show(when) {
    if (!film) return;
    at = when;
    slider.value = Math.round(when * FINE);
    const before = Math.min(Math.floor(when), film.moments.length - 1);
    const [from, to] = [film.moments[before], film.moments[Math.min(before + 1, film.moments.length - 1)]];
    paint(from.points, to.points, when - before, film.labels, keys.on);
    const near = when - before < 0.5 ? from : to;
    caption.textContent = `${time(near.at, props.replay.epochs)} \u00b7 test error ${near.error.toPrecision(3)}`;
    slider.setAttribute('aria-valuetext', caption.textContent);
    canvas.setAttribute('aria-label', `The codes of ${film.labels.length} test digits ${time(near.at, props.replay.epochs)}`);
    if (digits.shown !== near) drawDigits(near);
  }

  /** From here to the end of the training; at its end, from before its first step. */
  function span() {
    const last = film.moments.length - 1;
    const from = at >= last ? 0 : at;
    return [from, last, SECONDS * (last - from)];
  }

  function drawDigits(moment) {
    digits.shown = moment;
    const above = fromBase64(props.replay.digits);
    digits.replaceChildren(...Array.from({ length: moment.pictures.length / PIXELS }, (_, i) => (
      make('div', {}, digitAt(above, i), digitAt(moment.pictures, i)))));
  }

  watch('replay', load);
  new ResizeObserver(() => show(at)).observe(canvas);
  load();
}

const time = (at, epochs) => (at ? `after ${at.toFixed(at < 10 ? 2 : 1)} of ${epochs} epochs` : 'before the first step');

/** Header (its length first), then the moments' points as 16-bit numbers, their pictures, and the labels. */
function read(content) {
  const length = new DataView(content).getUint32(0, true);
  const { n, at, error, scale, steps } = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)));
  const start = 4 + length;
  const pictures = start + 4 * n * at.length;
  const moments = at.map((when, i) => ({
    at: when,
    error: error[i],
    points: unpacked(new Int16Array(content.slice(start + 4 * n * i, start + 4 * n * (i + 1))), scale[i], steps),
    pictures: new Uint8Array(content, pictures + 10 * PIXELS * i, 10 * PIXELS),
  }));
  return { moments, labels: new Uint8Array(content, pictures + 10 * PIXELS * at.length, n) };
}
