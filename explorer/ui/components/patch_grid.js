import { make } from './elements.js';
import { newest } from './newest.js';
import { patchAttention } from './patch_attention.js';
import { patchBoard } from './patch_board.js';
import { brush } from './patch_brush.js';
import { patchControls } from './patch_controls.js';
import { patchTokens } from './patch_tokens.js';
import { picture } from './picture.js';
import { draw, fromBase64 } from './pixels.js';
import { drawSigned } from './signed.js';

const PIXELS = 784;
const SIGNED = 2; // the third picture is the error
const TITLES = ['raw output', 'pasted', 'error', 'best linear guess', 'mean image', 'nearest visible pixel'];
const HOW = 'Press a patch to hide or show it, and drag to paint; arrow keys move, space turns a patch over.';
const asBits = (text) => [...text].map((bit) => bit === '1');

/** Choose or paint which patches are hidden; each change is filled by the server at once, and told to Python when it stands. */
export function mount({ element, props, trigger, server, watch }) {
  let wish = props.value;
  let mask = [];
  const asking = newest((asked) => server.fill(asked), take);
  let explaining = 0;

  const controls = patchControls(props.patterns, props.seeds, turn, commit);
  const board = patchBoard('Patches of the input; pressed ones are hidden', (i, event) => {
    if (event.detail) return; // by pointer; that is the brush's
    paint(i, !mask[i]);
    commit();
  });
  const words = make('p', { class: 'ae-note', 'aria-live': 'polite' });
  const back = make('button', { type: 'button', class: 'ae-button', onclick: () => { turn({}); commit(); } }, 'Back to the pattern');
  const swap = make('button', { type: 'button', class: 'ae-button', onclick: turnOver }, 'Swap hidden and visible');
  const figures = TITLES.map(picture);
  figures[SIGNED].canvas.classList.add('ae-signed');
  const tokens = patchTokens();
  const attention = patchAttention();
  element.replaceChildren(make('div', { class: 'ae-patch-grid' },
    controls.node,
    make('div', { class: 'ae-patch-input' }, board.node, make('p', { class: 'ae-caption' }, HOW), make('div', { class: 'ae-chips' }, back, swap)),
    make('div', {}, words, make('div', { class: 'ae-patch-pictures' }, ...figures.map(({ node }) => node))),
    tokens.node,
    attention.node));
  brush(board, (i) => mask[i], paint, commit);

  /** What Python says: another model or another input, with the mask as it was. */
  function show() {
    const { patches } = props;
    element.hidden = !patches;
    if (!patches) return;
    if (patches.side !== board.side) {
      board.cut(patches.side);
      mask = Array(patches.side ** 2).fill(false);
      if (patches.side !== wish.side) wish = { ...wish, side: patches.side, mask: '' };
    }
    draw(board.canvas, fromBase64(patches.picture));
    props.value = wish;
    ask();
  }

  /** A control turns; what was painted is forgotten. */
  function turn(part) {
    wish = { ...wish, ...part, mask: '' };
    ask();
  }

  function paint(i, hidden) {
    mask[i] = hidden;
    painted();
  }

  function turnOver() {
    mask = mask.map((hidden) => !hidden);
    painted();
    commit();
  }

  function painted() {
    wish = { ...wish, mask: mask.map((hidden) => (hidden ? '1' : '0')).join('') };
    mark();
    ask();
  }

  function commit() {
    props.value = wish;
    trigger('input');
  }

  function mark() {
    let token = 0;
    board.cells.forEach((cell, i) => {
      cell.classList.toggle('ae-hidden', mask[i]);
      cell.setAttribute('aria-pressed', mask[i]);
      const number = mask[i] || !props.patches.tokens ? '' : String((token += 1));
      if (cell.textContent !== number) cell.textContent = number;
      cell.setAttribute('aria-label', number ? `${board.place(i)}, token ${number}` : board.place(i));
    });
  }

  /** Draw an answer; a pattern's patches come with it, painted ones are here already. */
  function fill(answer, asked) {
    if (!asked.mask && !wish.mask) mask = asBits(answer.mask);
    mark();
    const pixels = fromBase64(answer.pictures);
    const plain = figures.filter((_, i) => i !== SIGNED);
    plain.forEach(({ canvas }, i) => draw(canvas, pixels.subarray(PIXELS * i, PIXELS * (i + 1))));
    drawSigned(figures[SIGNED].canvas, fromBase64(answer.error));
    figures.forEach((figure, i) => figure.caption(answer.captions[i]));
    if (words.textContent !== answer.words) words.textContent = answer.words;
    cancelAnimationFrame(explaining);
    explaining = requestAnimationFrame(() => explain(answer)); // the pictures first
  }

  /** How they came about. */
  function explain(answer) {
    const { patches } = props;
    const bits = asBits(answer.mask);
    if (bits.length !== patches?.side ** 2) return; // another model is on its way
    tokens.show(patches.tokens, board, bits);
    attention.show(patches, bits, answer.attention);
  }

  function ask() {
    controls.show(wish);
    back.disabled = !wish.mask;
    asking.ask([props.patches.model, wish, props.patches.picture]);
  }

  function take(answer, [model, wished, picture]) {
    if (model !== props.patches?.model || picture !== props.patches.picture) return;
    if (answer?.pictures) fill(answer, wished);
    else words.textContent = answer?.error ?? 'The server did not answer; the next stroke asks again.';
  }

  watch('patches', show);
  show();
}
