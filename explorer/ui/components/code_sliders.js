import { make, short } from './elements.js';
import { decoderAt } from './map_data.js';
import { newest } from './newest.js';
import { draw, fromBase64 } from './pixels.js';

/** Ten sliders, one picture: what each number of the code does. */
export function mount({ element, props, server, watch }) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': 'the code, decoded' });
  const input = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': 'the input' });
  const said = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const rows = make('div', { class: 'ae-code-rows' });
  const tools = make('div', { class: 'ae-chips' },
    make('button', { type: 'button', class: 'ae-button', onclick: () => start('input', 'the input\u2019s code') }, 'Reset to this digit'),
    make('button', { type: 'button', class: 'ae-button', onclick: () => start('mean', 'the mean code of all test digits') }, 'From the mean'));
  element.replaceChildren(make('div', { class: 'ae-code-desk' },
    make('div', { class: 'ae-code-pictures' },
      make('figure', { class: 'ae-figure' }, canvas, make('figcaption', { class: 'ae-caption' }, 'decoded')),
      make('figure', { class: 'ae-figure' }, input, make('figcaption', { class: 'ae-caption' }, 'the input'))),
    make('div', {}, tools, rows, said)));
  let z = [];
  let decoder = null;
  const asking = newest((asked) => server.decode(asked), take);

  async function build() {
    const { code } = props;
    element.hidden = !code;
    if (!code) return;
    draw(input, fromBase64(code.picture));
    rows.replaceChildren(...code.sliders.map(row));
    z = [...code.input];
    decoder = null;
    const found = code.decoder ? await decoderAt(code.decoder).catch(() => null) : null;
    if (code !== props.code) return;
    decoder = found;
    start('input', 'the input\u2019s code');
  }

  function row({ index, title, low, high }) {
    const value = make('output', { class: 'ae-number' });
    const slider = make('input', { type: 'range', min: low, max: high, step: (high - low) / 200, 'aria-label': title, oninput: turn });
    function turn() {
      z[index] = Number(slider.value);
      value.textContent = number(z[index]);
      decode();
    }
    const node = make('label', {}, make('span', {}, title), slider, value);
    node.follow = () => {
      slider.value = z[index];
      value.textContent = number(z[index]);
    };
    return node;
  }

  function start(name, words) {
    z = [...props.code[name]];
    [...rows.children].forEach((one) => one.follow());
    said.textContent = `The sliders start from ${words}.`;
    decode();
  }

  function decode() {
    if (decoder) draw(canvas, decoder.decode(z).map((value) => 255 * value));
    else asking.ask([props.code.model, [...z]]);
  }

  function take(answer, [model]) {
    if (decoder || model !== props.code?.model) return;
    if (typeof answer === 'string') draw(canvas, fromBase64(answer));
    else said.textContent = answer?.error ?? 'The server did not answer; the next move asks again.';
  }

  watch('code', build);
  build();
}

function number(value) {
  return short(value, 3).replace('-', '\u2212');
}
