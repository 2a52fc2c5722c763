/** Points of the plane that lie along a curve, and the straight line that suits them best. */

/** Where each curve is at a time from 0 to 1. */
export const CURVES = {
  parabola: (t) => [3 * t - 1.5, (3 * t - 1.5) ** 2],
  spiral: (t) => {
    const [radius, angle] = [0.25 + t, 2 * Math.PI * t];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  circle: (t) => [Math.cos(2 * Math.PI * t), Math.sin(2 * Math.PI * t)],
};

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randoms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number from the normal distribution (Box and Muller 1958). */
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** n points along a curve with noise of the spread sigma, in the curve's order; their mean is 0, their mean square 1. */
export function points(curve, n, sigma, seed) {
  const random = randoms(seed);
  const xy = Float64Array.from({ length: n }, (_, i) => (i + random()) / n)
    .reduce((all, t, i) => {
      CURVES[curve](t).forEach((value, axis) => { all[2 * i + axis] = value + sigma * normal(random); });
      return all;
    }, new Float64Array(2 * n));
  const mean = [0, 1].map((axis) => xy.reduce((sum, value, i) => sum + (i % 2 === axis ? value : 0), 0) / n);
  const centred = xy.map((value, i) => value - mean[i % 2]);
  const scale = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0) / (2 * n));
  return centred.map((value) => value / scale);
}

/** The first principal axis of centred points, a direction of length 1, and the error of the points on it. */
export function principal(xy) {
  let [a, b, c] = [0, 0, 0]; // the covariance is [[a, b], [b, c]]
  for (let i = 0; i < xy.length; i += 2) {
    a += xy[i] ** 2;
    b += xy[i] * xy[i + 1];
    c += xy[i + 1] ** 2;
  }
  const angle = Math.atan2(2 * b, a - c) / 2;
  const kept = (a + c + Math.hypot(a - c, 2 * b)) / 2;
  return { axis: [Math.cos(angle), Math.sin(angle)], error: (a + c - kept) / xy.length };
}
