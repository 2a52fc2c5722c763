import { make, short, thousands } from './elements.js';
import { draw, fromBase64 } from './pixels.js';
import { drawSigned } from './signed.js';
import { drawCode } from './small_code.js';

const COLUMNS = [
  { key: 'title', head: 'model', up: true },
  { head: 'reconstruction' },
  { head: 'error' },
  { head: 'code' },
  { key: 'mse', head: 'MSE', up: true, say: (row) => short(row.mse, 3) },
  { key: 'psnr', head: 'PSNR', say: (row) => `${row.psnr.toFixed(1)} dB` },
  { key: 'numbers', head: 'numbers', up: true, say: (row) => count(row) },
  { key: 'bytes', head: 'bytes', up: true, say: (row) => thousands(row.bytes) },
  { key: 'parameters', head: 'parameters', up: true, say: (row) => thousands(row.parameters) },
  { key: 'ms', head: 'time', up: true, say: (row) => `${short(row.ms)} ms` },
];

/** Sparse codes are wide, but most of their numbers are zero. */
function count({ numbers, awake, code }) {
  return numbers === code.length && awake < 0.9 * numbers ? `${thousands(numbers)}, ${thousands(awake)} awake` : thousands(numbers);
}

/** Models side by side. Sorting and putting rows away happens here; the server hears only which model is opened. */
export function mount({ element, props, trigger, watch }) {
  const heads = COLUMNS.map(head);
  const body = make('tbody');
  const away = make('div', { class: 'ae-chips', hidden: true });
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  element.replaceChildren(make('div', { class: 'ae-comparison' },
    make('table', {}, make('thead', {}, make('tr', {}, ...heads.map((one) => one.node))), body), away, spoken));
  const put = new Set(); // ids of rows that are put away
  let order = { key: 'mse', isUp: true };

  function head({ key, head: title, up }) {
    if (!key) return { node: make('th', { scope: 'col' }, title) };
    const button = make('button', { type: 'button', onclick: () => sort(key, up) }, title);
    return { key, node: make('th', { scope: 'col' }, button) };
  }

  function sort(key, up) {
    order = { key, isUp: order.key === key ? !order.isUp : Boolean(up) };
    spoken.textContent = `Sorted by ${COLUMNS.find((one) => one.key === key).head}, ${order.isUp ? 'smallest' : 'largest'} first.`;
    show();
  }

  function show() {
    element.hidden = !props.table;
    if (!props.table) return;
    heads.forEach(({ key, node }) => key && node.setAttribute('aria-sort', key !== order.key ? 'none' : order.isUp ? 'ascending' : 'descending'));
    const rows = JSON.parse(props.table).sort((a, b) => (order.isUp ? 1 : -1) * (a[order.key] > b[order.key] ? 1 : -1));
    body.replaceChildren(...rows.filter((row) => !put.has(row.id)).map(line));
    const hidden = rows.filter((row) => put.has(row.id));
    away.hidden = !hidden.length;
    away.replaceChildren(make('span', { class: 'ae-caption' }, 'put away:'), ...hidden.map((row) => make('button', {
      type: 'button', class: 'ae-button', onclick: () => bring(row.id),
    }, `${row.variant}, ${row.title}`)));
  }

  function line(row) {
    const open = make('button', { type: 'button', class: 'ae-comparison-name', title: 'Open this model', onclick: () => choose(row.id) },
      make('b', {}, row.variant), make('span', { class: row.mine ? 'ae-mine' : '' }, row.title));
    const hide = make('button', {
      type: 'button', class: 'ae-comparison-hide', title: 'Put away', 'aria-label': `Put ${row.variant}, ${row.title} away`, onclick: () => putAway(row.id), 'data-row': row.id,
    }, '\u00d7');
    const what = `of ${row.variant}, ${row.title}`;
    const pictures = [
      canvas(`reconstruction ${what}`, (one) => draw(one, fromBase64(row.reconstruction))),
      canvas(`error ${what}`, (one) => { one.classList.add('ae-signed'); drawSigned(one, fromBase64(row.error)); }),
      canvas(`code ${what}`, (one) => { one.classList.add('ae-small-code'); drawCode(one, row.code); }),
    ];
    const figures = COLUMNS.filter((one) => one.say).map((one) => make('td', { class: 'ae-number', 'data-head': one.head }, one.say(row)));
    return make('tr', {}, make('th', { scope: 'row' }, make('div', {}, open, hide)),
      ...pictures.map((one, i) => make('td', { 'data-head': COLUMNS[i + 1].head }, one)), ...figures);
  }

  /** The focus stays in the table: on the row that comes up, or on the one that comes back. */
  function putAway(id) {
    const rows = [...body.querySelectorAll('[data-row]')].map((one) => one.dataset.row);
    const at = rows.indexOf(id);
    put.add(id);
    show();
    focus(rows[at + 1] ?? rows[at - 1]);
  }

  function bring(id) {
    put.delete(id);
    show();
    focus(id);
  }

  function focus(id) {
    if (id) body.querySelector(`[data-row="${CSS.escape(id)}"]`).focus();
    else away.querySelector('button').focus();
  }

  function canvas(words, paint) {
    const node = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': words });
    paint(node);
    return node;
  }

  function choose(id) {
    props.value = { open: id };
    trigger('input');
  }

  watch('table', show);
  show();
}
