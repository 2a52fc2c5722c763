import { chart } from './chart.js';
import { chartSavers, figureSavers } from './chart_saving.js';
import { make } from './elements.js';
import { digitAt } from './picture.js';
import { dotsFigure, glider, unpacked } from './glide.js';
import { fromBase64 } from './pixels.js';
import { RUN, write } from './storage.js';

const BUTTONS = {
  train: ['Train', 'Start with these settings, or go on'],
  pause: ['Pause', 'Wait; Train goes on from here'],
  step: ['One epoch', 'See every training image once, then wait'],
  stop: ['Stop', 'End this training and keep the weights'],
  reset: ['Reset', 'Back to the first weights of the same seed'],
};
const ENABLED = {
  idle: ['train', 'step'],
  queued: ['stop'],
  running: ['pause', 'stop'],
  paused: ['train', 'step', 'stop', 'reset'],
  done: ['train', 'reset'],
  stopped: ['train', 'step', 'reset'],
  diverged: ['train', 'reset'],
};
const INVITATION = 'Train it, and every term of the loss is drawn here as it falls.';
const KEPT = 20; // runs
const GLIDE = 700; // milliseconds from one moment of the map to the next
const SILENCE = 8000; // milliseconds without news of a run after which the server is asked
const PATIENCE = 2000; // milliseconds before missing points are asked for again

const runs = new Map(); // run id -> {points, pictures, epoch}: outlives a panel that is hidden and shown again
let count = 0;

/** Buttons, progress, the curves of one run and what it makes of ten test digits. */
export function mount({ element, props, trigger, watch }) {
  const buttons = Object.fromEntries(Object.entries(BUTTONS).map(([action, [text, title]]) => [action, make('button', {
    type: 'button', title, class: action === 'train' ? 'ae-button ae-primary' : 'ae-button', onclick: () => act(action),
  }, text)]));
  const bar = make('progress', { max: 1, value: 0, 'aria-label': 'Progress of the training' });
  const text = make('p', { class: 'ae-state ae-number', role: 'status' });
  const logarithmic = make('input', { type: 'checkbox', class: 'ae-switch', role: 'switch', checked: true, onchange: drawCurves });
  const axis = make('label', { class: 'ae-log' }, logarithmic, 'logarithmic');
  const curves = make('div', { class: 'ae-chart ae-curves', role: 'img', 'aria-label': 'Curve of every term of the loss' });
  const digits = make('div', { class: 'ae-pairs' });
  const caption = make('p', { class: 'ae-caption' });
  const map = make('canvas', { class: 'ae-glide', role: 'img', 'aria-label': 'The codes of test digits as training goes on' });
  const where = make('p', { class: 'ae-caption' });
  const results = make('div', { class: 'ae-results' },
    make('div', {}, axis, curves, chartSavers(curves)), make('div', {}, digits, caption), make('div', { class: 'ae-live-map' }, map, where, figureSavers(map, dots, () => where.textContent)));
  element.replaceChildren(make('div', { class: 'ae-training' },
    make('div', { class: 'ae-buttons' }, ...Object.values(buttons)), bar, text, results));
  const { draw } = chart(curves);
  const paint = glider(map);
  let gliding = 0;
  let heard = Date.now();
  let frame = 0;

  function act(action) {
    count += 1;
    heard = Date.now();
    const { run, state, text: said, progress } = props.value ?? {};
    props.value = { run, state, text: said, progress, action, count, have: runs.get(run)?.points.length ?? 0 };
    trigger('input');
  }

  function show() {
    heard = Date.now();
    const { run, state = 'idle', text: said, progress = 0 } = props.value ?? {};
    write('localStorage', RUN, run);
    const known = ENABLED[state] ?? [];
    Object.entries(buttons).forEach(([action, button]) => { button.disabled = !known.includes(action); });
    buttons.train.textContent = state === 'paused' ? 'Continue' : 'Train';
    bar.value = progress;
    bar.hidden = state === 'idle';
    text.textContent = said || INVITATION;
    text.classList.toggle('ae-failed', state === 'diverged');
    const complete = run === undefined || keep(props.value);
    results.hidden = !runs.get(run)?.points.length;
    if (!frame) frame = requestAnimationFrame(() => { frame = 0; drawCurves(); drawDigits(); drawMap(); });
    if (!complete) askFor(runs.get(run));
  }

  function askFor(kept) {
    if (Date.now() < (kept.asked ?? 0) + PATIENCE) return;
    kept.asked = Date.now();
    act('resend');
  }

  function drawCurves() {
    const points = runs.get(props.value?.run)?.points ?? [];
    const names = [...new Set(points.flatMap(([, terms]) => Object.keys(terms)))];
    const data = names.map((name) => {
      const own = points.filter(([, terms]) => name in terms);
      const mode = own.length < 2 ? 'markers' : 'lines';
      return { name, mode, x: own.map(([epoch]) => epoch), y: own.map(([, terms]) => terms[name]), line: { width: 2 } };
    });
    const yaxis = { type: logarithmic.checked ? 'log' : 'linear', exponentformat: 'power', tickfont: { size: 12 } };
    if (data.length) draw({ data, layout: { xaxis: { title: { text: 'epochs' } }, yaxis, showlegend: true } });
  }

  function drawDigits() {
    const { pictures, epoch } = runs.get(props.value?.run) ?? {};
    digits.hidden = caption.hidden = !pictures;
    if (!pictures) return;
    const [above, below] = [fromBase64(props.digits ?? ''), fromBase64(pictures)];
    digits.replaceChildren(...Array.from({ length: below.length / 784 }, (_, i) => (
      make('div', {}, above.length ? digitAt(above, i) : null, digitAt(below, i)))));
    caption.textContent = `Ten test digits and, below each, what the model made of it after epoch ${epoch}.`;
  }

  function dots() {
    return dotsFigure(runs.get(props.value.run).moment.points, fromBase64(props.labels ?? ''));
  }

  /** The dots set out for where the newest moment has them. */
  function drawMap() {
    const { moment, before, since } = runs.get(props.value?.run) ?? {};
    map.parentNode.hidden = !moment;
    if (!moment) return;
    const labels = fromBase64(props.labels ?? '');
    where.textContent = `Where the codes of ${labels.length.toLocaleString('en')} test digits lie, ${moment.at ? `after epoch ${moment.at.toFixed(2)}` : 'before the first step'}; each label has its colour.`;
    cancelAnimationFrame(gliding);
    const step = () => {
      if (!element.isConnected) return;
      const share = Math.min(1, (performance.now() - since) / GLIDE);
      paint((before ?? moment).points, moment.points, share, labels);
      if (share < 1) gliding = requestAnimationFrame(step);
    };
    step();
  }

  /** A page that was asleep may have lost its line to the server; another tab may follow the run meanwhile. */
  function wake() {
    if (!element.isConnected) {
      document.removeEventListener('visibilitychange', wake);
      clearInterval(watchdog);
    } else if (!document.hidden && ['queued', 'running'].includes(props.value?.state)) act('resend');
  }

  const watchdog = setInterval(() => { if (Date.now() - heard > SILENCE) wake(); }, SILENCE);
  document.addEventListener('visibilitychange', wake);
  watch('value', show);
  watch('labels', drawMap);
  new ResizeObserver(drawMap).observe(map); // a tab that was away has no size
  watch('digits', drawDigits);
  show();
}

/** Files what an update brings under its run; false if points before it are missing. */
function keep({ run, start = 0, points, pictures, epoch, moment }) {
  if (!runs.has(run)) runs.set(run, { points: [] });
  if (runs.size > KEPT) runs.delete(runs.keys().next().value);
  const kept = runs.get(run);
  if (pictures) Object.assign(kept, { pictures, epoch });
  if (moment && moment.at !== kept.moment?.at) {
    const whole = new Int16Array(fromBase64(moment.points).buffer);
    Object.assign(kept, { before: kept.moment, moment: { at: moment.at, points: unpacked(whole, moment.scale, moment.steps) }, since: performance.now() });
  }
  if (!points) return true;
  if (start > kept.points.length) return false;
  kept.points.splice(start, Infinity, ...points);
  return true;
}
