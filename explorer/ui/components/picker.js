import { choices } from './choices.js';
import { make } from './elements.js';

/** Which variant, and which of its models: chips in four groups, the chosen one's sentence, and a row of models. */
export function mount({ element, props, trigger, watch }) {
  const summary = make('p', { class: 'ae-summary', 'aria-live': 'polite' });
  const groups = make('div', { class: 'ae-picker-groups', role: 'group', 'aria-label': 'Variant' });
  const models = make('fieldset', { class: 'ae-picker-models' });
  const small = window.matchMedia('(max-width: 640px)'); // there the list would push the digit off the screen
  const heading = make('summary', { class: 'ae-link' });
  const list = make('details', { open: !small.matches }, heading, groups);
  element.replaceChildren(make('div', { class: 'ae-picker' }, list, summary, models));
  small.addEventListener('change', () => { list.open = !small.matches; });
  let variant;
  let model;

  function choose(value) {
    props.value = value;
    if (small.matches) list.open = false;
    show();
    trigger('input');
  }

  function buildVariants() {
    variant = choices((name) => choose({ variant: name, model: '' }));
    const titles = [...new Set(props.variants.map((one) => one.group))];
    groups.replaceChildren(...titles.map((title) => {
      const chips = props.variants.filter((one) => one.group === title).map((one) => variant.chip(one.name, one.title));
      return make('fieldset', {}, make('legend', {}, title), make('div', { class: 'ae-chips' }, ...chips));
    }));
  }

  function buildModels() {
    const own = props.value?.variant; // whose row it is, even while the row of another is on its way
    model = choices((id) => choose({ variant: own, model: id }));
    const chips = props.models.map((one) => {
      const chip = model.chip(one.id, one.title, one.detail);
      chip.classList.toggle('ae-mine', Boolean(one.mine));
      return chip;
    });
    models.replaceChildren(make('legend', {}, 'weights'), make('div', { class: 'ae-chips' }, ...chips));
    models.hidden = chips.length === 0;
  }

  function show() {
    const chosen = props.variants.find((one) => one.name === props.value?.variant);
    heading.textContent = `${chosen ? chosen.title : ''}: choose another of ${props.variants.length} variants`;
    summary.textContent = chosen ? chosen.summary : '';
    variant.hold(props.value?.variant);
    model.hold(props.value?.model);
  }

  watch('variants', () => { buildVariants(); show(); });
  watch('models', () => { buildModels(); show(); });
  watch('value', show);
  buildVariants();
  buildModels();
  show();
}
