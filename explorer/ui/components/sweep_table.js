import { make, short } from './elements.js';
import { duration } from './score_columns.js';

const STATES = { idle: 'waiting', queued: 'in the queue', running: 'training', done: 'finished', stopped: 'stopped', diverged: 'failed', left: 'not begun' };
const COLUMNS = [
  { head: 'state', of: 'ae-sweep-state', say: state },
  { head: 'test MSE', of: 'ae-number', say: ({ figures }) => known(figures.mse, (value) => short(value, 3)) },
  { head: 'PSNR', of: 'ae-number', say: ({ figures }) => known(figures.psnr, (value) => `${value.toFixed(1)} dB`) },
  { head: 'terms, on test digits', of: 'ae-number ae-sweep-terms', say: terms },
  { head: 'time', of: 'ae-number', say: ({ seconds }) => known(seconds, duration) },
];

/** "latent dim 8, beta 0.5": which of the runs it is; a variant that lacks a knob does not name it. */
function nameOf({ knobs, variants }, { variant, values }) {
  const turned = knobs.map((name, at) => (values[at] === null ? '' : `${name.replaceAll('_', ' ')} ${short(values[at], 6)}`)).filter(Boolean);
  return [variants.length > 1 || !turned.length ? variant : '', ...turned].filter(Boolean).join(', ');
}

/** The runs of a sweep, one row each; `onopen(id)` when a visitor wants to see a model. */
export function sweepTable(onopen) {
  const body = make('tbody');
  const heads = ['run', ...COLUMNS.map(({ head }) => head)].map((head) => make('th', { scope: 'col' }, head));
  const node = make('div', { class: 'ae-comparison ae-sweep-table' }, make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body));
  let before = '';

  function row(sweep, one) {
    const name = make('b', {}, nameOf(sweep, one));
    const head = one.kept
      ? make('button', { type: 'button', class: 'ae-comparison-name', title: 'Open this model', 'data-run': one.run, onclick: () => onopen(one.run) }, name)
      : make('span', {}, name);
    const cells = COLUMNS.map((column) => make('td', { class: column.of, 'data-head': column.head }, column.say(one)));
    return make('tr', { class: `ae-sweep-${one.state}` }, make('th', { scope: 'row' }, head), ...cells);
  }

  function show(sweep) {
    const now = JSON.stringify(sweep.rows);
    if (now === before) return; // a button under the mouse stays the one that was pressed
    before = now;
    const held = document.activeElement?.dataset.run;
    body.replaceChildren(...sweep.rows.map((one) => row(sweep, one)));
    if (held && !node.contains(document.activeElement)) body.querySelector(`[data-run="${CSS.escape(held)}"]`)?.focus();
  }

  return { node, show };
}

function state({ state: name, text, progress, run, kept }) {
  const gone = run && !kept ? 'the server has had no room for the weights since' : '';
  const said = name === 'idle' || !text ? STATES[name] : ['diverged', 'left'].includes(name) ? `${STATES[name]}: ${text}` : text;
  const words = [said, gone].filter(Boolean).join('; ');
  return name === 'running' ? make('span', {}, make('progress', { max: 1, value: progress, 'aria-label': 'Progress of this run' }), words) : words;
}

function known(value, say) {
  return value === undefined || value === null ? '\u2013' : say(value);
}

function terms({ figures }) {
  const named = Object.entries(figures).filter(([name]) => name !== 'mse' && name !== 'psnr');
  return named.map(([name, value]) => `${name} ${short(value, 3)}`).join(', ') || '\u2013';
}
