/** The files of a map, fetched once for all maps of the page, and the search for the nearest dot. */

import { load } from './decoder.js';

const KEPT = 16; // files; the longest unused goes first
const fetched = new Map();

async function buffer(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error((await answer.text()) || `the server answered ${answer.status}`);
  return answer.arrayBuffer();
}

/** What `read` makes of the file at an address, fetched once. Rejects with a sentence. */
export function fileAt(address, read) {
  const promise = fetched.get(address) ?? buffer(address).then(read);
  promise.catch(() => fetched.delete(address)); // asked again next time
  fetched.delete(address);
  fetched.set(address, promise); // now the newest
  if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value);
  return promise;
}

export const decoderAt = (address) => fileAt(address, load);

export const thumbnailsAt = (address) => fileAt(address, (content) => new Uint8Array(content));

/** Header (its length first), then n points (x, y) and n errors as 32-bit floats, then n labels as bytes. */
export const pointsAt = (address) => fileAt(address, (content) => {
  const length = new DataView(content).getUint32(0, true);
  const { n } = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)));
  const start = 4 + length;
  const xy = new Float32Array(content, start, 2 * n);
  const errors = new Float32Array(content, start + 8 * n, n);
  const labels = new Uint8Array(content, start + 12 * n, n);
  const bounds = [0, 1].map((axis) => central(xy.filter((_, i) => i % 2 === axis)));
  return { n, xy, labels, errors, bounds, ...grouped(xy, labels, errors) };
});

/** Header (its length first) with what there is to say, then for each test digit the number of its cluster. */
export const clustersAt = (address) => fileAt(address, (content) => {
  const length = new DataView(content).getUint32(0, true);
  const { words } = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)));
  return { words, which: new Uint8Array(content, 4 + length) };
});

/** The same points, put into classes by their clusters instead of their labels. */
export const clustered = (points, { words, which }) => ({ ...points, words, ...grouped(points.xy, which.subarray(0, points.n), points.errors) });

/** Between which values the bulk lies: codes are unbounded, and a few far ones must not squeeze all others together. */
function central(values) {
  values.sort();
  const at = (share) => values[Math.round(share * (values.length - 1))];
  const reach = 0.4 * (at(0.95) - at(0.05)); // a bell curve is shown up to three sigma
  const margin = 0.03 * (at(1) - at(0)) || 1;
  const bounds = [Math.max(at(0.05) - reach, at(0) - margin), Math.min(at(0.95) + reach, at(1) + margin)];
  return reach ? bounds : [at(0) - margin, at(1) + margin];
}

/** The dots class by class, and which of nine steps each one's error reaches between the small and the large errors. */
function grouped(xy, classes, errors) {
  const sorted = Float32Array.from(errors).sort();
  const [low, high] = [0.02, 0.98].map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const level = (i) => Math.max(0, Math.min(8, Math.floor((9 * (errors[i] - low)) / (high - low || 1))));
  const groups = Array.from({ length: 10 }, (_, one) => {
    const of = Array.from(classes.keys()).filter((i) => classes[i] === one);
    const [x, y] = [0, 1].map((axis) => Float32Array.from(of, (i) => xy[2 * i + axis]));
    return { of, x, y, levels: Uint8Array.from(of, level) };
  });
  return { classes, groups, errorRange: [low, high] };
}

/** The picture of a place of a map, decoded by the server: base64. Rejects with the server's sentence. */
export async function decodedAt([model, projection, x, y]) {
  const answer = await fetch(new URL(`explorer/point/${model}/${projection}?x=${x}&y=${y}`, document.baseURI));
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

export const dotAt = ({ xy }, index) => [xy[2 * index], xy[2 * index + 1]];

/** The dot nearest to a point as seen on the screen, and how many pixels away it is; only classes that are `on` count. */
export function nearest({ n, xy, classes }, [x, y], [across, up], on) {
  const every = !on.includes(true);
  let index = 0;
  let least = Infinity;
  for (let i = 0; i < n; i += 1) {
    const dx = (xy[2 * i] - x) / across;
    const dy = (xy[2 * i + 1] - y) / up;
    const distance = dx * dx + dy * dy;
    if (distance < least && (every || on[classes[i]])) {
      least = distance;
      index = i;
    }
  }
  return { index, distance: Math.sqrt(least) };
}
