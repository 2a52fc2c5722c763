import { make, thousands } from './elements.js';

const TOKENS = [
  ['comment', /#[^\n]*/y],
  ['text', /[rbfu]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/iy],
  ['name', /[A-Za-z_]\w*/y],
  ['rest', /[^#"'A-Za-z_]+|["']/y],
];
const KEYWORDS = new Set(('and as assert async await break class continue def del elif else except False finally for from '
  + 'global if import in is lambda None nonlocal not or pass raise return True try while with yield').split(' '));

/** A Python file behind one line, coloured when it is first opened. */
export function mount({ element, props, watch }) {
  const code = make('code');
  const title = make('summary');
  const details = make('details', { class: 'ae-source', ontoggle: fill }, title, make('pre', { tabindex: 0 }, code));
  element.replaceChildren(details);
  let filled = null;

  function fill() {
    const { text } = props.value ?? {};
    if (!details.open || filled === text) return;
    filled = text;
    code.replaceChildren(...coloured(text));
  }

  function show() {
    element.hidden = !props.value;
    if (!props.value) return;
    const lines = props.value.text.trimEnd().split('\n').length;
    title.textContent = `${props.value.title}, ${thousands(lines)} lines of Python`;
    fill();
  }

  watch('value', show);
  show();
}

/** Python source as elements, one for each word, comment or text. */
export function coloured(text) {
  return tokens(text).map(([kind, word]) => make('span', { class: `ae-${kind}` }, word));
}

/** Python source as [kind, text] pairs whose texts add up to it. */
export function tokens(text) {
  const found = [];
  for (let at = 0; at < text.length;) {
    const [kind, word] = next(text, at);
    found.push([kind === 'name' && KEYWORDS.has(word) ? 'keyword' : kind, word]);
    at += word.length;
  }
  return found;
}

function next(text, at) {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [kind, match[0]];
  }
  return ['rest', text[at]];
}
