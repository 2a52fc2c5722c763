import { make } from './elements.js';
import { COLUMNS, duration, nameOf } from './score_columns.js';

const MARKS = { yours: 'yours', gone: 'yours, weights gone', exhibit: 'exhibit', shipped: '' };
const GONE = 'The server had no more room for the weights; settings and figures are what your browser remembers.';

/** One run as a row of the table. `how` is {colour, isOpen, ask}; `acts` are what its buttons do. */
export function line(row, acts, how) {
  const name = how.ask === 'rename' ? renaming(row, acts) : title(row, acts, how);
  const head = make('th', { scope: 'row' }, make('div', {}, box(row, acts, how), name), row.kind === 'gone' ? make('p', { class: 'ae-caption' }, GONE) : null);
  const cells = COLUMNS.filter((one) => one.say).map((one) => make('td', { class: `ae-number ae-score-${one.key ?? 'terms'}`, 'data-head': one.head }, one.say(row)));
  return make('tr', { class: `ae-score ae-kind-${row.kind}`, 'aria-current': how.isOpen ? 'true' : null }, head, ...cells,
    make('td', { class: 'ae-score-acts' }, ...(how.ask === 'delete' ? deleting(row, acts) : buttons(row, acts))));
}

/** The check box that draws the curve, with its line. */
function box(row, acts, { colour }) {
  if (!row.curve) return make('span', { class: 'ae-score-box' });
  const input = make('input', { type: 'checkbox', checked: Boolean(colour), 'aria-label': `Curve of ${nameOf(row)}`, 'data-at': `box ${row.id}`, onchange: () => acts.toggle(row) });
  return make('label', { class: 'ae-score-box' }, input, swatch(row, colour));
}

/** The line as it is on the chart: whole for one's own runs, dashed for the others. */
export function swatch(row, colour) {
  return make('span', { class: row.kind === 'yours' ? 'ae-score-line' : 'ae-score-line ae-dashed', style: `--ae-colour: ${colour ?? 'transparent'}` });
}

function title(row, acts, { isOpen }) {
  const words = [make('b', {}, row.variant), make('span', {}, [row.title, MARKS[row.kind], isOpen ? 'open now' : ''].filter(Boolean).join(' \u00b7 '))];
  if (row.kind === 'gone') return make('div', { class: 'ae-comparison-name' }, ...words);
  return make('button', { type: 'button', class: 'ae-comparison-name', title: 'Open this model', 'data-at': `name ${row.id}`, onclick: () => acts.open(row) }, ...words);
}

/** What it holds counts as the button that opened it, which gets the focus back. */
function renaming(row, acts) {
  const at = { 'data-at': `Rename ${row.id}` };
  const field = make('input', { type: 'text', class: 'ae-field', maxlength: 40, required: true, 'aria-label': `New name of ${nameOf(row)}`, 'data-first': true, ...at });
  field.value = row.title;
  const back = (event) => event.key === 'Escape' && acts.ask(row, '');
  const send = (event) => { event.preventDefault(); acts.rename(row, field.value); };
  return make('form', { class: 'ae-score-form', onsubmit: send, onkeydown: back }, field, act('Save', at, null, 'submit'), act('Cancel', at, () => acts.ask(row, '')));
}

function deleting(row, acts) {
  const at = { 'data-at': `Delete ${row.id}` };
  const words = row.kind === 'gone' ? 'Forget it?' : 'Delete it for good?';
  return [make('span', { role: 'alert' }, words),
    act(row.kind === 'gone' ? 'Forget' : 'Delete', { ...at, 'data-first': true }, () => acts.remove(row)), act('Keep', at, () => acts.ask(row, ''))];
}

function buttons(row, acts) {
  const labelled = (words) => ({ 'aria-label': `${words} ${nameOf(row)}`, 'data-at': `${words} ${row.id}` });
  const again = act('Train again', { ...labelled('Train again'), title: `With these settings and this seed; it took ${duration(row.seconds)}` }, () => acts.train(row));
  if (row.kind === 'shipped' || row.kind === 'exhibit') return [again];
  const ask = act(row.kind === 'gone' ? 'Forget' : 'Delete', labelled('Delete'), () => acts.ask(row, 'delete'));
  return row.kind === 'gone' ? [again, ask] : [again, act('Rename', labelled('Rename'), () => acts.ask(row, 'rename')), ask];
}

function act(words, attributes, onclick, type = 'button') {
  return make('button', { type, class: 'ae-link', ...attributes, ...(onclick ? { onclick } : {}) }, words);
}
