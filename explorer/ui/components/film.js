import { make } from './elements.js';
import { draw, fromBase64 } from './pixels.js';
import { player } from './player.js';

const PIXELS = 784;
const SECONDS = 2.5; // from here to the end, or all the way back

/** All frames are in the browser: the slider shows each at once, and Play runs from one end to the other and back. */
export function mount({ element, props, watch }) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img' });
  const caption = make('figcaption', { class: 'ae-caption ae-number', 'aria-live': 'polite' });
  const slider = make('input', { type: 'range', min: 0, step: 1, value: 0, oninput: () => { stop(); show(Number(slider.value)); } });
  const button = make('button', { type: 'button', class: 'ae-button' });
  element.replaceChildren(make('figure', { class: 'ae-film' }, canvas, caption, make('div', {}, button, slider)));
  let frames = new Uint8Array();
  let at = 0;
  const stop = player(button, () => [at, at === Number(slider.max) ? 0 : Number(slider.max), SECONDS], (when) => show(Math.round(when)));

  function build() {
    stop();
    element.hidden = !props.film;
    if (!props.film) return;
    frames = fromBase64(props.film.frames);
    slider.max = frames.length / PIXELS - 1;
    slider.setAttribute('aria-label', props.film.label);
    show(Math.min(at, Number(slider.max)));
  }

  function show(i) {
    at = i;
    slider.value = i;
    draw(canvas, frames.subarray(PIXELS * i, PIXELS * (i + 1)));
    caption.textContent = props.film.captions[i] ?? '';
    canvas.setAttribute('aria-label', `${props.film.label}: ${caption.textContent}`);
  }

  watch('film', build);
  build();
}
