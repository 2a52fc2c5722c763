import { chart } from './chart.js';
import { make, short, thousands } from './elements.js';
import { legend } from './legend.js';
import { decoderAt, nearest, pointsAt, thumbnailsAt } from './map_data.js';
import { DIGITS } from './palette.js';
import { draw as paint, fromBase64 } from './pixels.js';

const NEAR = 0.02; // a click this close to a dot, as a share of the map, chooses its digit
const STEP = 0.02; // of the map, for an arrow key
const DIM = 0.06;
const SCALE = [[0, '#440154'], [0.25, '#3b528b'], [0.5, '#21918c'], [0.75, '#5ec962'], [1, '#fde725']];
const CONFIG = { displayModeBar: 'hover', modeBarButtons: [['zoomIn2d', 'zoomOut2d', 'resetScale2d']] };

/** A latent space as a map: hover decodes, a click pins, and a dot that is hit becomes the page's input. */
export function mount({ element, props, trigger, server, watch }) {
  const plot = make('div', { class: 'ae-map-plot', tabindex: 0, role: 'application', 'aria-label': 'Map of the latent space: arrow keys move, Enter chooses the nearest test digit' });
  const problem = make('p', { class: 'ae-map-problem' }, 'loading the map');
  const here = make('i', { class: 'ae-map-mark', hidden: true });
  const pinned = make('i', { class: 'ae-map-mark ae-pin', hidden: true });
  const big = shownDigit('ae-decoded', 'the digit under the mouse, decoded');
  const small = shownDigit('ae-near', 'the nearest test digit');
  const keys = legend(redraw);
  const scale = make('div', { class: 'ae-scale' }, 'small error', make('i'), 'large error');
  const note = make('p', { class: 'ae-caption' });
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  plot.append(here, pinned, problem);
  element.replaceChildren(make('div', { class: 'ae-map' }, plot,
    make('div', { class: 'ae-map-side' }, big.node, small.node),
    make('div', { class: 'ae-map-foot' }, keys.node, scale, note, spoken)));
  const holder = make('div', { style: 'position:absolute;inset:0' });
  plot.prepend(holder);
  const { draw } = chart(holder, () => holder.on('plotly_afterplot', placeMarks));

  let points = null;
  let decoder = null;
  let thumbnails = null;
  let pin = null; // [x, y], or null: the current input's own place
  let target = null;
  let frame = 0;
  let asking = false;
  let generation = 0;

  async function load() {
    generation += 1;
    const mine = generation;
    const { source, decoder: address, thumbnails: pictures } = props;
    if (!source) return;
    try {
      const [found, made] = await Promise.all([pointsAt(source), address ? decoderAt(address) : null]);
      if (mine !== generation) return;
      if (found !== points) pin = null;
      [points, decoder] = [found, made];
      problem.textContent = '';
      await redraw();
      performance.mark('ae-map-drawn');
      element.dataset.ready = '1';
      rest();
      thumbnails = await thumbnailsAt(pictures);
      if (mine === generation) rest();
    } catch (error) {
      problem.textContent = `The map could not be shown: ${error.message}`;
    }
  }

  function redraw() {
    if (!points) return undefined;
    const byError = props.colour === 'error';
    keys.node.hidden = byError;
    scale.hidden = !byError;
    note.textContent = props.note;
    const axis = (k) => ({ range: points.range[k], title: { text: props.axes[k], standoff: 4 }, ticklen: 0, nticks: 6 });
    const layout = {
      xaxis: axis(0), yaxis: axis(1), dragmode: false, hovermode: false, showlegend: false,
      uirevision: props.source, margin: { l: 44, r: 4, t: 4, b: 40 }, shapes: props.prior ? rings() : [],
    };
    return draw({ data: byError ? [errorDots()] : labelDots(), layout, config: CONFIG }).then(placeMarks);
  }

  function labelDots() {
    const traces = DIGITS.map((color, digit) => ({
      type: 'scattergl', mode: 'markers', name: String(digit), x: [], y: [],
      marker: { size: points.n > 3000 ? 4 : 6, color, opacity: keys.on[digit] ? 0.75 : DIM },
    }));
    points.labels.forEach((label, i) => {
      traces[label].x.push(points.xy[2 * i]);
      traces[label].y.push(points.xy[2 * i + 1]);
    });
    return traces;
  }

  function errorDots() {
    const axis = (k) => points.xy.filter((_, i) => i % 2 === k);
    const worst = Float32Array.from(points.errors).sort()[Math.floor(0.99 * (points.n - 1))];
    const marker = { size: 4, color: points.errors, colorscale: SCALE, cmin: 0, cmax: worst, opacity: 0.85 };
    return { type: 'scattergl', mode: 'markers', x: axis(0), y: axis(1), marker };
  }

  function rings() {
    return [1, 2, 3].map((r) => ({ type: 'circle', x0: -r, x1: r, y0: -r, y1: r, layer: 'above', line: { width: 1, dash: 'dot', color: '#888' } }));
  }

  const drawn = () => holder._fullLayout?.xaxis && holder._fullLayout;

  function place(mark, at) {
    const layout = drawn();
    mark.hidden = !at || !layout;
    if (mark.hidden) return;
    mark.style.left = `${layout.xaxis._offset + layout.xaxis.d2p(at[0])}px`;
    mark.style.top = `${layout.yaxis._offset + layout.yaxis.d2p(at[1])}px`;
  }

  function placeMarks() {
    place(here, props.point);
    place(pinned, pin);
  }

  /** The point of the map under a pointer, or null outside the axes. */
  function under(event) {
    const layout = drawn();
    if (!layout || !points) return null;
    const box = plot.getBoundingClientRect();
    const { xaxis, yaxis } = layout;
    const [px, py] = [event.clientX - box.left - xaxis._offset, event.clientY - box.top - yaxis._offset];
    if (px < 0 || py < 0 || px > xaxis._length || py > yaxis._length) return null;
    return [xaxis.p2d(px), yaxis.p2d(py)];
  }

  const width = (k) => {
    const { range } = drawn()[k ? 'yaxis' : 'xaxis'];
    return Math.abs(range[1] - range[0]);
  };

  function near([x, y]) {
    return nearest(points, x, y, width(0), width(1));
  }

  function show(at) {
    target = at;
    if (!frame && at) frame = requestAnimationFrame(() => { frame = 0; if (target) present(target); });
  }

  function present(at) {
    const close = near(at);
    const label = points.labels[close.index];
    const digit = `test digit ${thousands(close.index)}, a ${label}`;
    small.node.hidden = props.decodes === 'no';
    const where = `(${short(at[0], 3)}, ${short(at[1], 3)})`;
    const own = thumbnails?.subarray(784 * close.index, 784 * (close.index + 1));
    if (props.decodes === 'no') {
      if (own) big.paint(own, `nearest: ${digit}`);
      return;
    }
    if (own) small.paint(own, `nearest: ${digit}`);
    if (decoder) big.paint(decoder.decode(decoder.lift(...at)).map((value) => 255 * value), `decoded at ${where}`);
    else ask(at, where);
  }

  /** The newest point wins: while one answer is under way, only the last that was asked for is kept. */
  async function ask(at, where) {
    if (asking) return;
    asking = true;
    const answer = await server.decode([props.model, props.projection, ...at]);
    asking = false;
    if (typeof answer === 'string') big.paint(fromBase64(answer), `decoded at ${where}`);
    if (target && target !== at) present(target);
  }

  function rest() {
    if (!points || !drawn()) return;
    const at = pin ?? props.point;
    if (at) show(at);
  }

  function pinAt(at) {
    pin = at;
    placeMarks();
    show(at);
    spoken.textContent = `At ${short(at[0], 3)}, ${short(at[1], 3)}; nearest is a ${points.labels[near(at).index]}.`;
  }

  function choose(index) {
    pin = null;
    props.value = { index, x: points.xy[2 * index], y: points.xy[2 * index + 1] };
    trigger('input');
  }

  plot.addEventListener('pointermove', (event) => { const at = under(event); if (at) show(at); });
  plot.addEventListener('pointerleave', rest);
  plot.addEventListener('pointerup', (event) => { if (event.pointerType !== 'mouse') { const at = under(event); if (at) pinAt(at); } });
  plot.addEventListener('click', (event) => {
    const at = under(event);
    if (!at || event.target.closest('.modebar')) return;
    const close = near(at);
    if (close.distance < NEAR / 2 && event.pointerType === 'mouse') choose(close.index);
    else pinAt(at);
  });
  plot.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const from = pin ?? props.point;
    if (!points || !from || (!move && !['Enter', 'Escape'].includes(event.key))) return;
    event.preventDefault();
    const step = event.shiftKey ? 5 * STEP : STEP;
    if (move) pinAt([from[0] + move[0] * step * width(0), from[1] + move[1] * step * width(1)]);
    else if (event.key === 'Enter') choose(near(from).index);
    else { pin = null; placeMarks(); rest(); }
  });

  watch(['source', 'decoder'], load);
  watch('colour', redraw);
  watch('point', () => { pin = null; placeMarks(); rest(); });
  load();
}

function shownDigit(kind, title) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': title });
  const words = make('figcaption', { class: 'ae-caption ae-number' }, title);
  return {
    node: make('figure', { class: kind }, canvas, words),
    paint(bytes, caption) {
      paint(canvas, bytes);
      words.textContent = caption;
      canvas.setAttribute('aria-label', caption);
    },
  };
}
