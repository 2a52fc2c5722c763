import { make } from './elements.js';
import { draw, fromBase64 } from './pixels.js';

const SIDE = 28;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The frame follows the hand at once; the picture under it comes from the server. */
export function mount({ element, props, trigger, watch }) {
  const canvas = make('canvas', { width: SIDE, height: SIDE, class: 'ae-digit', role: 'img', 'aria-label': 'the damaged picture' });
  const frame = make('button', { type: 'button', class: 'ae-block', onpointerdown: grab, onpointermove: drag, onpointerup: drop, onpointercancel: drop, onkeydown: step });
  const board = make('div', { class: 'ae-block-board' }, canvas, frame);
  const words = make('p', { class: 'ae-caption' });
  element.replaceChildren(make('div', { class: 'ae-block-desk' }, board, words));
  let held = null; // where in the frame the hand has it, in pixels of the digit

  function show() {
    element.hidden = !props.board;
    if (!props.board) return;
    const { picture, side } = props.board;
    const { left, top } = props.value;
    draw(canvas, fromBase64(picture));
    frame.hidden = side === 0;
    Object.entries({ left, top, side }).forEach(([name, value]) => board.style.setProperty(`--ae-block-${name}`, value));
    frame.setAttribute('aria-label', `Black block at column ${left + 1}, row ${top + 1}: arrow keys move it`);
    words.textContent = side ? 'Drag the block, or move it by the arrow keys.' : 'Give the block a size, and it can be dragged here.';
  }

  function at(event) {
    const { left, top, width } = canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top].map((place) => (SIDE * place) / width);
  }

  function grab(event) {
    const [x, y] = at(event);
    held = [x - props.value.left, y - props.value.top];
    frame.setPointerCapture(event.pointerId);
  }

  function drag(event) {
    if (!held) return;
    const [x, y] = at(event);
    move(Math.round(x - held[0]), Math.round(y - held[1]));
  }

  function drop() {
    held = null;
  }

  function step(event) {
    const way = STEPS[event.key];
    if (!way) return;
    event.preventDefault();
    move(props.value.left + way[0], props.value.top + way[1]);
  }

  /** The block stays in the picture. */
  function move(...to) {
    const last = SIDE - props.board.side;
    const [left, top] = to.map((place) => Math.max(0, Math.min(last, place)));
    if (left === props.value.left && top === props.value.top) return;
    props.value = { left, top };
    show();
    trigger('input');
  }

  watch(['board', 'value'], show);
  show();
}
