import { make } from './elements.js';
import { DIGITS } from './palette.js';

/**
 * Ten switches, one a digit: a class that is off is dimmed, not taken away. A double click, or a click with Shift,
 * shows one alone. Where colour means something else, a scale says what, and the switches are grey.
 */
export function legend(onchange) {
  const on = new Array(10).fill(true);
  const buttons = DIGITS.map((colour, digit) => make('button', {
    type: 'button',
    class: 'ae-key',
    style: `--ae-colour: ${colour}`,
    title: 'Click: dim or show. Double click: this one alone.',
    onclick: ({ shiftKey }) => set((was, other) => (shiftKey ? other === digit : was !== (other === digit))),
    ondblclick: () => set((_, other) => other === digit),
  }, String(digit)));
  const all = make('button', { type: 'button', class: 'ae-key ae-all', onclick: () => set(() => true) }, 'all');
  const keys = make('div', { class: 'ae-keys', role: 'group' }, ...buttons, all);
  const [low, bar, high] = ['span', 'i', 'span'].map((tag) => make(tag));
  const scale = make('div', { class: 'ae-scale ae-number' }, 'squared error a pixel', low, bar, high);

  function set(choose) {
    put(on.map(choose));
    onchange();
  }

  /** Which are on, said by somebody else. */
  function put(next) {
    next.forEach((isOn, digit) => { on[digit] = isOn; });
    show();
  }

  function show() {
    buttons.forEach((button, digit) => button.setAttribute('aria-pressed', on[digit]));
    all.disabled = !on.includes(false);
  }

  /** What the ten classes are: digits, or groups that are named after digits. */
  function name(kind) {
    keys.setAttribute('aria-label', `${kind}s on the map`);
    buttons.forEach((button, digit) => button.setAttribute('aria-label', `${kind} ${digit}`));
  }

  /** With colours: a scale of them from one text to the other. Without: the digits' own colours. */
  function measure(colours, from = '', to = '') {
    keys.classList.toggle('ae-colourless', Boolean(colours));
    scale.hidden = !colours;
    if (colours) bar.style.background = `linear-gradient(to right, ${colours})`;
    [low.textContent, high.textContent] = [from, to];
  }

  show();
  name('digit');
  return { node: make('div', { class: 'ae-legend' }, keys, scale), on, put, measure, name };
}
