/** The toy's three drawings: the plane with its points, the number line of the codes, and the error as it falls. */

import { ramp } from './palette.js';
import { STEPS } from './toy_run.js';

export const INSET = 9; // pixels: half the thumb of the slider below the number line, so that both agree
const DOTS = [3, 4]; // pixels: a dot's radius in a small plane, and in one wider than LARGE
const LARGE = 450;
const MARGIN = 0.08; // of the plane, around the points
const TEXT = { left: 44, bottom: 22, top: 8, right: 8 }; // pixels around the error's curve

/** A clean canvas in its size on the screen, and the page's colours. */
export function cleared(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const context = canvas.getContext('2d');
  canvas.width = width * window.devicePixelRatio;
  canvas.height = height * window.devicePixelRatio;
  context.scale(window.devicePixelRatio, window.devicePixelRatio);
  const style = getComputedStyle(canvas);
  const [ink, quiet, line, pca, ground] = ['--body-text-color', '--ae-quiet', '--ae-line', '--ae-below', '--background-fill-primary'].map((name) => style.getPropertyValue(name).trim());
  const scale = continuous(ramp(document.body.classList.contains('dark')));
  return { context, width, height, ink, quiet, line, pca, ground, scale, font: `12px ${style.fontFamily}` };
}

/** The colour at any share of a row of colours. */
function continuous(colours) {
  const parts = colours.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return (share) => {
    const place = Math.max(0, Math.min(1, share || 0)) * (parts.length - 1);
    const before = Math.min(Math.floor(place), parts.length - 2);
    return `rgb(${parts[before].map((part, i) => Math.round(part + (place - before) * (parts[before + 1][i] - part))).join(' ')})`;
  };
}

function stroke(context, colour, width, path, dash = []) {
  context.beginPath();
  path();
  Object.assign(context, { strokeStyle: colour, lineWidth: width });
  context.setLineDash(dash);
  context.stroke();
}

function dot(context, x, y, radius, fill, ring) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (ring) stroke(context, ring, radius > DOTS[1] ? 2.5 : 1, () => context.arc(x, y, radius, 0, 2 * Math.PI));
}

/** From points to pixels: the middle of the points in the middle, both axes to one scale. */
export function placer({ x }, width, height) {
  const ends = [0, 1].map((axis) => x.filter((_, i) => i % 2 === axis)).map((values) => [Math.min(...values), Math.max(...values)]);
  const scale = (1 - 2 * MARGIN) * Math.min(...[width, height].map((side, axis) => side / (ends[axis][1] - ends[axis][0])));
  const [middleX, middleY] = ends.map(([low, high]) => (low + high) / 2);
  return (xy, i) => [width / 2 + scale * (xy[2 * i] - middleX), height / 2 - scale * (xy[2 * i + 1] - middleY)];
}

/** `held`: where the slider is, {at: [x, y], point: a number or -1}. */
export function drawPlane(canvas, run, seen, held, withLines) {
  const { context, width, height, ink, quiet, pca, ground, scale } = cleared(canvas);
  const at = placer(run, width, height);
  const { x, pca: { axis } } = run;
  const radius = DOTS[Number(width > LARGE)];
  const far = axis.map((part) => 10 * part);
  stroke(context, pca, 2, () => { context.moveTo(...at(far.map((part) => -part), 0)); context.lineTo(...at(far, 0)); }, [8, 5]);
  const share = (code) => (code - seen.low) / (seen.high - seen.low);
  if (withLines) {
    stroke(context, quiet, 1, () => seen.codes.forEach((_, i) => { context.moveTo(...at(x, i)); context.lineTo(...at(seen.rebuilt, i)); }));
  }
  seen.codes.forEach((code, i) => dot(context, ...at(x, i), radius, scale(share(code)), quiet));
  stroke(context, ink, 2.5, () => { for (let i = 0; i < seen.curve.length / 2; i += 1) context.lineTo(...at(seen.curve, i)); });
  [0, seen.curve.length / 2 - 1].forEach((i) => dot(context, ...at(seen.curve, i), radius, ink));
  if (held.point >= 0) {
    stroke(context, ink, 2, () => { context.moveTo(...at(x, held.point)); context.lineTo(...at(held.at, 0)); });
    dot(context, ...at(x, held.point), radius + 2, scale(share(held.code)), ink);
  }
  dot(context, ...at(held.at, 0), radius + 4, ground, ink);
  dot(context, ...at(held.at, 0), radius, scale(share(held.code)));
}

export function drawNumberLine(canvas, seen, held) {
  const { context, width, height, ink, quiet, scale } = cleared(canvas);
  const share = (code) => (code - seen.low) / (seen.high - seen.low);
  const across = (code) => INSET + share(code) * (width - 2 * INSET);
  stroke(context, quiet, 1, () => { context.moveTo(0, height - 6); context.lineTo(width, height - 6); });
  for (const code of seen.codes) {
    stroke(context, scale(share(code)), 2, () => { context.moveTo(across(code), height - 6); context.lineTo(across(code), 10); });
  }
  stroke(context, ink, 2.5, () => { context.moveTo(across(held.code), 0); context.lineTo(across(held.code), height); });
}

/** The error after each step, on a logarithmic axis, and PCA's as a level. */
export function drawErrors(canvas, { errors, pca }) {
  const { context, width, height, ink, quiet, line, pca: orange, font } = cleared(canvas);
  const least = Math.floor(Math.log10(Math.min(pca.error, ...errors, 0.0999)));
  const most = Math.ceil(Math.log10(Math.max(1, ...errors.slice(0, 1))));
  const across = (step) => TEXT.left + ((width - TEXT.left - TEXT.right) * step) / STEPS;
  const up = (error) => TEXT.top + ((height - TEXT.top - TEXT.bottom) * (most - Math.log10(error))) / (most - least);
  Object.assign(context, { font, fillStyle: quiet, textAlign: 'right', textBaseline: 'middle' });
  for (let power = least; power <= most; power += 1) {
    stroke(context, line, 1, () => { context.moveTo(TEXT.left, up(10 ** power)); context.lineTo(width - TEXT.right, up(10 ** power)); });
    context.fillText(String(Number((10 ** power).toPrecision(1))), TEXT.left - 6, up(10 ** power));
  }
  context.textBaseline = 'alphabetic';
  context.fillText(`${STEPS.toLocaleString('en')} steps`, width - TEXT.right, height - 4);
  context.fillText('0', TEXT.left + 4, height - 4);
  stroke(context, orange, 2, () => { context.moveTo(TEXT.left, up(pca.error)); context.lineTo(width - TEXT.right, up(pca.error)); }, [8, 5]);
  stroke(context, ink, 2, () => errors.forEach((error, step) => context.lineTo(across(step), up(error))));
}

/** The plane as a Plotly chart. */
export function planeFigure({ x, pca: { axis } }, { codes, rebuilt, curve }) {
  const [along, across] = [0, 1].map((axis_) => (xy) => Array.from(xy).filter((_, i) => i % 2 === axis_));
  const far = Math.max(...Array.from(x, Math.abs)) * 1.2;
  const trace = (name, xy, look) => ({ type: 'scatter', name, x: along(xy), y: across(xy), ...look });
  const data = [
    trace('points', x, { mode: 'markers', marker: { color: Array.from(codes), colorscale: 'Viridis' } }),
    trace('reconstructions', rebuilt, { mode: 'markers', marker: { symbol: 'circle-open' } }),
    trace('the learnt curve', curve, { mode: 'lines' }),
    trace('PCA', [-far * axis[0], -far * axis[1], far * axis[0], far * axis[1]], { mode: 'lines', line: { dash: 'dash' } }),
  ];
  return { data, layout: { yaxis: { scaleanchor: 'x' } } };
}

/** The error after each step as a Plotly chart. */
export function errorsFigure({ errors, pca }) {
  const data = [
    { type: 'scatter', mode: 'lines', name: 'the network', x: Array.from(errors.keys()), y: Array.from(errors) },
    { type: 'scatter', mode: 'lines', name: 'PCA', x: [0, STEPS], y: [pca.error, pca.error], line: { dash: 'dash' } },
  ];
  return { data, layout: { xaxis: { title: { text: 'steps' } }, yaxis: { type: 'log', title: { text: 'mean squared error' } } } };
}
