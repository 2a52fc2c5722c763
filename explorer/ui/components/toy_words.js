/** What a training of the toy has come to, in sentences made of its figures. */

import { short, thousands } from './elements.js';
import { angle, order, tear } from './toy_run.js';

const ORDERLY = 0.98; // rank correlation
const CLOSE = 1; // degrees

export function verdict(run, seen) {
  const { activation, curve } = run.settings;
  if (activation === 'linear') return asLine(run, seen);
  return `${compared(run.pca.error / seen.error, run, seen)} ${curve === 'circle' ? aboutTear(run, seen) : aboutOrder(run, seen)}`;
}

function asLine(run, seen) {
  const [degrees, times] = [angle(run, seen), seen.error / run.pca.error];
  const found = `With the activation linear, the learnt line lies ${degrees.toFixed(1)}° from PCA\u2019s, and its error is ${times.toFixed(2)} times PCA\u2019s`;
  if (degrees < CLOSE) return `${found}: a linear autoencoder is PCA.`;
  return `${found}: the points are nearly as wide in every direction, so that nearly every line is as good.`;
}

function compared(times, { pca }, { error }) {
  const figures = `${short(error)} against ${short(pca.error)}`;
  if (times < 1.05) return `Squeezed to one number, the network\u2019s error is no smaller than PCA\u2019s: ${figures}.`;
  return `Squeezed to one number, the network\u2019s error is ${thousands(times < 10 ? times.toFixed(1) : short(times))} times smaller than PCA\u2019s: ${figures}.`;
}

function aboutTear(run, seen) {
  const { degrees } = tear(run, seen);
  return `It is torn: two neighbours on the circle, ${degrees.toFixed(1)}° apart, have codes ${gap(run, seen)}. A circle has no ends and a line has two, so somewhere neighbours must part, or places far from each other must share a code.`;
}

function aboutOrder(run, seen) {
  const correlation = order(seen);
  const figure = `rank correlation ${correlation.toFixed(3)}`;
  if (correlation < ORDERLY) return `But the code does not keep the points\u2019 order along the curve (${figure}): two neighbours there have codes ${gap(run, seen)}. Another start, other hidden units or less noise may do better.`;
  return `The code has found what nobody told it: how far along the curve a point lies (${figure}).`;
}

function gap(run, seen) {
  return `${Math.round(100 * tear(run, seen).share)} % of the number line apart`;
}

export const signed = (number) => short(number, 3).replace('-', '\u2212');

export const place = (xy, i) => `(${signed(xy[2 * i])}, ${signed(xy[2 * i + 1])})`;
