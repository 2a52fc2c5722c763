import { make } from './elements.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';

const REST = 200; // milliseconds without a move: then the rest of the view follows

/** The pictures come from the server, the newest wins. */
export function mount({ element, props, trigger, server, watch }) {
  const slider = make('input', { type: 'range', min: 1, max: props.most, step: 1, 'aria-label': 'Bits for each number of the code', oninput: () => turn(Number(slider.value)) });
  const value = make('output', { class: 'ae-number' });
  const rows = make('div', { class: 'ae-code-rows ae-squeeze-rows' }, make('label', {}, make('span', {}, 'Bits for each number of the code'), slider, value));
  const pictures = make('div', { class: 'ae-squeeze' });
  const said = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  element.replaceChildren(rows, pictures, said);
  let wanted = null;
  let isAsking = false;
  let resting = 0;

  function show() {
    element.hidden = !props.desk;
    slider.value = props.value.bits;
    value.textContent = props.value.bits;
  }

  function turn(bits) {
    props.value = { bits };
    show();
    wanted = [props.desk.model, props.desk.input, bits];
    if (!isAsking) ask();
    clearTimeout(resting);
    resting = setTimeout(() => { resting = 0; trigger('input'); }, REST);
  }

  async function ask() {
    isAsking = true;
    while (wanted) {
      const asked = wanted;
      wanted = null;
      const answer = await Promise.resolve(server.squeeze(asked)).catch(() => null);
      if (asked[0] !== props.desk?.model || asked[1] !== props.desk?.input) continue;
      if (answer?.pictures) paint(answer);
      else said.textContent = answer?.error ?? 'The server did not answer; the next move asks again.';
    }
    isAsking = false;
  }

  function paint(answer) {
    const pixels = fromBase64(answer.pictures);
    said.textContent = '';
    pictures.replaceChildren(...answer.captions.map((caption, i) => figure(digitAt(pixels, i), ...caption)));
  }

  function figure(canvas, title, figures, note) {
    canvas.removeAttribute('aria-hidden');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${title}: ${figures}`);
    return make('figure', { class: 'ae-figure' }, canvas, make('figcaption', {}, make('b', {}, title),
      make('span', { class: 'ae-number' }, figures), make('span', { class: 'ae-caption' }, note)));
  }

  /** What Python says, unless the hand has gone on since. */
  function arrive() {
    show();
    if (props.desk && !isAsking && !resting) paint(props.desk.answer);
  }

  watch('desk', arrive);
  watch('value', show);
  arrive();
}
