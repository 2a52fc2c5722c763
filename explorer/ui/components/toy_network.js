/**
 * A small autoencoder, written out: 2 numbers -> hidden units -> 1 number -> hidden units -> 2 numbers. The forward pass,
 * the backward pass and Adam are all there is to deep learning here; a test holds all three to PyTorch.
 *
 * Points lie row by row in a Float64Array. All weights and biases lie in one array too, which makes Adam one loop; each
 * layer looks at its own part of it.
 */

const SPREAD = 3; // of the first biases, so that the bends of the hidden units lie all over the data

/** Each with its slope, told from the value y and not from what went in. */
export const ACTIVATIONS = {
  tanh: { of: Math.tanh, slope: (y) => 1 - y * y },
  ReLU: { of: (x) => (x > 0 ? x : 0), slope: (y) => (y > 0 ? 1 : 0) },
  linear: { of: (x) => x, slope: () => 1 },
};

/** A network with weights that `random`, a source of numbers from 0 to 1, has drawn (Glorot and Bengio 2010). */
export function network(hidden, activation, random) {
  const sizes = [2, hidden, 1, hidden, 2];
  const count = sizes.slice(1).reduce((sum, outputs, i) => sum + outputs * (sizes[i] + 1), 0);
  const [theta, gradient, mean, square] = Array.from({ length: 4 }, () => new Float64Array(count));
  let used = 0;
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const [weights, biases] = [used, used + inputs * outputs];
    used = biases + outputs;
    const of = (array) => ({ weights: array.subarray(weights, biases), biases: array.subarray(biases, used) });
    const bent = i % 2 === 0; // the code and the reconstruction may be any number
    return { inputs, outputs, ...of(theta), slopes: of(gradient), ...ACTIVATIONS[bent ? activation : 'linear'] };
  });
  for (const { inputs, outputs, weights, biases } of layers) {
    const reach = Math.sqrt(6 / (inputs + outputs));
    weights.forEach((_, i) => { weights[i] = reach * (2 * random() - 1); });
    biases.forEach((_, i) => { biases[i] = SPREAD * (2 * random() - 1); });
  }
  return { layers, theta, gradient, mean, square, steps: 0 };
}

/** What one layer makes of n points: (n x inputs) -> (n x outputs). */
function passed({ inputs, outputs, weights, biases, of }, x) {
  const n = x.length / inputs;
  const y = new Float64Array(n * outputs);
  for (let p = 0; p < n; p += 1) {
    for (let o = 0; o < outputs; o += 1) {
      let sum = biases[o];
      for (let i = 0; i < inputs; i += 1) sum += weights[o * inputs + i] * x[p * inputs + i];
      y[p * outputs + o] = of(sum);
    }
  }
  return y;
}

export const encode = ({ layers }, x) => passed(layers[1], passed(layers[0], x));

export const decode = ({ layers }, z) => passed(layers[3], passed(layers[2], z));

/** The mean squared error over all numbers, and its gradient by every weight, left in `net.gradient`. */
export function backward(net, x) {
  const values = [x]; // of the input and of every layer
  for (const layer of net.layers) values.push(passed(layer, values.at(-1)));
  let error = 0;
  let slope = values.at(-1).map((y, i) => { // of the error, by what the layer gives
    error += (y - x[i]) ** 2 / x.length;
    return (2 * (y - x[i])) / x.length;
  });
  net.gradient.fill(0);
  for (let k = net.layers.length - 1; k >= 0; k -= 1) slope = returned(net.layers[k], values[k], values[k + 1], slope);
  return error;
}

/** The chain rule through one layer: adds the slopes of its weights, returns the slope by what went in. */
function returned({ inputs, outputs, weights, slopes, slope: bend }, x, y, above) {
  const below = new Float64Array(x.length);
  for (let p = 0; p < x.length / inputs; p += 1) {
    for (let o = 0; o < outputs; o += 1) {
      const slope = above[p * outputs + o] * bend(y[p * outputs + o]);
      slopes.biases[o] += slope;
      for (let i = 0; i < inputs; i += 1) {
        slopes.weights[o * inputs + i] += slope * x[p * inputs + i];
        below[p * inputs + i] += slope * weights[o * inputs + i];
      }
    }
  }
  return below;
}

/** One step of Adam (Kingma and Ba 2015) on all points at once; returns the error before it. */
export function step(net, x, rate) {
  const error = backward(net, x);
  net.steps += 1;
  const { theta, gradient, mean, square, steps } = net;
  for (let i = 0; i < theta.length; i += 1) {
    mean[i] += 0.1 * (gradient[i] - mean[i]);
    square[i] += 0.001 * (gradient[i] ** 2 - square[i]);
    theta[i] -= ((rate / (1 - 0.9 ** steps)) * mean[i]) / (Math.sqrt(square[i] / (1 - 0.999 ** steps)) + 1e-8);
  }
  return error;
}
