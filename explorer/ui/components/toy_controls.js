/** The toy's controls, as {node, follow(settings)}: follow shows what is set. */

import { choices } from './choices.js';
import { make } from './elements.js';
import { CURVES } from './toy_data.js';
import { ACTIVATIONS } from './toy_network.js';

export const FIRST = { curve: 'parabola', sigma: 0.1, seed: 1, activation: 'tanh', hidden: 16, start: 2 };
const SLIDERS = [
  { name: 'sigma', title: 'Noise: σ', min: 0, max: 0.5, step: 0.01 },
  { name: 'hidden', title: 'Hidden units', min: 2, max: 32, step: 1 },
];

/** One of several, as a row of chips. */
function oneOf(name, title, values, onturn) {
  const group = choices((value) => onturn({ [name]: value }));
  const chips = values.map((value) => group.chip(value, value));
  const node = make('fieldset', { class: 'ae-toy-choice' }, make('legend', {}, title), make('div', { class: 'ae-chips' }, ...chips));
  return { node, follow: (settings) => group.hold(settings[name]) };
}

function slider({ name, title, ...ends }, onturn) {
  const value = make('output', { class: 'ae-number' });
  const range = make('input', { type: 'range', 'aria-label': title, ...ends, oninput: () => onturn({ [name]: Number(range.value) }) });
  const follow = (settings) => {
    range.value = settings[name];
    value.textContent = settings[name];
  };
  return { node: make('label', {}, make('span', {}, title), range, value), follow };
}

/** `onturn(change)` gets what the visitor has changed of the settings. */
export function controls(onturn) {
  const sliders = SLIDERS.map((one) => slider(one, onturn));
  const parts = [
    oneOf('curve', 'Curve', Object.keys(CURVES), onturn),
    oneOf('activation', 'Activation of the hidden units', Object.keys(ACTIVATIONS), onturn),
    ...sliders,
  ];
  const rows = make('div', { class: 'ae-code-rows ae-toy-rows' }, ...sliders.map(({ node }) => node));
  const node = make('div', { class: 'ae-toy-controls' }, parts[0].node, parts[1].node, rows);
  return { node, follow: (settings) => parts.forEach((part) => part.follow(settings)) };
}
