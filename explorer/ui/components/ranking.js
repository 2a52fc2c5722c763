import { make, thousands } from './elements.js';

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const READERS = [['linear', 'linear'], ['5', '5 nearest']];
const COUNTS = ['100', '1000'];
const COLUMNS = [
  { head: 'model', up: true, key: (row) => row.variant + row.title },
  { head: 'numbers', up: true, key: (row) => row.size, say: (row) => thousands(row.size) },
  ...COUNTS.flatMap((count) => READERS.map(([reader, name]) => ({
    head: `${name}, ${thousands(count)} labels`, key: (row) => row.shares[count]?.[reader] ?? -1, say: (row) => (row.shares[count] ? percent(row.shares[count][reader]) : '\u2013'),
  }))),
  ...['purity', 'nmi', 'ari'].map((name) => ({ head: name === 'purity' ? name : name.toUpperCase(), key: (row) => row[name], say: (row) => row[name].toFixed(2) })),
];

/** All models, on demand, to be sorted by any column. `onopen(id)` when a model's name is pressed. */
export function ranking(onopen) {
  const begin = make('button', { type: 'button', class: 'ae-button', onclick: fetchRows }, 'Show all models');
  const said = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const words = make('p');
  const heads = COLUMNS.map(({ head }, i) => make('th', { scope: 'col' }, make('button', { type: 'button', onclick: () => sort(i) }, head)));
  const body = make('tbody');
  const table = make('div', { class: 'ae-comparison ae-ranking', hidden: true }, make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body));
  const node = make('section', {}, make('h2', {}, 'All models'), begin, said, table, words);
  let ask = null;
  let rows = [];
  let isWanted = false;
  let order = { column: 3, isUp: false };

  /** Another model is open: `question` fetches the rows for it. */
  function follow(question) {
    ask = question;
    refresh();
  }

  /** There may be a row more. */
  function refresh() {
    if (isWanted) fetchRows();
  }

  async function fetchRows() {
    isWanted = true;
    const question = ask;
    const answer = await Promise.resolve(question()).catch(() => null);
    if (question !== ask) return;
    said.textContent = answer?.rows ? '' : answer?.error ?? 'The server did not answer; please try again.';
    if (!answer?.rows) return;
    rows = answer.rows;
    words.textContent = answer.words;
    begin.hidden = rows.length > 0;
    table.hidden = rows.length === 0;
    if (!rows.length) said.textContent = 'No model has been measured on these digits yet: press “Measure this model” above.';
    show();
  }

  function sort(column) {
    order = { column, isUp: order.column === column ? !order.isUp : Boolean(COLUMNS[column].up) };
    said.textContent = `Sorted by ${COLUMNS[column].head}, ${order.isUp ? 'smallest' : 'largest'} first.`;
    show();
  }

  function show() {
    const { key } = COLUMNS[order.column];
    heads.forEach((one, i) => one.setAttribute('aria-sort', i !== order.column ? 'none' : order.isUp ? 'ascending' : 'descending'));
    const sorted = [...rows].sort((a, b) => (order.isUp ? 1 : -1) * (key(a) > key(b) ? 1 : -1));
    body.replaceChildren(...sorted.map((row) => make('tr', { class: row.id ? '' : 'ae-bare' }, make('th', { scope: 'row' }, name(row)),
      ...COLUMNS.slice(1).map(({ head, say }) => make('td', { class: 'ae-number', 'data-head': head }, say(row))))));
  }

  function name({ id, variant, title, mine }) {
    const inside = [make('b', {}, variant), make('span', { class: mine ? 'ae-mine' : '' }, title)];
    if (!id) return make('span', { class: 'ae-comparison-name' }, ...inside);
    return make('button', { type: 'button', class: 'ae-comparison-name', title: 'Open this model', onclick: () => onopen(id) }, ...inside);
  }

  return { node, follow, refresh };
}
