/** Signed numbers as colour: red above zero, blue below, nothing at zero, so that it lies on white and on black alike. */

const ABOVE = [214, 40, 60];
const BELOW = [38, 104, 214];
const FULL = 64; // of 127: an error of half the way from black to white has the full colour

/** 784 signed bytes, +-127 for an error of +-1, onto a 28 x 28 canvas. */
export function drawSigned(canvas, bytes) {
  const errors = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const context = canvas.getContext('2d');
  const image = context.createImageData(28, 28);
  errors.forEach((error, i) => {
    image.data.set(error > 0 ? ABOVE : BELOW, 4 * i);
    image.data[4 * i + 3] = Math.min(255, (255 * Math.abs(error)) / FULL);
  });
  context.putImageData(image, 0, 0);
}
