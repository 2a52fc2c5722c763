import { make } from './elements.js';

const SAID = 2500; // milliseconds

/** A row of small buttons under what they save: `ways` is {PNG: async () => blob, ...}, `named()` what the files are called. */
export function savers(what, ways, named) {
  return make('div', { class: 'ae-savers' }, ...Object.entries(ways).map(([format, made]) => make('button', {
    type: 'button', class: 'ae-link', 'aria-label': `Save the ${what} as ${format}`, onclick: ({ currentTarget }) => tried(currentTarget, async () => save(await made(), `${plain(named())}.${format.toLowerCase()}`)),
  }, format)));
}

/** What cannot be saved, because it is not drawn yet, is said on the button for a moment. */
async function tried(button, work) {
  try {
    await work();
  } catch {
    const words = button.textContent;
    Object.assign(button, { disabled: true, textContent: 'not drawn yet' });
    setTimeout(() => Object.assign(button, { disabled: false, textContent: words }), SAID);
  }
}

/** Words as the name of a file: "PSNR, in dB" -> "psnr-in-db". */
export function plain(words) {
  const letters = words.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 48);
  return letters.replace(/^-|-$/g, '') || 'figure';
}

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  make('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The colour behind a node: the nearest one that is painted. */
export function behind(node) {
  const colour = getComputedStyle(node).backgroundColor;
  const isPainted = !/^(transparent|rgba\(.*, 0\))$/.test(colour);
  return isPainted || !node.parentElement ? colour : behind(node.parentElement);
}
