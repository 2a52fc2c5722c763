import { drawingPad } from './drawing.js';
import { make, thousands } from './elements.js';
import { newest } from './newest.js';
import { forServer, photoSources } from './photos.js';
import { picture } from './picture.js';
import { fromBase64 } from './pixels.js';

const RASTER = 112; // pixels of a drawing on its way to the server: four for each of a digit's
const PAUSE = 120; // milliseconds between two pictures of one stroke that the rest of the page follows

const WORDS = {
  none: 'What you draw or photograph becomes the input of every view.',
  drawing: 'Your drawing is now the input of every view. On its way into MNIST\u2019s format:',
  photo: 'Your photo is now the input of every view. On its way into MNIST\u2019s format:',
};

/** A drawing or a photo becomes the input, and every step on its way into MNIST's format is shown. */
export function mount({ element, props, trigger, server, watch }) {
  const said = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const spoken = make('p', { class: 'ae-spoken', 'aria-live': 'polite' });
  const pad = drawingPad(drawn, (words) => { spoken.textContent = words; });
  const photos = photoSources(pad.canvas, photographed, say);
  const width = make('input', { type: 'range', class: 'ae-range', min: 6, max: 44, step: 1, value: 22, oninput: thicken });
  const thick = make('output', { class: 'ae-number' });
  const undo = button('Undo', pad.undo);
  const clear = button('Clear', empty);
  const back = make('button', { type: 'button', class: 'ae-link', onclick: empty });
  const polarity = make('select', { class: 'ae-field', onchange: again }, ...props.polarities.map((one) => make('option', {}, one)));
  const byPolarity = make('label', { class: 'ae-pad-choice', hidden: true }, 'ink of the photo', polarity);
  const result = picture('what the model makes of it');
  const steps = make('div', { class: 'ae-pad-steps', role: 'group', 'aria-label': 'On the way into MNIST\u2019s format' });
  element.replaceChildren(make('div', { class: 'ae-digit-pad' },
    make('div', { class: 'ae-pad-desk' }, pad.canvas, photos.video, result.node),
    make('div', { class: 'ae-chips' }, undo, clear, make('label', { class: 'ae-pad-choice' }, 'stroke', width, thick)),
    photos.buttons, byPolarity, said, steps, back, spoken));
  let photo = null; // the last one, for another choice of its ink
  const asking = newest(answered, take); // each answer is shown, so that the picture follows a stroke while it is drawn
  let timer = 0;
  let latest = 0;
  let sent = ''; // the input that this pad has made last, and the last one that the page has told
  let told = '';
  let notice = ''; // what has to be said until the next answer

  function button(title, act) {
    return make('button', { type: 'button', class: 'ae-button', onclick: act }, title);
  }

  function say(words) {
    notice = words;
    follow();
  }

  function drawn() {
    photo = null;
    if (pad.isEmpty()) asking.ask(() => ({ own: '', steps: [], result: '' }));
    else asking.ask(() => server.draw([props.model, toBase64(pad.raster(RASTER))]));
  }

  function photographed(blob) {
    photo = blob;
    pad.clear();
    again();
  }

  function again() {
    say('Reading the photo \u2026');
    const [blob, ink] = [photo, polarity.value];
    asking.ask(async () => server.photo([props.model, await forServer(blob), ink]));
  }

  function empty() {
    pad.clear();
    drawn();
  }

  async function answered(question) {
    try {
      return await question() ?? { error: 'The server did not answer; the next stroke asks again.' };
    } catch (problem) {
      return { error: problem.message };
    }
  }

  function take(answer) {
    showSteps(answer.steps ?? []);
    say(answer.error ? sentence(answer.error) : '');
    if (answer.error) return;
    result.show(answer.result);
    sent = answer.own;
    clearTimeout(timer);
    timer = setTimeout(send, latest + PAUSE - performance.now());
  }

  function send() {
    latest = performance.now();
    props.value = { own: sent };
    trigger('input');
  }

  function follow() {
    byPolarity.hidden = !photo;
    undo.disabled = pad.isEmpty();
    clear.disabled = undo.disabled && !photo;
    back.hidden = !props.own;
    back.textContent = `Back to test digit ${thousands(props.index)}`;
    said.textContent = notice || WORDS[props.own ? (photo ? 'photo' : 'drawing') : 'none'];
  }

  function showSteps(list) {
    steps.replaceChildren(...list.map(({ title, width: across, height, pixels }) => {
      const canvas = make('canvas', { width: across, height, role: 'img', 'aria-label': title });
      paint(canvas, fromBase64(pixels));
      return make('figure', { class: 'ae-figure' }, canvas, make('figcaption', { class: 'ae-caption' }, title));
    }));
  }

  function thicken() {
    pad.thicken(Number(width.value));
    thick.textContent = `${(width.value / 10).toFixed(1)} px`;
    width.style.setProperty('--ae-filled', `${(100 * (width.value - width.min)) / (width.max - width.min)}%`);
  }

  /** The input is another one again, chosen elsewhere: what is drawn here would no longer be it. */
  function heard() {
    if (props.own) told = props.own;
    else if (told && told === sent && !asking.isAsking() && !pad.isDrawing()) {
      told = sent = '';
      photo = null;
      pad.clear();
      showSteps([]);
      notice = '';
    }
    if (!asking.isAsking() && !pad.isDrawing()) result.show(props.result);
    follow();
  }

  watch(['own', 'index', 'model', 'result'], heard);
  thicken();
  heard();
}

function toBase64(bytes) {
  let letters = '';
  bytes.forEach((byte) => { letters += String.fromCharCode(byte); });
  return btoa(letters);
}

function sentence(words) {
  return `${words[0].toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
}

function paint(canvas, bytes) {
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  bytes.forEach((byte, i) => image.data.set([byte, byte, byte, 255], 4 * i));
  context.putImageData(image, 0, 0);
}
