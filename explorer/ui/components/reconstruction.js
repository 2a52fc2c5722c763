import { codeView } from './code_view.js';
import { make, short, thousands } from './elements.js';
import { picture } from './picture.js';
import { fromBase64 } from './pixels.js';
import { drawSigned } from './signed.js';

/** One digit's way: input, what the encoder saw if that is less, code, reconstruction, error, and two figures. */
export function mount({ element, props, watch }) {
  const input = picture('input');
  const seen = picture('what the encoder saw');
  const code = codeView();
  const output = picture('reconstruction');
  const error = picture('error');
  error.canvas.classList.add('ae-signed');
  const hidden = make('div', { class: 'ae-patches', 'aria-hidden': 'true' });
  seen.node.prepend(hidden);
  const way = make('div', { class: 'ae-flow' }, input.node, seen.node, code.node, output.node, error.node);
  const figures = make('dl', { class: 'ae-figures ae-number' });
  const note = make('p', { class: 'ae-note' });
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  element.replaceChildren(make('div', { class: 'ae-reconstruction' }, way, make('div', {}, figures, note), spoken));

  function show() {
    const value = props.value;
    element.hidden = !value;
    if (!value) return;
    const digit = value.label === null || value.label === undefined ? 'your own picture' : `a ${value.label}`;
    input.show(value.input);
    input.caption(`input: ${digit}${Number.isInteger(value.index) ? `, test digit ${thousands(value.index)}` : ''}`);
    showSeen(value);
    code.show(value.code, value.code_shape);
    output.show(value.reconstruction);
    drawSigned(error.canvas, fromBase64(value.error));
    error.caption('error; red: too bright, blue: too dark');
    figures.replaceChildren(
      ...figure('MSE', short(value.mse, 3), 'squared error per pixel, from black 0 to white 1; 0 is perfect'),
      ...figure('PSNR', `${value.psnr.toFixed(1)} dB`, 'the same on a logarithmic scale; more is better'),
    );
    note.textContent = value.note ?? '';
    spoken.textContent = `Input: ${digit}. Reconstructed with a mean squared error of ${short(value.mse)}.`;
  }

  function showSeen(value) {
    const side = Math.round(Math.sqrt(value.mask?.length ?? 0));
    seen.node.hidden = !(value.masked_input || value.mask);
    [...way.children].filter((one) => !one.hidden).forEach((one, i) => one.classList.toggle('ae-row-start', i % 2 === 0));
    seen.show(value.masked_input ?? value.input);
    if (value.masked_caption) seen.caption(value.masked_caption);
    hidden.style.setProperty('--ae-side', side);
    hidden.replaceChildren(...[...(value.mask ?? '')].map((bit) => make('i', { class: bit === '1' ? 'ae-hidden' : '' })));
  }

  watch('value', show);
  show();
}

function figure(name, number, meaning) {
  return [make('dt', {}, name), make('dd', {}, make('strong', {}, number), make('span', { class: 'ae-quiet' }, meaning))];
}
