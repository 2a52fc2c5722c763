import { make } from './elements.js';
import { newest } from './newest.js';
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
  const asking = newest((asked) => server.squeeze(asked), take);
  let resting = 0;

  function show() {
    element.hidden = !props.desk;
    slider.value = props.value.bits;
    value.textContent = props.value.bits;
  }

  function turn(bits) {
    props.value = { bits };
    show();
    asking.ask([props.desk.model, props.desk.input, bits]);
    clearTimeout(resting);
    resting = setTimeout(() => { resting = 0; trigger('input'); }, REST);
  }

  function take(answer, [model, input]) {
    if (model !== props.desk?.model || input !== props.desk?.input) return;
    if (answer?.pictures) paint(answer);
    else said.textContent = answer?.error ?? 'The server did not answer; the next move asks again.';
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
    if (props.desk && !asking.isAsking() && !resting) paint(props.desk.answer);
  }

  watch('desk', arrive);
  watch('value', show);
  arrive();
}
