import { choices } from './choices.js';
import { make, svg, thousands } from './elements.js';
import { digitAt } from './picture.js';
import { fromBase64 } from './pixels.js';

/** Ten test digits to choose from, and three ways to any other: dice, label, number. */
export function mount({ element, props, trigger, watch }) {
  const row = make('div', { class: 'ae-strip-row', role: 'radiogroup', 'aria-label': 'One test digit of each label' });
  const dice = make('button', { type: 'button', class: 'ae-button ae-dice', onclick: roll }, die(), 'Another');
  const label = make('select', { class: 'ae-field', 'aria-label': 'Label', onchange: roll },
    make('option', { value: '' }, 'any digit'),
    ...Array.from({ length: 10 }, (_, digit) => make('option', { value: digit }, `a ${digit}`)));
  const number = make('input', { class: 'ae-field', type: 'number', min: 0, step: 1, inputmode: 'numeric', onchange: typed });
  const range = make('span', {});
  const byNumber = make('label', {}, 'test digit', number, range);
  const tools = make('div', { class: 'ae-strip-tools' }, dice, label, byNumber);
  const caption = make('p', { class: 'ae-caption' }, 'Ten test digits; below each, what the model makes of it.');
  element.replaceChildren(make('div', { class: 'ae-strip' }, row, caption, tools));
  let group;
  let rolls = props.value?.roll ?? 0;

  function send(value) {
    props.value = value;
    show();
    trigger('input');
  }

  function roll() {
    rolls += 1;
    send({ label: label.value === '' ? null : Number(label.value), roll: rolls });
  }

  function typed() {
    const last = props.count - 1;
    const index = Math.min(last, Math.max(0, Math.round(Number(number.value))));
    send({ index });
  }

  function build() {
    const { indices = [], labels = [], inputs = '', reconstructions = '' } = props.digits ?? {};
    const above = fromBase64(inputs);
    const below = fromBase64(reconstructions);
    group = choices((index) => send({ index }));
    row.replaceChildren(...indices.map((index, i) => {
      const chip = group.chip(index, '');
      chip.className = 'ae-strip-digit';
      chip.querySelector('input').setAttribute('aria-label', `a ${labels[i]}, test digit ${thousands(index)}`);
      chip.append(digitAt(above, i));
      if (below.length) chip.append(digitAt(below, i));
      return chip;
    }));
    caption.hidden = !below.length;
  }

  function show() {
    const index = props.value?.index;
    group.hold(index);
    number.max = props.count - 1;
    range.textContent = `of ${thousands(props.count)}`;
    if (Number.isInteger(index) || index === null) number.value = index ?? '';
  }

  watch('digits', () => { build(); show(); });
  watch(['value', 'count'], show);
  build();
  show();
}

function die() {
  const dots = [[5, 5], [11, 5], [8, 8], [5, 11], [11, 11]].map(([cx, cy]) => svg('circle', { cx, cy, r: 1.2 }));
  const edge = svg('rect', { x: 1, y: 1, width: 14, height: 14, rx: 2.5, fill: 'none', stroke: 'currentColor' });
  return svg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, fill: 'currentColor', 'aria-hidden': 'true' }, edge, ...dots);
}
