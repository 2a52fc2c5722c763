import { figureSavers } from './chart_saving.js';
import { make, short, svg, thousands } from './elements.js';
import { picture } from './picture.js';
import { fromBase64 } from './pixels.js';

const BINS = 40;
const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [250, 8, 8, 30, 24];
const CURVE = 200; // side of the ROC curve in pixels
const FIRST_ALARMS = 0.05; // share of normal pictures above the threshold at the start
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
const FINE = 200; // steps of the arrow keys from one end to the other
const JUDGED = [['Rightly passed.', 'A false alarm: the model knows this digit.'], ['Missed: the model never saw this digit.', 'Caught: the model never saw this digit.']];

/** Scores come once; counting and drawing follow the hand in the browser. */
export function mount({ element, props, watch }) {
  const plot = svg('svg', { class: 'ae-threshold-plot', role: 'group', height: HEIGHT, onpointerdown: grab, onpointermove: drag });
  const curve = svg('svg', { class: 'ae-threshold-roc', viewBox: `-30 -8 ${CURVE + 38} ${CURVE + 38}`, role: 'img' });
  const input = picture('the input');
  const rebuilt = picture('rebuilt');
  const axis = make('span');
  const verdict = make('p', { class: 'ae-threshold-verdict', 'aria-live': 'polite' });
  const [caught, missed, alarms, passed] = ['caught', 'missed', 'false alarms', 'rightly passed'].map(box);
  const heads = ['foreign', 'normal'].map((kind) => make('strong', { class: `ae-group ae-${kind}` }));
  const holder = make('div', { class: 'ae-threshold-chart' }, plot);
  element.replaceChildren(make('div', { class: 'ae-threshold' },
    make('div', { class: 'ae-threshold-wide' }, holder, make('p', { class: 'ae-caption' }, axis,
      'How high: the share of its group. Solid line: the threshold, to be dragged. Dotted: your input.'),
      figureSavers(holder, hills, () => props.scores.title),
      make('div', { class: 'ae-threshold-input' }, input.node, rebuilt.node, verdict)),
    make('div', { class: 'ae-threshold-side' },
      make('div', { class: 'ae-threshold-counts' }, heads[0], caught.node, missed.node, heads[1], alarms.node, passed.node),
      make('figure', { class: 'ae-threshold-figure' }, curve, make('figcaption', { class: 'ae-caption' },
        'ROC curve: the share caught over the share of false alarms, for every threshold. The dot is the present one; the dashed line is a coin.'),
        figureSavers(curve, () => rocFigure(sides, roc), () => `roc ${props.scores.title}`)))));
  let share = FIRST_ALARMS;
  let at = 0;
  let sides = null; // {normal, foreign}: scores in ascending order
  let line = null;
  let own = null;
  let dot = null;

  function box(name) {
    const number = make('b', { class: 'ae-number' });
    const of = make('span', { class: 'ae-caption' });
    return { node: make('div', { class: `ae-count ae-${name.replace(/ .*/, '')}` }, number, make('span', {}, name), of), number, of };
  }

  function arrive() {
    const { scores } = props;
    element.hidden = !scores;
    if (!scores) return;
    sides = { normal: floats(scores.normal), foreign: floats(scores.foreign) };
    at = quantile(sides.normal, 1 - share);
    scores.names.forEach((name, i) => { heads[1 - i].textContent = `${name}: ${thousands(i ? sides.foreign.length : sides.normal.length)}`; });
    input.show(scores.input);
    rebuilt.show(scores.rebuilt);
    axis.textContent = `Across: ${scores.title}. `;
    drawPlot();
    drawCurve();
    follow();
  }

  /** The histograms as a Plotly chart. */
  function hills() {
    const { shown: [low, high], title, names } = props.scores;
    const x = Array.from({ length: BINS }, (_, i) => low + ((i + 0.5) / BINS) * (high - low));
    const data = ['foreign', 'normal'].map((kind, i) => ({ type: 'bar', name: names[1 - i], opacity: 0.6, x, y: histogram(sides[kind], low, high) }));
    const shapes = [{ type: 'line', x0: at, x1: at, yref: 'paper', y0: 0, y1: 1 }];
    return { data, layout: { barmode: 'overlay', bargap: 0, xaxis: { title: { text: title } }, yaxis: { title: { text: 'share of its group' } }, shapes } };
  }

  /** Screen place of a score, and back. */
  function across(score) {
    const [low, high] = props.scores.shown;
    return LEFT + (Math.min(high, Math.max(low, score)) - low) / (high - low) * (holder.clientWidth - LEFT - RIGHT);
  }

  function scoreAt(x) {
    const [low, high] = props.scores.shown;
    const where = (x - LEFT) / (holder.clientWidth - LEFT - RIGHT);
    return low + Math.min(1, Math.max(0, where)) * (high - low);
  }

  function drawPlot() {
    const width = holder.clientWidth;
    if (!sides || !width) return;
    const { shown: [low, high], title, names } = props.scores;
    const shares = Object.entries(sides).map(([kind, scores]) => [kind, histogram(scores, low, high)]);
    const tallest = Math.max(...shares.flatMap(([, bins]) => bins));
    const floor = HEIGHT - BOTTOM;
    const bars = shares.map(([kind, bins]) => {
      const steps = bins.map((part, i) => `V${floor - part / tallest * (floor - TOP)}H${across(low + (i + 1) / BINS * (high - low))}`);
      return svg('path', { class: `ae-hill ae-${kind}`, d: `M${LEFT} ${floor}${steps.join('')}V${floor}Z` });
    });
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => svg('text', {
      x: LEFT + part * (width - LEFT - RIGHT), y: HEIGHT - 6, 'text-anchor': ['start', 'middle', 'middle', 'middle', 'end'][4 * part],
    }, `${part === 1 ? '≥ ' : ''}${short(low + part * (high - low))}`));
    own = svg('g', { class: 'ae-threshold-own' }, svg('line', { y1: TOP, y2: floor }), svg('path', { d: `M-5 ${TOP - 8}h10l-5 8Z` }));
    line = svg('g', {
      class: 'ae-threshold-line', role: 'slider', tabindex: 0, 'aria-label': `Threshold: ${title}`, 'aria-valuemin': low, 'aria-valuemax': high, onkeydown: step,
    }, svg('rect', { x: -22, y: 0, width: 44, height: HEIGHT }), svg('line', { y1: 12, y2: floor }), svg('circle', { cy: 12, r: 9 }));
    plot.setAttribute('width', width);
    plot.setAttribute('aria-label', `Histogram of the ${title}: ${names.join(' and ')}`);
    plot.replaceChildren(...bars, svg('line', { class: 'ae-threshold-floor', x1: LEFT, x2: width - RIGHT, y1: floor, y2: floor }), ...ticks, own, line);
    own.setAttribute('transform', `translate(${across(props.scores.own)})`);
  }

  function drawCurve() {
    const { foreign, normal } = sides;
    const points = [...new Set([...foreign, ...normal])].sort((one, other) => other - one).map((score) => roc(score));
    const every = Math.max(1, Math.floor(points.length / 400));
    const path = [[0, 0], ...points.filter((_, i) => i % every === 0), [1, 1]].map(([x, y]) => `${CURVE * x} ${CURVE * (1 - y)}`);
    dot = svg('circle', { r: 6 });
    const word = (attributes, text) => svg('text', attributes, text);
    const corner = props.scores.auc < 0.5 ? { x: 10, y: 24 } : { x: CURVE - 10, y: CURVE - 14, 'text-anchor': 'end' };
    curve.replaceChildren(
      svg('rect', { width: CURVE, height: CURVE }), svg('line', { x1: 0, y1: CURVE, x2: CURVE, y2: 0 }),
      svg('path', { d: `M${path.join('L')}` }), dot,
      word({ x: CURVE / 2, y: CURVE + 20, 'text-anchor': 'middle' }, 'false alarms'),
      word({ transform: `translate(-12 ${CURVE / 2}) rotate(-90)`, 'text-anchor': 'middle' }, 'caught'),
      word({ class: 'ae-threshold-auc', ...corner }, `AUC ${props.scores.auc.toFixed(3)}`),
    );
    curve.setAttribute('aria-label', `ROC curve; the area under it is ${props.scores.auc.toFixed(3)}`);
  }

  /** Shares of false alarms and of foreign pictures caught. */
  function roc(threshold) {
    return ['normal', 'foreign'].map((kind) => above(sides[kind], threshold) / sides[kind].length);
  }

  /** Everything that moves with the threshold. */
  function follow() {
    if (!sides) return;
    const [ring, catches] = [above(sides.normal, at), above(sides.foreign, at)];
    tell(caught, catches, sides.foreign.length);
    tell(missed, sides.foreign.length - catches, sides.foreign.length);
    tell(alarms, ring, sides.normal.length);
    tell(passed, sides.normal.length - ring, sides.normal.length);
    const [x, y] = roc(at);
    dot.setAttribute('cx', CURVE * x);
    dot.setAttribute('cy', CURVE * (1 - y));
    const { own: score, title, is_foreign: truth } = props.scores;
    const isForeign = score > at;
    const words = `Your input has a ${title} of ${short(score)}, ${isForeign ? 'above' : 'not above'} the threshold of ${short(at)}: `;
    verdict.replaceChildren(words, make('strong', {}, isForeign ? 'foreign' : 'normal'), truth === null ? '.' : `. ${JUDGED[Number(truth)][Number(isForeign)]}`);
    if (!line) return;
    line.setAttribute('transform', `translate(${across(at)})`);
    line.setAttribute('aria-valuenow', at);
    line.setAttribute('aria-valuetext', `${short(at, 3)}: ${catches} caught, ${sides.foreign.length - catches} missed, ${ring} false alarms`);
  }

  function tell({ number, of }, count, all) {
    number.textContent = thousands(count);
    of.textContent = `${(100 * count / all).toFixed(1)} %`;
  }

  function move(score) {
    const [low, high] = props.scores.shown;
    at = Math.min(high, Math.max(low, score));
    share = above(sides.normal, at) / sides.normal.length;
    follow();
  }

  function grab(event) {
    plot.setPointerCapture(event.pointerId);
    line.focus({ preventScroll: true });
    drag(event);
  }

  function drag(event) {
    if (plot.hasPointerCapture(event.pointerId)) move(scoreAt(event.clientX - plot.getBoundingClientRect().left));
  }

  function step(event) {
    const [low, high] = props.scores.shown;
    const to = { Home: low, End: high }[event.key] ?? at + (STEPS[event.key] ?? NaN) * (high - low) / FINE;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    move(to);
  }

  let width = 0;
  new ResizeObserver(() => {
    if (holder.clientWidth === width) return;
    width = holder.clientWidth;
    drawPlot();
    follow();
  }).observe(holder);
  watch('scores', arrive);
  arrive();
}

function rocFigure({ foreign, normal }, roc) {
  const points = [[0, 0], ...[...new Set([...foreign, ...normal])].sort((one, other) => other - one).map(roc), [1, 1]];
  const data = [{ type: 'scatter', mode: 'lines', name: 'ROC', x: points.map(([x]) => x), y: points.map(([, y]) => y) }];
  return { data, layout: { xaxis: { title: { text: 'false alarms' } }, yaxis: { title: { text: 'caught' } } } };
}

function floats(text) {
  return new Float32Array(fromBase64(text).buffer);
}

/** How many of the ascending scores lie above the threshold. */
function above(scores, threshold) {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] > threshold) high = middle;
    else low = middle + 1;
  }
  return scores.length - low;
}

/** The score that so large a share of the ascending scores does not exceed. */
function quantile(scores, share) {
  return scores[Math.min(scores.length - 1, Math.max(0, Math.ceil(share * scores.length) - 1))];
}

/** The share of the scores in each bin; the last holds what lies beyond the end, too. */
function histogram(scores, low, high) {
  const bins = new Array(BINS).fill(0);
  scores.forEach((score) => { bins[Math.max(0, Math.min(BINS - 1, Math.floor((score - low) / (high - low) * BINS)))] += 1 / scores.length; });
  return bins;
}
