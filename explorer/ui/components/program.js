import { make } from './elements.js';
import { coloured } from './source.js';

/** A program that can be copied. */
export function mount({ element, props, watch }) {
  const code = make('code');
  const said = make('span', { class: 'ae-caption', role: 'status' });
  const button = make('button', { type: 'button', class: 'ae-button', onclick: copy }, 'Copy');
  element.replaceChildren(make('div', { class: 'ae-source ae-program' },
    make('div', { class: 'ae-buttons' }, make('b', {}, props.title), button, said),
    make('pre', { tabindex: 0, 'aria-label': props.title }, code)));

  function show() {
    code.replaceChildren(...coloured(props.value));
    said.textContent = '';
  }

  /** Where a page may not write to the clipboard, the program is selected, so that the keyboard can copy it. */
  async function copy() {
    try {
      await navigator.clipboard.writeText(props.value);
      said.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(code);
      said.textContent = document.execCommand('copy') ? 'Copied.' : 'Selected: copy it by the keyboard.';
    }
  }

  watch('value', show);
  show();
}
