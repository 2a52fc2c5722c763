import { make } from './elements.js';
import { draw, fromBase64 } from './pixels.js';

const PIXELS = 784;

/** A digit with its caption, as {node, show(base64), caption(text)}. */
export function picture(title) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': title });
  const words = make('figcaption', { class: 'ae-caption' }, title);
  const node = make('figure', { class: 'ae-figure' }, canvas, words);

  function show(text) {
    if (text) draw(canvas, fromBase64(text));
  }

  function caption(text) {
    words.textContent = text;
    canvas.setAttribute('aria-label', text);
  }

  return { node, canvas, show, caption };
}

/** The i-th of many digits, 784 bytes each, as a canvas; decoration only, so its holder must say what it is. */
export function digitAt(pixels, i) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', 'aria-hidden': 'true' });
  draw(canvas, pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
  return canvas;
}
