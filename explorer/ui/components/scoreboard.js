import { csv, save } from './csv.js';
import { make } from './elements.js';
import { DIGITS } from './palette.js';
import { COLUMNS, KINDS, nameOf, sheetRow } from './score_columns.js';
import { line, swatch } from './score_row.js';

const AT_FIRST = ['yours', 'gone', 'shipped']; // kinds that are shown

/** Every run in a table, with the curves that are drawn above it. Sorting, hiding and the file are made here. */
export function mount({ element, props, trigger, watch }) {
  const drawn = make('div', { class: 'ae-chips ae-scores-drawn', role: 'group', 'aria-label': 'Curves on the chart' });
  const kinds = make('div', { class: 'ae-chips', role: 'group', 'aria-label': 'Runs in the table' });
  const file = make('button', { type: 'button', class: 'ae-button', onclick: () => save('runs.csv', csv(rows().map(sheetRow))) }, 'Save as CSV');
  const heads = COLUMNS.map(head);
  const body = make('tbody');
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads.map((one) => one.node))), body);
  element.replaceChildren(make('div', { class: 'ae-comparison ae-scores' }, drawn, make('div', { class: 'ae-scores-head' }, kinds, file), table, spoken));
  const shown = new Set(AT_FIRST);
  let order = { key: null, isUp: true }; // as Python has them: one's own first, the newest on top
  let asking = {}; // the row whose name is being changed, or that is to be deleted: {id, what}
  let known = null; // own runs that were there before

  function head({ key, head: title, up }) {
    if (!key) return { node: make('th', { scope: 'col' }, title) };
    return { key, node: make('th', { scope: 'col' }, make('button', { type: 'button', onclick: () => sort(key, up, title) }, title)) };
  }

  function sort(key, up, title) {
    order = { key, isUp: order.key === key ? !order.isUp : Boolean(up) };
    spoken.textContent = `Sorted by ${title}, ${order.isUp ? 'smallest' : 'largest'} first.`;
    show();
  }

  /** The rows of the kinds that are shown, in order; a row that lacks the figure comes last. */
  function rows() {
    const found = (props.board?.rows ?? []).filter((row) => shown.has(row.kind));
    const { of } = COLUMNS.find(({ key }) => key && key === order.key) ?? {};
    if (!of) return found;
    const lacks = (value) => value === null || value === undefined || value === '';
    const rank = ([, a], [, b]) => lacks(a) - lacks(b) || (order.isUp ? 1 : -1) * (a === b ? 0 : a > b ? 1 : -1);
    return found.map((row) => [row, of(row)]).sort(rank).map(([row]) => row);
  }

  function chosen() {
    return props.value?.chosen ?? props.board?.chosen ?? [];
  }

  function toggle(row) {
    const next = [...chosen()];
    const [at, free] = [next.indexOf(row.id), next.indexOf('')];
    if (at >= 0) next[at] = '';
    else if (free >= 0) next[free] = row.id;
    else if (next.length < DIGITS.length) next.push(row.id);
    else {
      spoken.textContent = `At most ${DIGITS.length} curves at once: take one away first.`;
      return show();
    }
    spoken.textContent = `${nameOf(row)}: curve ${at < 0 ? 'drawn' : 'taken away'}.`;
    return send('input', { chosen: next });
  }

  function send(event, what) {
    asking = {};
    props.value = { ...props.value, ...what };
    show();
    trigger(event);
  }

  /** What the buttons of a row do. */
  const acts = {
    toggle,
    ask: (row, what) => { asking = { id: row.id, what }; show(); },
    open: (row) => send('select', { do: 'open', id: row.id }),
    rename: (row, title) => send('select', { do: 'rename', id: row.id, title }),
    remove: (row) => send('select', { do: 'delete', id: row.id }),
    train: (row) => { send('submit', { train: row.id }); element.closest('[role=tabpanel]')?.scrollIntoView(); },
  };

  function show() {
    const { board } = props;
    element.hidden = !board;
    if (!board) return;
    heads.forEach(({ key, node }) => key && node.setAttribute('aria-sort', key !== order.key ? 'none' : order.isUp ? 'ascending' : 'descending'));
    const held = document.activeElement?.dataset.at;
    const on = chosen();
    const colour = (row) => DIGITS[on.indexOf(row.id)];
    body.replaceChildren(...rows().map((row) => line(row, acts, { colour: colour(row), isOpen: row.id === board.open, ask: asking.id === row.id ? asking.what : '' })));
    drawn.replaceChildren(...on.map((id) => board.rows.find((row) => row.id === id)).filter((row) => row?.curve).map((row) => key(row, colour(row))));
    kinds.replaceChildren(...Object.entries(KINDS).map(([kind, words]) => filter(kind, words)).filter(Boolean));
    if (held && !element.contains(document.activeElement)) element.querySelector(`[data-at="${CSS.escape(held)}"]`)?.focus();
    if (asking.id) body.querySelector('[data-first]')?.focus();
  }

  function key(row, colour) {
    const words = `Take the curve of ${nameOf(row)} away`;
    return make('button', { type: 'button', class: 'ae-scores-key', title: words, 'aria-label': words, 'data-at': `key ${row.id}`, onclick: () => toggle(row) },
      swatch(row, colour), make('span', {}, nameOf(row)), make('i', {}, '\u00d7'));
  }

  function filter(kind, words) {
    const count = props.board.rows.filter((row) => row.kind === kind).length;
    if (!count) return null;
    const box = make('input', { type: 'checkbox', checked: shown.has(kind), 'data-at': `kind ${kind}`, onchange: () => { shown[box.checked ? 'add' : 'delete'](kind); show(); } });
    return make('label', { class: 'ae-chip' }, box, words, make('small', {}, String(count)));
  }

  /** A run that has just ended is drawn beside those that the visitor chose. */
  function arrive() {
    const own = (props.board?.rows ?? []).filter((row) => row.kind === 'yours');
    const fresh = known && props.value?.chosen ? own.filter((row) => row.curve && !known.has(row.id) && !chosen().includes(row.id)) : [];
    known = new Set(own.map((row) => row.id));
    show();
    if (fresh.length) toggle(fresh[0]);
  }

  watch('board', arrive);
  arrive();
}
