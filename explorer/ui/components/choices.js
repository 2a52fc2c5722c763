import { make } from './elements.js';

let groups = 0;

/**
 * Chips of which one holds. They are native radio buttons under their label's text, so arrow keys, forms of touch and
 * screen readers work without further code. `onchoose(value)` is called for the visitor's choices, not for `hold`.
 */
export function choices(onchoose) {
  groups += 1;
  const name = `ae-choice-${groups}`;
  const inputs = new Map();

  function chip(value, title, detail = '') {
    const input = make('input', { type: 'radio', name, value, onchange: () => onchoose(value) });
    inputs.set(value, input);
    const text = detail ? make('small', {}, detail) : null;
    return make('label', { class: 'ae-chip' }, input, make('span', {}, title), text);
  }

  function hold(value) {
    inputs.forEach((input, own) => {
      input.checked = own === value;
    });
  }

  return { chip, hold };
}
