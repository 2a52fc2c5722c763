import { make, thousands } from './elements.js';
import { canvasOf, coloursAt, paint, read, unpacked } from './numbers.js';

const STEP = 2600; // milliseconds that a step stands while it plays
const FRAME = 130; // and one row of a step that has several
const LARGE = 300; // pixels that a picture may be high
const SMALL = 60;
const CELL = 80; // and that one number may be wide
const PARTS = { encoder: 'Encoder', code: 'Code', decoder: 'Decoder' };

/**
 * All numbers are in the browser: the slider, the arrow keys and the strip show each step at once, and Play goes through
 * all of them. A position is a step and one of its frames. Who prefers reduced motion is played whole steps.
 */
export function mount({ element, props, trigger, watch }) {
  const button = (text, onclick, kind = '') => make('button', { type: 'button', class: `ae-button ${kind}`, onclick }, text);
  const playing = button('Play', () => (timer ? stop() : play()), 'ae-primary');
  const slider = make('input', { type: 'range', class: 'ae-range', min: 0, step: 1, 'aria-label': 'Step', oninput: () => go(Number(slider.value)) });
  const count = make('span', { class: 'ae-slow-count ae-number' });
  const noise = make('input', { type: 'checkbox', class: 'ae-switch', onchange: () => draw({ noise: noise.checked }) });
  const again = button('', () => draw({ seed: (props.value?.seed ?? 0) + 1 }));
  const noisy = make('label', {}, noise, 'Noise, as in training');
  const chance = make('div', { class: 'ae-slow-chance' }, again, noisy);
  const transport = make('div', { class: 'ae-slow-transport' },
    button('Back', () => go(at - 1)), playing, button('Forward', () => go(at + 1)), slider, count, chance);
  const strip = make('div', { class: 'ae-slow-strip' });
  const title = make('h3');
  const words = make('p');
  const pictures = make('div', { class: 'ae-slow-pictures' });
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  const root = make('div', { class: 'ae-slow', role: 'group', 'aria-label': 'Slow motion', onkeydown: walk },
    transport, strip, make('div', { class: 'ae-slow-stage' }, title, words, pictures), spoken);
  element.replaceChildren(root);
  let steps = [];
  let all = []; // the pictures
  let positions = []; // {step, frame}
  let buttons = [];
  let colours;
  let at = 0;
  let drawn = -1; // the step that is on the stage
  let timer = 0;
  let model = '';

  function build() {
    const { motion } = props;
    element.hidden = !motion;
    if (!motion) return;
    const before = steps.length && model === motion.model ? [at, positions.length, steps[positions[at].step].part] : [0, 0, 'encoder'];
    if (model !== motion.model) stop();
    ({ model, steps } = motion);
    all = unpacked(motion);
    colours = coloursAt(root);
    positions = steps.flatMap(({ frames }, step) => Array.from({ length: frames }, (_, frame) => ({ step, frame })));
    buttons = steps.map(thumbnail);
    strip.replaceChildren(...Object.keys(PARTS).map((part) => make('div', { role: 'group', 'aria-label': PARTS[part] },
      make('span', { class: 'ae-caption' }, PARTS[part]), make('div', {}, ...buttons.filter((_, i) => steps[i].part === part)))));
    slider.max = positions.length - 1;
    chance.hidden = !motion.chance;
    again.textContent = motion.chance?.again ?? '';
    noisy.hidden = typeof motion.chance?.noise !== 'boolean';
    noise.checked = motion.chance?.noise ?? false;
    again.disabled = !noisy.hidden && !noise.checked;
    drawn = -1;
    const [was, length, part] = before; // with noise the encoder has one step more; what follows it stays in its place
    show(part === 'encoder' ? was : was + positions.length - length);
  }

  function thumbnail(step, i) {
    const picture = picturesOf(step).at(-1);
    const canvas = canvasOf(picture);
    canvas.style.width = `${SMALL * Math.min(1, canvas.width / canvas.height)}px`;
    paint(canvas, picture, colours);
    const shape = picture.shape.filter((size, axis) => axis || size > 1).map(thousands).join(' \u00d7 ');
    return make('button', { type: 'button', class: 'ae-slow-thumbnail', 'aria-label': `Step ${i + 1}: ${step.title}, ${shape}`, onclick: () => go(positions.findIndex((one) => one.step === i)) },
      make('span', {}, canvas), step.title, make('small', { class: 'ae-number' }, shape));
  }

  function picturesOf(step) {
    return step.pictures.map((i) => all[i]);
  }

  /** To a position, because the visitor wants to. */
  function go(position) {
    stop();
    show(position);
    speak();
  }

  function show(position) {
    at = Math.max(0, Math.min(positions.length - 1, position));
    const { step, frame } = positions[at];
    const { frames } = steps[step];
    if (drawn !== step) stage(step);
    const shown = picturesOf(steps[step]);
    pictures.querySelectorAll('canvas').forEach((canvas, i) => paint(canvas, shown[i], colours, frame));
    slider.value = at;
    slider.style.setProperty('--ae-filled', `${(100 * at) / (positions.length - 1)}%`);
    count.textContent = `Step ${step + 1} of ${steps.length}${frames > 1 ? `, row ${frame + 1} of ${frames}` : ''}`;
    slider.setAttribute('aria-valuetext', `${count.textContent}: ${steps[step].title}`);
  }

  /** Draw a step large, and move the strip so far that its thumbnail is in the middle. */
  function stage(step) {
    drawn = step;
    const { words: sentence, part, signs } = steps[step];
    title.textContent = `${PARTS[part]}: ${steps[step].title}`;
    words.textContent = sentence;
    pictures.replaceChildren(...picturesOf(steps[step]).map((picture, i) => figure(picture, i ? signs[i - 1] : '')));
    buttons.forEach((one, i) => {
      one.classList.toggle('ae-later', i > step);
      if (i === step) one.setAttribute('aria-current', 'step');
      else one.removeAttribute('aria-current');
    });
    const { offsetLeft, offsetWidth } = buttons[step];
    strip.scrollTo({ left: offsetLeft + (offsetWidth - strip.clientWidth) / 2 });
  }

  function figure(picture, sign) {
    const canvas = canvasOf(picture, { role: 'img', 'aria-label': `${picture.name}: ${picture.about}` });
    const about = make('span', { class: 'ae-caption ae-number' }, picture.about);
    const [, , columns] = picture.tiles;
    const ratio = canvas.width / canvas.height;
    canvas.style.width = `${Math.min(LARGE * Math.max(1, Math.min(ratio, 1.3)), LARGE * ratio, CELL * columns)}px`;
    canvas.onpointermove = ({ offsetX, offsetY }) => {
      const scale = canvas.width / canvas.clientWidth;
      about.textContent = read(picture, Math.floor(offsetX * scale), Math.floor(offsetY * scale)) || picture.about;
    };
    canvas.onpointerleave = () => { about.textContent = picture.about; };
    return make('div', { class: 'ae-slow-term' }, sign ? make('span', { class: 'ae-slow-sign', 'aria-hidden': 'true' }, sign) : null,
      make('figure', {}, canvas, make('figcaption', {}, make('b', {}, picture.name), about)));
  }

  function speak() {
    const { step } = positions[at];
    const [out] = picturesOf(steps[step]).slice(-1);
    spoken.textContent = positions[at].frame ? count.textContent : `${count.textContent}: ${steps[step].title}. ${steps[step].words} ${out.name}: ${out.about}.`;
  }

  function play() {
    if (at === positions.length - 1) show(0);
    playing.textContent = 'Pause';
    speak();
    wait();
  }

  function wait() {
    const { step, frame } = positions[at];
    timer = setTimeout(advance, frame < steps[step].frames - 1 ? FRAME : STEP);
  }

  function advance() {
    if (!root.isConnected || root.offsetParent === null) return stop();
    const { step } = positions[at];
    const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    show(isCalm ? positions.findLastIndex((one) => one.step <= step + 1) : at + 1);
    if (positions[at].step !== step) speak();
    return at === positions.length - 1 ? stop() : wait();
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    playing.textContent = 'Play';
  }

  function walk(event) {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: positions.length - 1 }[event.key];
    if (to === undefined || event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(to);
  }

  /** Something else by chance: the server computes all anew. */
  function draw(wish) {
    props.value = { seed: 0, noise: true, ...props.value, ...wish };
    trigger('input');
  }

  watch('motion', build);
  build();
}
