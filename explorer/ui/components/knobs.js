import { choices } from './choices.js';
import { make, short } from './elements.js';

const POSITIONS = 1000; // of a slider that has no step of its own
let count = 0;

/** One knob as {node, show(value)}; `onturn(value)` is called with every setting that is allowed. */
export function knob(spec, onturn) {
  count += 1;
  const id = `ae-knob-${count}`;
  const part = { slider, choice, switch: toggle }[spec.kind](spec, onturn, id);
  const info = spec.info ? make('p', { class: 'ae-info', id: `${id}-info` }, spec.info) : null;
  const usual = make('span', { class: 'ae-usual' });
  const label = make(spec.kind === 'choice' ? 'span' : 'label', { class: 'ae-label', for: id, id: `${id}-label` }, spec.label);
  const head = make('div', { class: 'ae-knob-head' }, label, part.side);
  const node = make('div', { class: 'ae-knob' }, head, part.body ?? null, usual, info);

  function show(value) {
    part.show(value);
    const turned = value !== spec.default;
    node.classList.toggle('ae-turned', turned);
    usual.textContent = turned ? `recommended: ${written(spec.default)}` : '';
  }

  return { node, show };
}

function written(value) {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : typeof value === 'number' ? short(value, 6) : value;
}

/** A range and a number box that follow each other; on a logarithmic knob equal ways multiply by equal factors. */
function slider(spec, onturn, id) {
  const scale = spec.log ? logarithmic(spec) : linear(spec);
  const range = make('input', {
    type: 'range', class: 'ae-range', min: scale.from, max: scale.to, step: scale.step, 'aria-labelledby': `${id}-label`,
  });
  const box = make('input', {
    type: 'number', class: 'ae-field', id, min: spec.low, max: spec.high, step: 'any', inputmode: 'decimal',
  });
  const described = spec.info ? `${id}-info` : null;
  if (described) box.setAttribute('aria-describedby', described);

  range.addEventListener('input', () => {
    const value = scale.value(Number(range.value));
    box.value = written(value);
    onturn(value);
  });
  box.addEventListener('change', () => {
    const typed = box.value === '' ? spec.default : Number(box.value);
    onturn(within(spec, typed));
  });

  function show(value) {
    if (document.activeElement !== range) range.value = scale.position(value);
    range.style.setProperty('--ae-filled', `${100 * scale.share(value)}%`);
    range.setAttribute('aria-valuetext', written(value));
    box.value = written(value);
  }

  return { side: box, body: range, show };
}

function within(spec, value) {
  const limited = Math.min(spec.high, Math.max(spec.low, value));
  return spec.integer ? Math.round(limited) : limited;
}

function linear(spec) {
  const step = spec.step ?? (spec.integer ? 1 : (spec.high - spec.low) / POSITIONS);
  return {
    from: spec.low,
    to: spec.high,
    step,
    value: (position) => within(spec, Number(position.toPrecision(8))),
    position: (value) => value,
    share: (value) => (value - spec.low) / (spec.high - spec.low),
  };
}

function logarithmic(spec) {
  const ways = Math.log(spec.high / spec.low);
  const share = (value) => Math.log(value / spec.low) / ways;
  return {
    from: 0,
    to: POSITIONS,
    step: 1,
    value: (position) => within(spec, Number((spec.low * Math.exp((ways * position) / POSITIONS)).toPrecision(2))),
    position: (value) => Math.round(POSITIONS * share(value)),
    share,
  };
}

function choice(spec, onturn, id) {
  const group = choices(onturn);
  const chips = spec.options.map((option) => group.chip(option, option));
  const side = make('div', { class: 'ae-segments', role: 'radiogroup', 'aria-labelledby': `${id}-label` }, ...chips);
  return { side, show: group.hold };
}

function toggle(spec, onturn, id) {
  const box = make('input', { type: 'checkbox', role: 'switch', class: 'ae-switch', id, onchange: () => onturn(box.checked) });
  return { side: box, show: (value) => { box.checked = value; } };
}
