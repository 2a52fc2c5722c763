/**
 * Paints the dots of a map onto a canvas, which takes a moment: what one sees before Plotly has come, and where it
 * cannot come. Dots come as groups {x, y, opacity, colours, levels}: all of a group have colours[0], or each its own
 * colours[levels[i]].
 */
export function paintDots(canvas, view, groups, size) {
  const scale = window.devicePixelRatio;
  const [width, height] = view.box.map((length) => Math.round(length * scale));
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  for (const { x, y, opacity, colours, levels } of groups) {
    const stamps = colours.map((colour) => stamp(colour, size * scale));
    const half = stamps[0].width / 2;
    context.globalAlpha = opacity;
    for (let i = 0; i < x.length; i += 1) {
      const [left, top] = view.toPixel([x[i], y[i]]);
      context.drawImage(stamps[levels ? levels[i] : 0], Math.round(left * scale - half), Math.round(top * scale - half));
    }
  }
}

/** One dot, to be copied ten thousand times. */
function stamp(colour, diameter) {
  const side = Math.ceil(diameter) + 2;
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.arc(side / 2, side / 2, diameter / 2, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}
