import { figureSavers } from './chart_saving.js';
import { make, short, thousands } from './elements.js';
import { controls, FIRST } from './toy_controls.js';
import { drawErrors, drawNumberLine, drawPlane, errorsFigure, INSET, placer, planeFigure } from './toy_drawing.js';
import { decode } from './toy_network.js';
import { advance, measured, STEPS, training } from './toy_run.js';
import { place, signed, verdict } from './toy_words.js';

const PACE = { first: 2, growth: 0.05 }; // steps a frame: few at first, when most happens
const FRAME = 12; // milliseconds of a frame that may go into steps
const NEAR = 24; // pixels from a click to the point that it means
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };

/** A network of a few weights, trained here, in the browser, as one looks on; the server hears nothing of it. */
export function mount({ element }) {
  const board = controls((change) => begin({ ...settings, ...change }));
  const plane = make('canvas', { class: 'ae-toy-plane', tabindex: 0, role: 'slider', 'aria-label': 'Data point, by its order along the curve', 'aria-valuemin': 1, onclick: pick, onkeydown: walk });
  const line = make('canvas', { class: 'ae-toy-line', 'aria-hidden': 'true', onpointermove: point, onpointerdown: point });
  const slider = make('input', { type: 'range', class: 'ae-range', min: 0, max: 1, step: 0.005, 'aria-label': 'Code, from the smallest to the largest', oninput: () => hold(Number(slider.value)) });
  const about = make('p', { class: 'ae-caption ae-number ae-toy-held' });
  const errors = make('canvas', { class: 'ae-toy-errors', role: 'img' });
  const counted = make('p', { class: 'ae-caption ae-number' });
  const words = make('p', { class: 'ae-toy-words', role: 'status' });
  const lines = make('input', { type: 'checkbox', class: 'ae-switch', role: 'switch', checked: true, onchange: draw });
  const button = (text, onclick, look = '') => make('button', { type: 'button', class: `ae-button ${look}`, onclick }, text);
  const pause = button('Pause', () => { isRunning = !isRunning; go(); });
  const once = button('One step', () => { isRunning = false; advance(run); go(); });
  const buttons = make('div', { class: 'ae-buttons' },
    button('Train again', () => begin({ ...settings, start: settings.start + 1 }), 'ae-primary'), pause, once,
    button('Other points', () => begin({ ...settings, seed: settings.seed + 1 })));
  const legend = make('p', { class: 'ae-caption ae-toy-legend' },
    make('span', { class: 'ae-toy-learnt' }, 'the learnt curve'), make('span', { class: 'ae-toy-pca' }, 'PCA\u2019s line'), 'points coloured by their code');
  element.replaceChildren(make('div', { class: 'ae-toy' },
    make('div', { class: 'ae-toy-side' }, board.node, buttons),
    make('div', { class: 'ae-toy-main' }, plane, legend, figureSavers(plane, () => planeFigure(run, seen), () => `toy ${settings.curve}`),
      make('label', { class: 'ae-toy-switch' }, lines, 'lines from each point to its reconstruction'),
      make('p', { class: 'ae-toy-title' }, 'The one number, z'), line, slider, about),
    make('div', { class: 'ae-toy-results' }, words, make('p', { class: 'ae-toy-title' }, 'Mean squared error, 1 if everything is lost'), errors, counted, figureSavers(errors, () => errorsFigure(run), () => 'error of the toy'))));
  const still = window.matchMedia('(prefers-reduced-motion: reduce)');
  let settings = FIRST;
  let run;
  let seen;
  let held = { share: 0.5 }; // a place on the number line, or {point}, a data point
  let isRunning = true;
  let frame = 0;

  /** Training starts anew. */
  function begin(next) {
    settings = next;
    run = training(settings);
    isRunning = true;
    board.follow(settings);
    plane.setAttribute('aria-valuemax', run.x.length / 2);
    go();
  }

  /** On with it, or not: the state is said, and frames follow each other as long as it runs. */
  function go() {
    isRunning &&= run.net.steps < STEPS;
    const isDone = run.net.steps === STEPS;
    element.dataset.state = isRunning ? 'training' : isDone ? 'done' : 'paused';
    pause.textContent = isRunning || isDone ? 'Pause' : 'Go on';
    pause.disabled = once.disabled = isDone;
    cancelAnimationFrame(frame);
    if (isRunning) frame = requestAnimationFrame(learn);
    draw();
    if (isDone) seen = measured(run); // whoever looks elsewhere has not seen the end drawn
    words.textContent = isDone ? verdict(run, seen) : isRunning ? 'It is learning \u2026' : 'Training waits.';
  }

  function learn() {
    if (!element.isConnected) return;
    const start = performance.now();
    const most = still.matches ? STEPS : PACE.first + PACE.growth * run.net.steps;
    for (let i = 0; i < most && performance.now() - start < FRAME && advance(run); i += 1);
    go();
  }

  function draw() {
    if (!plane.clientWidth || (isRunning && still.matches)) return;
    seen = measured(run);
    const where = holding();
    drawPlane(plane, run, seen, where, lines.checked);
    drawNumberLine(line, seen, where);
    drawErrors(errors, run);
    say(where);
  }

  /** What the hand holds: its code, where that decodes to, and the data point it belongs to, or -1. */
  function holding() {
    const { point: chosen = -1, share } = held;
    const code = chosen >= 0 ? seen.codes[chosen] : seen.low + share * (seen.high - seen.low);
    return { point: chosen, code, at: decode(run.net, [code]) };
  }

  function say({ point: chosen, code, at }) {
    const [x, y] = chosen >= 0 ? [run.x[2 * chosen] - at[0], run.x[2 * chosen + 1] - at[1]] : [0, 0];
    const decoded = `is decoded to ${place(at, 0)}`;
    const ofPoint = `Point ${chosen + 1} at ${place(run.x, chosen)} has the code ${signed(code)}, which ${decoded}, ${short(Math.hypot(x, y))} away`;
    about.textContent = chosen >= 0 ? ofPoint : `z = ${signed(code)} ${decoded}`;
    slider.value = (code - seen.low) / (seen.high - seen.low);
    slider.setAttribute('aria-valuetext', `z = ${signed(code)} ${decoded}`);
    plane.setAttribute('aria-valuenow', Math.max(0, chosen) + 1);
    plane.setAttribute('aria-valuetext', chosen >= 0 ? about.textContent : 'none is chosen');
    const figures = `step ${thousands(run.net.steps)}: the network ${short(seen.error)}, PCA ${short(run.pca.error)}`;
    counted.textContent = figures;
    errors.setAttribute('aria-label', `Error of the network after each step and, dashed, of PCA; ${figures}`);
  }

  function hold(share) {
    held = { share };
    draw();
  }

  function choose(chosen) {
    held = { point: Math.max(0, Math.min(run.x.length / 2 - 1, chosen)) };
    draw();
  }

  /** The place on the number line under a finger or a mouse. */
  function point({ clientX }) {
    const { left, width } = line.getBoundingClientRect();
    hold(Math.max(0, Math.min(1, (clientX - left - INSET) / (width - 2 * INSET))));
  }

  function pick({ offsetX, offsetY }) {
    const at = placer(run, plane.clientWidth, plane.clientHeight);
    const distances = Array.from({ length: run.x.length / 2 }, (_, i) => at(run.x, i)).map(([x, y]) => Math.hypot(x - offsetX, y - offsetY));
    const least = Math.min(...distances);
    if (least < NEAR) choose(distances.indexOf(least));
  }

  function walk(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    choose((held.point ?? -1) + KEYS[event.key]);
  }

  new ResizeObserver(draw).observe(plane);
  new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ['class'] }); // light or dark
  begin(settings);
}
