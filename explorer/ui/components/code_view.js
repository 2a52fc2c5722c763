import { make, short, svg, thousands } from './elements.js';

const BARS = 64; // more numbers than this are drawn as a heat map
const SIZE = 100;

/** A code as bars or as a heat map, as {node, show(numbers, shape)}; pointer and arrow keys read single numbers. */
export function codeView() {
  const drawing = svg('svg', { viewBox: `0 0 ${SIZE} ${SIZE}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  const frame = make('div', { class: 'ae-code', tabindex: 0, role: 'slider', 'aria-label': 'Numbers of the code' }, drawing);
  const words = make('figcaption', { class: 'ae-caption ae-number' });
  const node = make('figure', { class: 'ae-figure' }, frame, words);
  let numbers = [];
  let columns = 1;
  let rows = 1;
  let at = 0;

  function show(code, shape) {
    numbers = code;
    const wide = numbers.length > BARS;
    columns = shape?.[1] ?? (wide ? Math.ceil(Math.sqrt(numbers.length)) : numbers.length);
    rows = wide || shape ? Math.ceil(numbers.length / columns) : 1;
    at = Math.min(at, numbers.length - 1);
    drawing.replaceChildren(...(rows === 1 ? bars(numbers) : cells(numbers, columns, rows)));
    frame.setAttribute('aria-valuemin', 1);
    frame.setAttribute('aria-valuemax', numbers.length);
    speak();
    words.textContent = about(numbers);
  }

  function speak() {
    frame.setAttribute('aria-valuenow', at + 1);
    frame.setAttribute('aria-valuetext', `number ${at + 1} of ${numbers.length}: ${said(numbers[at], 3)}`);
  }

  function read(index) {
    at = Math.max(0, Math.min(numbers.length - 1, index));
    speak();
    words.textContent = `z${at + 1} = ${said(numbers[at], 3)}`;
  }

  frame.addEventListener('pointermove', (event) => {
    const box = frame.getBoundingClientRect();
    const column = Math.min(columns - 1, Math.floor((columns * (event.clientX - box.left)) / box.width));
    const row = Math.min(rows - 1, Math.floor((rows * (event.clientY - box.top)) / box.height));
    read(columns * row + column);
  });
  frame.addEventListener('pointerleave', () => { words.textContent = about(numbers); });
  frame.addEventListener('blur', () => { words.textContent = about(numbers); });
  frame.addEventListener('keydown', (event) => {
    const down = rows > 1 ? columns : 1;
    const way = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: down, ArrowUp: -down, Home: -at, End: numbers.length }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    read(at + way);
  });

  return { node, show };
}

/** A number as it is read: with a minus sign, not a hyphen. */
function said(number, digits) {
  return short(number, digits).replace('-', '−');
}

function about(numbers) {
  const awake = numbers.filter((number) => number !== 0).length;
  const count = `${thousands(numbers.length)} ${numbers.length === 1 ? 'number' : 'numbers'}`;
  if (numbers.length <= 3) return `${count}: ${numbers.map((number) => said(number, 3)).join(', ')}`;
  if (awake < 0.9 * numbers.length) return `${count}, ${awake} of them not zero`;
  return `${count}, from ${said(Math.min(...numbers))} to ${said(Math.max(...numbers))}`;
}

function bars(numbers) {
  const high = Math.max(0, ...numbers);
  const low = Math.min(0, ...numbers);
  const unit = SIZE / (high - low || 1);
  const width = SIZE / numbers.length;
  const ground = high > low ? high * unit : SIZE;
  const zero = svg('rect', { class: 'ae-zero', x: 0, y: Math.min(ground, SIZE - 0.5), width: SIZE, height: 0.5 });
  const rectangles = numbers.map((number, i) => svg('rect', {
    class: number < 0 ? 'ae-below' : 'ae-above',
    x: (i + 0.1) * width,
    y: (high - Math.max(0, number)) * unit,
    width: 0.8 * width,
    height: Math.abs(number) * unit,
  }));
  return [...rectangles, zero];
}

function cells(numbers, columns, rows) {
  const largest = Math.max(...numbers.map(Math.abs)) || 1;
  return numbers.map((number, i) => svg('rect', {
    class: number < 0 ? 'ae-below' : 'ae-above',
    x: ((i % columns) * SIZE) / columns,
    y: (Math.floor(i / columns) * SIZE) / rows,
    width: SIZE / columns,
    height: SIZE / rows,
    'fill-opacity': (Math.abs(number) / largest).toFixed(3),
  }));
}
