import { make } from './elements.js';
import { SWEEP, read, write } from './storage.js';
import { sweepChart } from './sweep_chart.js';
import { sweepTable } from './sweep_table.js';

const FORM = 'explorer-sweep-form'; // under this name in the browser, so that a sweep can be taken up again
const NONE = { name: '', label: 'none', values: '', limits: '' };
let panels = 0;

/** The form of a sweep with what Python says of it, and below it the runs, as a chart and as a table. */
export function mount({ element, props, trigger, watch }) {
  panels += 1;
  const title = make('h3', {});
  const turning = [turned('Knob', `ae-sweep-${panels}-first`), turned('Second knob', `ae-sweep-${panels}-second`)];
  const epochs = number('Epochs', { min: 1, max: 100 });
  const images = number('Training images', { min: 100, max: 60000, step: 100 });
  const others = make('div', { class: 'ae-chips' });
  const beside = make('details', { class: 'ae-sweep-others' }, make('summary', {}, 'Other variants beside it'), others);
  const said = make('p', { class: 'ae-sweep-plan', role: 'status' });
  const start = make('button', { type: 'submit', class: 'ae-button ae-primary' }, 'Start the sweep');
  const stop = make('button', { type: 'button', class: 'ae-button', onclick: () => press('stop') }, 'Stop the sweep');
  const fields = make('fieldset', { class: 'ae-sweep-fields', disabled: true }, ...turning.map((one) => one.node), make('div', { class: 'ae-sweep-amount' }, epochs.node, images.node));
  const form = make('form', { class: 'ae-sweep-form', novalidate: true, onsubmit: (event) => { event.preventDefault(); press('start'); } },
    title, fields, beside, said, make('div', { class: 'ae-buttons' }, start, stop));
  const bar = make('progress', { max: 1, value: 0, 'aria-label': 'Progress of the sweep' });
  const text = make('p', { class: 'ae-state ae-number', role: 'status' });
  const chart = sweepChart();
  const table = sweepTable((open) => send('select', { open }));
  const results = make('div', { class: 'ae-sweep-results' }, chart.node, table.node);
  element.replaceChildren(make('div', { class: 'ae-training ae-sweep' }, form, bar, text, results));
  let taken = ''; // the variant that the form is for

  function turned(label, id) {
    const list = make('select', { class: 'ae-field', id, onchange: () => { values.value = chosen().values; change(); } });
    const values = make('input', { type: 'text', class: 'ae-field', maxlength: 200, autocomplete: 'off', inputmode: 'text', 'aria-label': `Values of the ${label.toLowerCase()}`, oninput: change });
    const limits = make('p', { class: 'ae-caption' });
    const chosen = () => props.variant.knobs.find((one) => one.name === list.value) ?? NONE;
    const node = make('div', { class: 'ae-knob' }, make('label', { class: 'ae-label', for: id }, label), list, values, limits);

    function offer(knobs, { name, values: texts }) {
      list.replaceChildren(...knobs.map((one) => make('option', { value: one.name }, one.label)));
      list.value = name;
      values.value = texts;
    }

    function show() {
      values.hidden = !list.value;
      limits.textContent = list.value ? `Numbers with commas between, each ${chosen().limits}.` : '';
    }

    return { node, offer, show, name: () => list.value, told: () => ({ name: list.value, values: values.value }) };
  }

  function number(label, limits) {
    const field = make('input', { type: 'number', class: 'ae-field', ...limits, inputmode: 'numeric', oninput: change });
    return { field, node: make('label', { class: 'ae-knob' }, make('span', { class: 'ae-label' }, label), field) };
  }

  function told() {
    const chosen = [...others.querySelectorAll('input:checked')].map((box) => box.value);
    return { variants: [taken, ...chosen], knobs: turning.map((one) => one.told()), epochs: epochs.field.valueAsNumber || 0, images: images.field.valueAsNumber || 0 };
  }

  function send(event, what) {
    props.value = { ...props.value, form: told(), ...what };
    trigger(event);
  }

  function press(act) {
    keep();
    send('submit', { act });
  }

  function change() {
    keep();
    weigh();
  }

  function keep() {
    write('localStorage', FORM, told());
  }

  function weigh() {
    shape();
    send('input', {});
  }

  /** A knob that is turned has no field of its own beside it. */
  function shape() {
    turning.forEach((one) => one.show());
    const names = turning.map((one) => one.name());
    [[epochs, 'epochs'], [images, 'images']].forEach(([one, name]) => { one.field.disabled = names.includes(name); });
  }

  /** What was typed last, if that was for this variant. */
  function remembered(name, knobs) {
    const last = read('localStorage', FORM);
    const names = [...knobs, NONE].map((knob) => knob.name);
    return last?.variants?.[0] === name && last.knobs?.length === 2 && last.knobs.every((knob) => names.includes(knob?.name)) ? last : null;
  }

  /** The form of another variant; as long as it is the same, what the visitor has typed stays. */
  function offer() {
    if (!props.variant || props.variant.name === taken) return;
    const { name, title: words, knobs, form: usual, others: rest } = props.variant;
    taken = name;
    const begin = remembered(name, knobs) ?? usual;
    title.textContent = `Sweep over ${words}`;
    turning.forEach((one, at) => one.offer(at ? [NONE, ...knobs] : knobs, begin.knobs[at]));
    others.replaceChildren(...rest.map((one) => make('label', { class: 'ae-chip' }, make('input', { type: 'checkbox', value: one.name, checked: begin.variants.includes(one.name), onchange: change }), make('span', {}, one.title))));
    [epochs.field.value, images.field.value] = [begin.epochs, begin.images];
    fields.disabled = false; // from now on nothing overwrites what is typed
    weigh();
  }

  function plan() {
    said.textContent = props.plan?.text ?? '';
    said.classList.toggle('ae-failed', props.plan?.fits === false);
    start.disabled = Boolean(props.sweep?.busy) || props.plan?.fits !== true;
  }

  function show() {
    const { sweep } = props;
    plan();
    stop.disabled = !sweep?.busy;
    bar.hidden = !sweep?.busy;
    text.hidden = results.hidden = !sweep;
    if (!sweep) return;
    write('localStorage', SWEEP, sweep.id);
    const shares = sweep.rows.map((row) => (['idle', 'queued', 'running'].includes(row.state) ? row.progress : 1));
    bar.value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    text.textContent = `${sweep.variants.join(' and ')}, ${sweep.text}.`;
    table.show(sweep);
    chart.show(sweep);
  }

  /** A page that was asleep may have lost its line to the server. */
  function wake() {
    if (!element.isConnected) document.removeEventListener('visibilitychange', wake);
    else if (!document.hidden && props.sweep?.busy) press('resend');
  }

  document.addEventListener('visibilitychange', wake);
  watch('variant', offer);
  watch('plan', plan);
  watch('sweep', show);
  show();
  offer();
}
