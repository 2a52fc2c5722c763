/** The files of a map, each fetched once for the whole page, and the search for the nearest dot. */

import { load } from './decoder.js';

const fetched = new Map();

async function buffer(address) {
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error((await answer.text()) || `the server answered ${answer.status}`);
  return answer.arrayBuffer();
}

function once(address, read) {
  if (!fetched.has(address)) {
    const promise = buffer(address).then(read);
    promise.catch(() => fetched.delete(address)); // asked again next time
    fetched.set(address, promise);
  }
  return fetched.get(address);
}

export const decoderAt = (address) => once(address, load);

export const thumbnailsAt = (address) => once(address, (content) => new Uint8Array(content));

export const pointsAt = (address) => once(address, (content) => {
  const length = new DataView(content).getUint32(0, true);
  const { n } = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)));
  const start = 4 + length;
  const xy = new Float32Array(content, start, 2 * n);
  const errors = new Float32Array(content, start + 8 * n, n);
  const labels = new Uint8Array(content, start + 12 * n, n);
  return { n, xy, errors, labels, range: [0, 1].map((axis) => central(xy, axis)) };
});

/** Where all but the outermost half per cent lie, with a margin: codes may be unbounded. */
function central(xy, axis) {
  const values = xy.filter((_, i) => i % 2 === axis).sort();
  const at = (share) => values[Math.round(share * (values.length - 1))];
  const margin = 0.08 * (at(0.995) - at(0.005)) || 1;
  return [at(0.005) - margin, at(0.995) + margin];
}

/** The dot nearest to (x, y) as seen on the screen: distances are shares of the two ranges. */
export function nearest({ n, xy }, x, y, width, height) {
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < n; i += 1) {
    const dx = (xy[2 * i] - x) / width;
    const dy = (xy[2 * i + 1] - y) / height;
    const distance = dx * dx + dy * dy;
    if (distance < least) {
      least = distance;
      best = i;
    }
  }
  return { index: best, distance: Math.sqrt(least) };
}
