/** A code as a picture of a few pixels: one a number, in a square, orange below zero and blue above. */

export function drawCode(canvas, code) {
  const columns = code.length > 8 ? Math.ceil(Math.sqrt(code.length)) : code.length;
  const rows = Math.ceil(code.length / columns);
  Object.assign(canvas, { width: columns, height: rows });
  const largest = Math.max(...code.map(Math.abs)) || 1;
  const context = canvas.getContext('2d');
  const image = context.createImageData(columns, rows);
  code.forEach((number, i) => {
    image.data.set(number < 0 ? BELOW : ABOVE, 4 * i);
    image.data[4 * i + 3] = (255 * Math.abs(number)) / largest;
  });
  context.putImageData(image, 0, 0);
}

const ABOVE = [38, 104, 214];
const BELOW = [214, 120, 40];
