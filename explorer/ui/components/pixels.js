/** Digits as bytes: 784 of them, row by row, 0 black and 255 white. */

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Paint one digit onto a 28 x 28 canvas. */
export function draw(canvas, bytes) {
  const context = canvas.getContext('2d');
  const image = context.createImageData(28, 28);
  for (let i = 0; i < 784; i += 1) {
    image.data.fill(bytes[i], 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
