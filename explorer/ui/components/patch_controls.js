import { choices } from './choices.js';
import { make } from './elements.js';

/**
 * Pattern, share and seed, as {node, show(wish)}. `turn(part)` is called while a control moves, `done()` once it stands.
 */
export function patchControls(patterns, seeds, turn, done) {
  const group = choices((pattern) => { turn({ pattern }); done(); });
  const chips = make('div', { class: 'ae-chips', role: 'radiogroup', 'aria-label': 'Pattern' },
    ...patterns.map(({ name }) => group.chip(name, name)));
  const percent = (share) => `${Math.round(100 * share)} %`;
  const share = slider('Hidden', { max: 1, step: 0.05 }, percent, (value) => turn({ share: value }), done);
  const seed = slider('Seed', { max: seeds, step: 1 }, String, (value) => turn({ seed: value }), done);
  const node = make('div', { class: 'ae-patch-controls' }, chips, share.node, seed.node);

  function show(wish) {
    const uses = patterns.find(({ name }) => name === wish.pattern);
    group.hold(wish.mask ? null : wish.pattern); // what is painted by hand is no pattern
    share.show(wish.share, uses.share);
    seed.show(wish.seed, uses.seed);
  }

  return { node, show };
}

function slider(title, range, written, turn, done) {
  const output = make('output', { class: 'ae-number' });
  const input = make('input', {
    type: 'range', class: 'ae-range', min: 0, ...range, 'aria-label': title, oninput: () => turn(Number(input.value)), onchange: done,
  });
  const node = make('label', {}, make('span', {}, title), input, output);

  function show(value, isUsed) {
    input.disabled = !isUsed;
    node.title = isUsed ? '' : 'This pattern leaves nothing to choose here';
    input.value = value;
    input.style.setProperty('--ae-filled', `${(100 * value) / range.max}%`);
    output.value = isUsed ? written(value) : '–';
  }

  return { node, show };
}
