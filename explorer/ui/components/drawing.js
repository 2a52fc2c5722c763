import { make } from './elements.js';

const SIDE = 280; // the pad in its own units, ten for each of a digit's pixels
const STEP = 10; // how far an arrow key moves the pen; with Shift a fifth of it

/**
 * Strokes on a black square: by mouse, finger or pen, and by keys (arrows move, Space puts the pen down or lifts it).
 * `onstroke()` is called for every change by the visitor, `said(words)` with what the keys have done.
 */
export function drawingPad(onstroke, said) {
  const canvas = make('canvas', {
    class: 'ae-pad', width: 2 * SIDE, height: 2 * SIDE, tabindex: 0, role: 'application',
    'aria-label': 'Drawing pad. Arrow keys move the pen, Space puts it down or lifts it, Control Z takes a stroke back.',
  });
  const context = canvas.getContext('2d');
  const pen = { x: SIDE / 2, y: SIDE / 2, isDown: false, isSeen: false };
  let strokes = [];
  let stroke = null; // the one that is being drawn
  let width = 22;

  function paint(target, size) {
    target.setTransform(1, 0, 0, 1, 0, 0);
    target.fillStyle = '#000';
    target.fillRect(0, 0, size, size);
    target.scale(size / SIDE, size / SIDE);
    Object.assign(target, { strokeStyle: '#fff', lineCap: 'round', lineJoin: 'round' });
    strokes.forEach(({ points, width: thick }) => {
      target.lineWidth = thick;
      target.beginPath();
      target.moveTo(points[0][0] - 0.01, points[0][1]); // a line without length would not be drawn
      points.forEach(([x, y]) => target.lineTo(x, y));
      target.stroke();
    });
  }

  function show() {
    paint(context, 2 * SIDE);
    if (!strokes.length && !pen.isSeen) invite();
    if (!pen.isSeen) return;
    Object.assign(context, { lineWidth: 3, strokeStyle: '#e69f00' });
    context.beginPath();
    context.arc(pen.x, pen.y, Math.max(width / 2, 6), 0, 7);
    context.moveTo(pen.x - 3, pen.y);
    context.lineTo(pen.x + 3, pen.y);
    context.stroke();
  }

  function invite() {
    Object.assign(context, { fillStyle: '#9aa3a7', font: '15px sans-serif', textAlign: 'center' });
    context.fillText('draw a digit here', SIDE / 2, SIDE / 2);
  }

  function begin(point) {
    stroke = { points: [point], width };
    strokes.push(stroke);
    changed();
  }

  function changed() {
    show();
    onstroke();
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  function down(event) {
    if (event.button > 0 || !event.isPrimary) return;
    lift();
    pen.isSeen = false;
    canvas.setPointerCapture(event.pointerId);
    begin(at(event));
  }

  function move(event) {
    if (!stroke || pen.isDown || !event.isPrimary) return;
    const seen = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(seen.length ? seen : [event]).map(at));
    changed();
  }

  function lift() {
    stroke = null;
    pen.isDown = false;
  }

  function key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey);
    if (!way && !isUndo && event.key !== ' ') return;
    event.preventDefault();
    if (isUndo) undo();
    else if (way) step(way, event.shiftKey ? STEP / 5 : STEP);
    else turn();
  }

  function step([right, below], far) {
    pen.x = Math.min(SIDE, Math.max(0, pen.x + right * far));
    pen.y = Math.min(SIDE, Math.max(0, pen.y + below * far));
    pen.isSeen = true;
    if (!pen.isDown) show();
    else {
      stroke.points.push([pen.x, pen.y]);
      changed();
    }
    tell();
  }

  function turn() {
    const isDown = !pen.isDown;
    lift();
    pen.isDown = isDown;
    pen.isSeen = true;
    if (isDown) begin([pen.x, pen.y]);
    else show();
    tell();
  }

  function tell() {
    said(`The pen is ${pen.isDown ? 'down' : 'up'}, at column ${Math.round(pen.x / 10)}, row ${Math.round(pen.y / 10)} of 28.`);
  }

  function undo() {
    lift();
    if (strokes.pop()) changed();
  }

  /** Without a word to anybody. */
  function clear() {
    lift();
    strokes = [];
    show();
  }

  /** What is drawn, size x size bytes. */
  function raster(size) {
    const small = make('canvas', { width: size, height: size }).getContext('2d', { willReadFrequently: true });
    paint(small, size);
    return small.getImageData(0, 0, size, size).data.filter((_, i) => i % 4 === 0);
  }

  canvas.addEventListener('pointerdown', down);
  canvas.addEventListener('pointermove', move);
  ['pointerup', 'pointercancel'].forEach((name) => canvas.addEventListener(name, () => { if (!pen.isDown) lift(); }));
  canvas.addEventListener('keydown', key);
  canvas.addEventListener('blur', () => { pen.isSeen = false; lift(); show(); });
  show();
  return {
    canvas, undo, clear, raster,
    isEmpty: () => strokes.length === 0,
    isDrawing: () => stroke !== null,
    thicken: (units) => { width = units; },
  };
}
