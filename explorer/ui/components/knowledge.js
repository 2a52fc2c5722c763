import { choices } from './choices.js';
import { confusions } from './confusions.js';
import { make, thousands } from './elements.js';
import { curve, rates } from './knowledge_curve.js';
import { lessons } from './knowledge_lessons.js';
import { ranking } from './ranking.js';

const READER = { linear: 'linear classifier', neighbours: 'nearest neighbours' };
const VOTES = [1, 3, 5, 10];
const SEEDS = [0, 1, 2, 3, 4];
const COUNTS = [10, 100, 1000, 10000];
const HEAPS = ['purity', 'NMI', 'ARI'];
const AGAIN = 700; // milliseconds between two looks at a job

/** The choices are answered here as far as the figures are known; only the readings of single digits are asked for. */
export function mount({ element, props, trigger, server, watch }) {
  const chosen = { count: 1000, kind: 'linear', votes: 5, seed: 0 };
  const count = group('Labels', COUNTS.map((one) => [one, thousands(one)]), (value) => turn({ count: value }));
  const kind = group('Classifier', Object.entries(READER), (value) => turn({ kind: value }));
  const votes = group('Neighbours that vote', VOTES.map((k) => [k, String(k)]), (value) => turn({ votes: value }));
  const seed = group('Draw of labelled digits: seed', SEEDS.map((one) => [one, String(one)]), (value) => turn({ seed: value }));
  const words = make('p', { class: 'ae-knows-words', 'aria-live': 'polite' });
  const limits = make('p', { class: 'ae-caption' });
  const figures = make('div', { class: 'ae-knows-table' });
  const plot = curve();
  const start = make('button', { type: 'button', class: 'ae-button ae-primary', onclick: measure }, 'Measure this model');
  const progress = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const unknown = make('div', { class: 'ae-knows-unknown' }, start, progress);
  const known = make('div', { class: 'ae-knows-two' }, figures, plot.node);
  const wrong = confusions((index) => send({ index }));
  const heaps = make('section', {});
  const taught = lessons();
  const all = ranking((model) => send({ open: model }));
  const board = make('div', { class: 'ae-knows' }, make('div', { class: 'ae-knows-choices' }, ...[count, kind, votes, seed].map((one) => one.node)),
    limits, words, unknown, known, wrong.node, heaps, taught.node, all.node);
  element.replaceChildren(board);
  let wanted = false;
  let isAsking = false;
  let told = null;
  let seen = ''; // the model and how many digits it was shown with
  const jobs = new Map(); // model -> what a worker is measuring

  function group(title, options, onchoose) {
    const { chip, hold } = choices(onchoose);
    const chips = options.map(([value, text]) => chip(value, text));
    const node = make('fieldset', {}, make('legend', { class: 'ae-caption' }, title), make('div', { class: 'ae-chips' }, ...chips));
    const allow = (can) => chips.forEach((one, i) => { one.querySelector('input').disabled = !can(options[i][0]); });
    return { node, hold, allow };
  }

  function send(value) {
    props.value = value;
    trigger('input');
  }

  function turn(change) {
    Object.assign(chosen, change);
    show();
    ask();
  }

  const reader = () => (chosen.kind === 'linear' ? 'linear' : String(chosen.votes));

  /** What the digits on show cannot give gives way: few labels, few draws. */
  function fit() {
    const { counts, draws } = props.desk;
    if (!counts.includes(chosen.count)) chosen.count = counts.at(-1);
    const most = draws[counts.indexOf(chosen.count)];
    if (chosen.seed >= most) chosen.seed = 0;
    count.allow((value) => counts.includes(value));
    seed.allow((value) => value < most);
    limits.textContent = counts.length < COUNTS.length ? `These digits are too few for more than ${thousands(counts.at(-1))} labels.` : most === 1 ? `With ${thousands(chosen.count)} labels one draw says as much as another, so only one is measured.` : '';
    limits.hidden = !limits.textContent;
    votes.node.hidden = chosen.kind !== 'neighbours';
    [[count, chosen.count], [kind, chosen.kind], [votes, chosen.votes], [seed, chosen.seed]].forEach(([one, value]) => one.hold(value));
  }

  function show() {
    const { desk } = props;
    element.hidden = !desk;
    if (!desk) return;
    fit();
    unknown.hidden = Boolean(told);
    known.hidden = heaps.hidden = !told;
    if (told) {
      say(told.words[chosen.count][reader()]);
      figures.replaceChildren(rates(told.right, chosen, desk));
      plot.show(told.right, reader(), chosen.count, desk);
      heaps.replaceChildren(make('h2', {}, 'Heaps without labels'), heapTable(), make('p', { class: 'ae-caption' }, told.about_heaps));
    } else {
      say('This model has not been measured yet. What single readings say is shown below; the figures beside those of pixels and PCA take a worker some seconds, for a wide code up to a minute.');
    }
    taught.show(told?.lessons?.[reader()], desk);
  }

  /** Sentences come with **bold** parts, which are shown as such. */
  function say(text) {
    words.replaceChildren(...text.split('**').map((part, i) => (i % 2 ? make('strong', {}, part) : part)));
  }

  function heapTable() {
    const names = { code: 'this code', pca: 'PCA', pixels: 'raw pixels' };
    const rows = Object.entries(names).map(([role, name]) => make('tr', {}, make('th', { scope: 'row' }, name),
      ...told.heaps[role].map((one) => make('td', { class: 'ae-number' }, one.toFixed(3)))));
    return make('table', { class: 'ae-plain' }, make('thead', {}, make('tr', {}, make('td', {}), ...HEAPS.map((one) => make('th', { scope: 'col' }, one)))), make('tbody', {}, ...rows));
  }

  /** The newest choice wins; an answer to an older one is not shown. */
  async function ask() {
    wanted = true;
    wrong.wait();
    if (isAsking) return;
    isAsking = true;
    while (wanted) {
      wanted = false;
      const { model } = props.desk;
      const asked = { ...chosen };
      const answer = await Promise.resolve(server.read([model, asked.count, asked.seed, asked.kind])).catch(() => null);
      if (wanted || model !== props.desk?.model) continue;
      if (!answer || answer.error) wrong.fail(answer?.error ?? 'The server did not answer; the next choice asks again.');
      else wrong.show(answer[reader()], props.desk, `${thousands(asked.count)} labels, ${READER[asked.kind]}, draw ${asked.seed}`);
    }
    isAsking = false;
  }

  async function measure() {
    const { model } = props.desk;
    stop('A worker is asked\u2026');
    start.disabled = true;
    const begun = await Promise.resolve(server.measure([model])).catch(() => null);
    if (begun?.job) jobs.set(model, { id: begun.job, since: Date.now() });
    if (model !== props.desk?.model) return;
    if (begun?.job) follow(model);
    else stop(begun?.error ?? 'The server did not answer; please try again.');
  }

  /** Look at a worker's job again and again, as long as its model is open. */
  async function follow(model) {
    const { id, since } = jobs.get(model);
    start.disabled = true;
    while (model === props.desk?.model && element.isConnected) {
      const seen = await Promise.resolve(server.follow([model, id])).catch(() => null) ?? { text: 'The server does not answer.' };
      if (seen.error || seen.told) jobs.delete(model);
      if (model !== props.desk?.model) return;
      if (seen.error) return stop(seen.error);
      if (seen.told) return learn(seen.told);
      progress.textContent = seen.text || `A worker is measuring, ${Math.round((Date.now() - since) / 1000)} s.`;
      await new Promise((done) => { setTimeout(done, AGAIN); });
    }
  }

  function learn(figuresNow) {
    stop('');
    told = figuresNow;
    all.refresh();
    show();
  }

  function stop(text) {
    start.disabled = false;
    progress.textContent = text;
  }

  function arrive() {
    const { desk } = props;
    const isNew = desk && desk.model + desk.tested !== seen;
    told = desk?.told ?? (isNew ? null : told);
    show();
    if (!isNew) return;
    seen = desk.model + desk.tested;
    stop('');
    all.follow(() => server.everyone([desk.model]));
    ask();
    if (jobs.has(desk.model) && !told) follow(desk.model);
  }

  watch('desk', arrive);
  arrive();
}
