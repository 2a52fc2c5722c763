/**
 * Small decoders, run in the browser. A file is: length of its header (uint32), the header as JSON, padded so that what
 * follows is aligned, and all weights as 16-bit floats. The header lists the layers in order; each takes its weights
 * from where the one before it stopped. `lift`, if there is one, leads from a point of the map to a code.
 */

/** ArrayBuffer -> {decode(z), lift(x, y)}: decode gives 784 pixels, 0 to 1; lift gives the code above a point. */
export function load(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const halves = new Uint16Array(buffer, 4 + length);
  const weights = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) weights[i] = HALVES[halves[i]];
  let used = 0;
  const take = (count) => {
    used += count;
    return weights.subarray(used - count, used);
  };
  const layers = header.layers.map((layer) => LAYERS[layer.op](layer, take));
  const plane = header.lift;

  function decode(z) {
    return layers.reduce((x, layer) => layer(x), Float32Array.from(z));
  }

  function lift(x, y) {
    return plane ? Float32Array.from(plane, ([a, b, offset]) => a * x + b * y + offset) : Float32Array.of(x, y);
  }

  return { decode, lift };
}

const LAYERS = {
  linear: ({ inputs, outputs }, take) => linear(take(inputs * outputs), take(outputs), inputs),
  gru: (layer, take) => gru(layer, take),
  convtranspose: (layer, take) => convTranspose(layer, take),
  unflatten: ({ channels, side }) => (x) => channelsLast(x, channels, side * side),
  flatten: ({ channels, side }) => (x) => channelsFirst(x, channels, side * side),
  relu: () => elementwise((value) => (value > 0 ? value : 0)),
  gelu: () => elementwise((value) => 0.5 * value * (1 + erf(value * Math.SQRT1_2))),
  sigmoid: () => elementwise(sigmoid),
  tanh: () => elementwise(Math.tanh),
  clamp: ({ low, high }) => elementwise((value) => Math.min(high, Math.max(low, value))),
};

function elementwise(change) {
  return (x) => {
    for (let i = 0; i < x.length; i += 1) x[i] = change(x[i]);
    return x;
  };
}

/** weights: outputs x inputs, row by row, as PyTorch keeps them. Several rows of inputs become as many of outputs. */
function linear(weights, bias, inputs) {
  return (x) => {
    const outputs = bias.length;
    const y = new Float32Array((x.length / inputs) * outputs);
    for (let o = 0; o < y.length; o += 1) {
      const from = Math.floor(o / outputs) * inputs;
      let sum = bias[o % outputs];
      for (let i = 0, w = (o % outputs) * inputs; i < inputs; i += 1, w += 1) sum += weights[w] * x[from + i];
      y[o] = sum;
    }
    return y;
  };
}

/** Fed with the code and the number of the step; all its states, one after the other. Gates: reset, update, new. */
function gru({ inputs, width, steps }, take) {
  const [fromInput, fromState] = [take(3 * width * inputs), take(3 * width * width)];
  const [bias, recall] = [take(3 * width), linear(fromState, take(3 * width), width)];
  const code = inputs - steps;
  return (z) => {
    const fed = bias.map((start, o) => z.reduce((sum, value, i) => sum + fromInput[o * inputs + i] * value, start));
    const states = new Float32Array(steps * width);
    let state = new Float32Array(width);
    for (let step = 0; step < steps; step += 1) {
      const told = (o) => fed[o] + fromInput[o * inputs + code + step];
      const before = recall(state);
      state = state.map((old, i) => {
        const reset = sigmoid(told(i) + before[i]);
        const update = sigmoid(told(width + i) + before[width + i]);
        return (1 - update) * Math.tanh(told(2 * width + i) + reset * before[2 * width + i]) + update * old;
      });
      states.set(state, step * width);
    }
    return states;
  };
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** Images lie pixel by pixel, all channels of a pixel together; weights are kernel row, column, input, output. */
function convTranspose({ inputs, outputs, kernel, stride, padding, side }, take) {
  const weights = take(inputs * outputs * kernel * kernel);
  const bias = take(outputs);
  const out = (side - 1) * stride - 2 * padding + kernel;
  return (x) => {
    const y = new Float32Array(out * out * outputs);
    for (let i = 0; i < y.length; i += 1) y[i] = bias[i % outputs];
    for (let from = 0; from < side * side; from += 1) {
      const top = Math.floor(from / side) * stride - padding;
      const left = (from % side) * stride - padding;
      for (let tap = 0; tap < kernel * kernel; tap += 1) {
        const row = top + Math.floor(tap / kernel);
        const column = left + (tap % kernel);
        if (row < 0 || row >= out || column < 0 || column >= out) continue;
        addProduct(y, (row * out + column) * outputs, outputs, x, from * inputs, inputs, weights, tap * inputs * outputs);
      }
    }
    return y;
  };
}

/** y[at...] += x[from...] times an inputs x outputs matrix. Inputs that a ReLU has silenced cost nothing. */
function addProduct(y, at, outputs, x, from, inputs, weights, first) {
  for (let i = 0; i < inputs; i += 1) {
    const value = x[from + i];
    if (value === 0) continue;
    for (let o = 0, w = first + i * outputs; o < outputs; o += 1, w += 1) y[at + o] += value * weights[w];
  }
}

function channelsLast(x, channels, pixels) {
  return x.map((_, i) => x[(i % channels) * pixels + Math.floor(i / channels)]);
}

function channelsFirst(x, channels, pixels) {
  return x.map((_, i) => x[(i % pixels) * channels + Math.floor(i / pixels)]);
}

/** The error function; 1.5e-7 off at most (Abramowitz and Stegun, 7.1.26). */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

/** What each of the 65,536 16-bit floats says (IEEE 754 binary16). */
export const HALVES = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});
