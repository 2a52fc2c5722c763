/** One training of the toy network from its first weights to its last, and what can be measured at any time of it. */

import { points, principal, randoms } from './toy_data.js';
import { decode, encode, network, step } from './toy_network.js';

export const STEPS = 1000;
const POINTS = 150;
const RATE = 0.02; // falls to nothing in the second half
const FINE = 240; // pieces of the learnt curve

/** `settings`: {curve, sigma, seed, activation, hidden, start}; seed draws the points, start the first weights. */
export function training(settings) {
  const x = points(settings.curve, POINTS, settings.sigma, settings.seed);
  const net = network(settings.hidden, settings.activation, randoms(settings.start));
  return { settings, x, net, pca: principal(x), errors: [] };
}

/** One step; false when there is none left. */
export function advance({ x, net, errors }) {
  if (net.steps === STEPS) return false;
  errors.push(step(net, x, RATE * Math.min(1, 2 - (2 * net.steps) / STEPS)));
  return net.steps < STEPS;
}

/** The codes and where they lead, the error, and the curve above all numbers from the smallest code to the largest. */
export function measured({ x, net }) {
  const codes = encode(net, x);
  const rebuilt = decode(net, codes);
  const error = rebuilt.reduce((sum, value, i) => sum + (value - x[i]) ** 2, 0) / x.length;
  const [low, high] = [codes.reduce((a, b) => Math.min(a, b)), codes.reduce((a, b) => Math.max(a, b))];
  const curve = decode(net, Float64Array.from({ length: FINE + 1 }, (_, i) => low + ((high - low) * i) / FINE));
  return { codes, rebuilt, error, low, high, curve };
}

/** Between the learnt curve, from end to end, and the principal axis: degrees from 0 to 90. */
export function angle({ pca: { axis: [a, b] } }, { curve }) {
  const [x, y] = [curve.at(-2) - curve[0], curve.at(-1) - curve[1]];
  return (180 / Math.PI) * Math.atan2(Math.abs(a * y - b * x), Math.abs(a * x + b * y));
}

/** The two neighbours on the curve whose codes differ most, as the first one's number and a share of all codes' range. */
export function tear({ settings, x }, { codes, low, high }) {
  const isClosed = settings.curve === 'circle';
  let found = { at: 0, share: 0 };
  for (let i = 0; i < codes.length - (isClosed ? 0 : 1); i += 1) {
    const share = Math.abs(codes[(i + 1) % codes.length] - codes[i]) / (high - low);
    if (share > found.share) found = { at: i, share };
  }
  const [from, to] = [found.at, (found.at + 1) % codes.length].map((i) => Math.atan2(x[2 * i + 1], x[2 * i]));
  const apart = Math.abs((180 / Math.PI) * (from - to));
  return { ...found, degrees: Math.min(apart, 360 - apart) };
}

/** How well the codes keep the points' order along an open curve: Spearman's rank correlation without its sign. */
export function order({ codes }) {
  const n = codes.length;
  const ranks = new Float64Array(n);
  Array.from(codes.keys()).sort((a, b) => codes[a] - codes[b]).forEach((i, rank) => { ranks[i] = rank; });
  const distance = ranks.reduce((sum, rank, i) => sum + (rank - i) ** 2, 0);
  return Math.abs(1 - (6 * distance) / (n * (n * n - 1)));
}
