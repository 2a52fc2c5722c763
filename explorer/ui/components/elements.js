/** Builds DOM elements. Text goes in as text and attributes as attributes: nothing is ever parsed as markup. */

const SVG = 'http://www.w3.org/2000/svg';

export function make(tag, attributes = {}, ...children) {
  return complete(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return complete(document.createElementNS(SVG, tag), attributes, children);
}

/** `onclick: f` listens, `true` sets an empty attribute, `false` and null leave it out. */
function complete(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** 12345 -> "12,345": one way of writing whole numbers, whatever the browser's language. */
export function thousands(number) {
  return Number(number).toLocaleString('en');
}

/** A number as short as it can be said: 0.00361 -> "0.0036", 12.345 -> "12", 3e-7 -> "3e-7". */
export function short(number, digits = 2) {
  return String(Number(Number(number).toPrecision(digits)));
}
