import { make } from './elements.js';

/** Links that download; what cannot be had is named all the same, and why. */
export function mount({ element, props, watch }) {
  const list = make('ul', { class: 'ae-files' });
  element.replaceChildren(list);

  function show() {
    list.replaceChildren(...props.files.map(({ title, about, address }) => make('li', {},
      address ? make('a', { class: 'ae-button ae-file', href: address, download: true }, title) : make('span', { class: 'ae-file ae-absent' }, title),
      make('span', { class: 'ae-caption' }, about))));
  }

  watch('files', show);
  show();
}
