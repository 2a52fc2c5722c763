import { make, short, thousands } from './elements.js';
import { decoderAt } from './map_data.js';
import { draw, fromBase64 } from './pixels.js';
import { drawSigned } from './signed.js';

const PIXELS = 784;

/** A digit as a sum of atoms. Each atom is a switch; all that are not shown share one. */
export function mount({ element, props, watch }) {
  const canvas = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': 'the sum of the atoms that are on' });
  const input = make('canvas', { width: 28, height: 28, class: 'ae-digit', role: 'img', 'aria-label': 'the input' });
  const words = make('p', { class: 'ae-caption', 'aria-live': 'polite' });
  const grid = make('div', { class: 'ae-atoms-grid', role: 'group', 'aria-label': 'Atoms of this digit' });
  const rest = make('button', { type: 'button', class: 'ae-button', onclick: () => flip('rest') });
  const tools = make('div', { class: 'ae-chips' },
    make('button', { type: 'button', class: 'ae-button', onclick: () => all(true) }, 'All on'),
    make('button', { type: 'button', class: 'ae-button', onclick: () => all(false) }, 'All off'), rest);
  element.replaceChildren(make('div', { class: 'ae-code-desk' },
    make('div', { class: 'ae-code-pictures' },
      make('figure', { class: 'ae-figure' }, canvas, make('figcaption', { class: 'ae-caption' }, 'built from the atoms that are on')),
      make('figure', { class: 'ae-figure' }, input, make('figcaption', { class: 'ae-caption' }, 'the input'))),
    make('div', {}, tools, words, grid)));
  const off = new Set();
  let decoder;

  async function build() {
    const { parts } = props;
    element.hidden = !parts;
    if (!parts) return;
    off.clear();
    draw(input, fromBase64(parts.picture));
    const pixels = fromBase64(parts.pictures);
    grid.replaceChildren(...parts.which.map((atom, i) => button(atom, pixels.subarray(PIXELS * i, PIXELS * (i + 1)))));
    decoder = undefined; // on its way
    const found = await decoderAt(parts.decoder).catch(() => null);
    if (parts !== props.parts) return;
    decoder = found;
    show();
  }

  function button(atom, pixels) {
    const picture = make('canvas', { width: 28, height: 28, class: 'ae-digit ae-signed', 'aria-hidden': 'true' });
    drawSigned(picture, pixels);
    const value = short(props.parts.code[atom], 2).replace('-', '\u2212');
    const node = make('button', {
      type: 'button', class: 'ae-atom', 'aria-label': `atom ${atom + 1}, times ${value}`, onclick: () => flip(atom),
    }, picture, make('span', { class: 'ae-caption ae-number' }, `${value} \u00d7`));
    node.atom = atom;
    return node;
  }

  function flip(what) {
    if (!off.delete(what)) off.add(what);
    show();
  }

  function all(on) {
    off.clear();
    if (!on) ['rest', ...props.parts.which].forEach((what) => off.add(what));
    show();
  }

  function show() {
    const { code, which } = props.parts;
    const shown = new Set(which);
    const z = code.map((number, atom) => (off.has(shown.has(atom) ? atom : 'rest') ? 0 : number));
    if (decoder) draw(canvas, decoder.decode(z).map((value) => 255 * value));
    [...grid.children].forEach((node) => node.setAttribute('aria-pressed', !off.has(node.atom)));
    const awake = code.filter((number) => number !== 0).length;
    const others = code.filter((number, atom) => number !== 0 && !shown.has(atom)).length;
    rest.hidden = !others;
    rest.setAttribute('aria-pressed', !off.has('rest'));
    rest.textContent = `the ${thousands(others)} weaker ones: ${off.has('rest') ? 'off' : 'on'}`;
    const on = z.filter((number) => number !== 0).length;
    words.textContent = decoder
      ? `${thousands(awake)} of ${thousands(code.length)} numbers are awake; ${thousands(on)} of their atoms are on.`
      : decoder === undefined ? 'The decoder is on its way.' : 'The decoder could not be fetched.';
  }

  watch('parts', build);
  build();
}
