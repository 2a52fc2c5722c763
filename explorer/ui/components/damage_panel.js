import { make, short } from './elements.js';
import { newest } from './newest.js';
import { picture } from './picture.js';
import { draw, fromBase64 } from './pixels.js';

const SIDE = 28;
const REST = 200; // milliseconds without a move: then the rest of the view follows
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The frame of the block follows the hand in the browser; both pictures come from the server, the newest wins. */
export function mount({ element, props, trigger, server, watch }) {
  const damaged = picture('damaged');
  const rebuilt = picture('rebuilt by the model');
  const frame = make('button', { type: 'button', class: 'ae-block', onpointerdown: grab, onpointermove: drag, onpointerup: drop, onpointercancel: drop, onkeydown: step });
  const board = make('div', { class: 'ae-block-board' }, damaged.canvas, frame);
  damaged.node.prepend(board);
  const rows = make('div', { class: 'ae-code-rows ae-damage-rows' }, ...props.sliders.map(row));
  const said = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const undo = make('button', { type: 'button', class: 'ae-button', onclick: heal }, 'No damage');
  element.replaceChildren(make('div', { class: 'ae-code-desk' },
    make('div', { class: 'ae-code-pictures' }, damaged.node, rebuilt.node), make('div', {}, rows, undo, said)));
  let held = null; // where in the frame the hand has it, in pixels of the digit
  const asking = newest((asked) => server.damage(asked), take);
  let resting = 0;

  function row({ name, title, least, most, step: by }) {
    const value = make('output', { class: 'ae-number' });
    const slider = make('input', { type: 'range', min: least, max: most, step: by, 'aria-label': title, oninput: () => turn({ [name]: Number(slider.value) }) });
    const node = make('label', {}, make('span', {}, title), slider, value);
    node.follow = () => {
      slider.value = props.value[name];
      value.textContent = short(props.value[name], 3).replace('-', '\u2212');
    };
    return node;
  }

  function show() {
    element.hidden = !props.desk;
    const { left, top, block } = props.value;
    [...rows.children].forEach((one) => one.follow());
    frame.hidden = block === 0;
    Object.entries({ left, top, block }).forEach(([name, value]) => board.style.setProperty(`--ae-block-${name}`, value));
    frame.setAttribute('aria-label', `Black block at column ${left + 1}, row ${top + 1}: arrow keys move it`);
    said.textContent = block ? 'Drag the black block in the damaged picture, or move it by the arrow keys.' : '';
  }

  function turn(change) {
    const { left, top, ...rest } = { ...props.value, ...change };
    const most = SIDE - rest.block;
    props.value = { ...rest, left: Math.min(left, most), top: Math.min(top, most) };
    show();
    asking.ask([props.desk.model, props.desk.input, props.value]);
    clearTimeout(resting);
    resting = setTimeout(() => { resting = 0; trigger('input'); }, REST);
  }

  function take(answer, [model, input]) {
    if (model !== props.desk?.model || input !== props.desk?.input) return;
    if (typeof answer === 'string') paint(answer);
    else said.textContent = answer?.error ?? 'The server did not answer; the next move asks again.';
  }

  function paint(pictures) {
    const pixels = fromBase64(pictures);
    draw(damaged.canvas, pixels.subarray(0, SIDE * SIDE));
    draw(rebuilt.canvas, pixels.subarray(SIDE * SIDE));
  }

  /** What Python says, unless the hand has gone on since. */
  function arrive() {
    show();
    if (props.desk && !asking.isAsking() && !resting) paint(props.desk.pictures);
  }

  function heal() {
    turn(Object.fromEntries(props.sliders.filter(({ name }) => name !== 'seed').map(({ name }) => [name, 0])));
  }

  function at(event) {
    const { left, top, width } = damaged.canvas.getBoundingClientRect();
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
    const [left, top] = to.map((place) => Math.max(0, Math.min(SIDE - props.value.block, place)));
    if (left !== props.value.left || top !== props.value.top) turn({ left, top });
  }

  watch('desk', arrive);
  watch('value', show);
  arrive();
}
