import { make } from './elements.js';
import { knob } from './knobs.js';
import { read, write } from './storage.js';

const TURNED = 'explorer-knobs'; // under this name in the tab, so that a reload loses nothing
const SECTIONS = { settings: 'Model', training: 'Training' };

/** The knobs of one variant, in two sections; `props.value` holds every setting, whether it was turned or not. */
export function mount({ element, props, trigger, watch }) {
  const reset = make('button', { type: 'button', class: 'ae-link', onclick: recommend }, 'Recommended settings');
  const message = make('p', { class: 'ae-message', role: 'alert' });
  const sections = make('div', { class: 'ae-knob-sections' });
  element.replaceChildren(make('div', { class: 'ae-knobs' }, sections, message, reset));
  const schema = () => props.schema ?? []; // none until Python has said which
  let turning = [];

  function build() {
    turning = schema().map((spec) => ({ spec, ...knob(spec, (value) => turn(spec, value)) }));
    const small = window.matchMedia('(max-width: 640px)').matches;
    sections.replaceChildren(...Object.entries(SECTIONS).map(([section, title]) => {
      const nodes = turning.filter((one) => one.spec.section === section).map((one) => one.node);
      const grid = make('div', { class: 'ae-knob-grid' }, ...nodes);
      return make('details', { open: section === 'settings' || !small }, make('summary', {}, title), grid);
    }));
  }

  function current(spec) {
    return props.value?.[spec.section]?.[spec.name] ?? spec.default;
  }

  function fill() {
    turning.forEach((one) => one.show(current(one.spec)));
    reset.disabled = turning.every((one) => current(one.spec) === one.spec.default);
  }

  function turn(spec, value) {
    send({ ...props.value, [spec.section]: { ...props.value?.[spec.section], [spec.name]: value } });
  }

  function recommend() {
    const value = { settings: {}, training: {} };
    schema().forEach((spec) => { value[spec.section][spec.name] = spec.default; });
    send(value);
  }

  function send(value) {
    props.value = value;
    write('sessionStorage', TURNED, { model: props.model, value });
    fill();
    trigger('input');
  }

  function complain() {
    message.textContent = props.message ?? '';
  }

  let taken = null; // the model whose settings were taken over last

  function start() {
    if (props.model === taken || !props.start) return;
    taken = props.model;
    const turned = read('sessionStorage', TURNED);
    props.value = turned?.model === props.model ? turned.value : props.start;
    fill();
  }

  watch('schema', () => { build(); fill(); });
  watch(['model', 'start'], start);
  watch('value', fill);
  watch('message', complain);
  build();
  start();
  fill();
  complain();
}
