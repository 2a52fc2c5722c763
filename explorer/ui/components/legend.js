import { make } from './elements.js';
import { DIGITS } from './palette.js';

/** Ten switches, one a digit: a class that is off is dimmed, not taken away. Double-click shows one alone. */
export function legend(onchange) {
  const on = new Array(10).fill(true);
  const buttons = DIGITS.map((colour, digit) => make('button', {
    type: 'button', class: 'ae-key', style: `--ae-colour: ${colour}`, 'aria-pressed': 'true',
    title: 'Click: dim or show. Double-click: this one alone.', 'aria-label': `digit ${digit}`,
    onclick: () => set((was, other) => (other === digit ? !was : was)), ondblclick: () => set((_, other) => other === digit),
  }, String(digit)));
  const all = make('button', { type: 'button', class: 'ae-key ae-all', onclick: () => set(() => true) }, 'all');

  function set(choose) {
    on.forEach((was, digit) => { on[digit] = choose(was, digit); });
    buttons.forEach((button, digit) => button.setAttribute('aria-pressed', on[digit]));
    onchange();
  }

  return { node: make('div', { class: 'ae-legend', role: 'group', 'aria-label': 'Digits on the map' }, ...buttons, all), on };
}
