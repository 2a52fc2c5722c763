/** What lies over the dots: places on the map, drawn anew whenever the view changes. A set of marks has a name. */

import { svg } from './elements.js';

export function mapMarks() {
  const node = svg('svg', { class: 'ae-map-marks', 'aria-hidden': true });
  const sets = new Map();
  let view = null;

  /** Each mark is {kind, at: [x, y]}; kinds are those of SHAPES. */
  function set(name, marks) {
    sets.set(name, marks);
    redraw();
  }

  function redraw(next = view) {
    view = next;
    if (view) node.replaceChildren(...[...sets.values()].flat().map((mark) => SHAPES[mark.kind](mark, view)));
  }

  return { node, set, redraw };
}

const SHAPES = {
  input: ({ at }, view) => stood(at, view, 'ae-mark-input', svg('path', { d: 'M-13 0H-5M5 0H13M0-13V-5M0 5V13' }), svg('circle', { r: 8 })),
  pin: ({ at }, view) => stood(at, view, 'ae-pin', svg('path', { d: 'M0 0C-3-6-8-8-8-14A8 8 0 0 1 8-14C8-8 3-6 0 0Z' }), svg('circle', { cy: -14, r: 3 })),
  near: ({ at }, view) => stood(at, view, 'ae-mark-near', svg('circle', { r: 5 })),
  same: ({ at }, view) => stood(at, view, 'ae-mark-same', svg('circle', { r: 9 })),
  outline: ({ points }, view) => svg('polygon', { class: 'ae-mark-outline', points: points.map((point) => view.toPixel(point).map((place) => place.toFixed(1))).join(' ') }),
  cloud: ({ at, axes }, view) => svg('g', { class: 'ae-mark-cloud' }, svg('polygon', { points: rim(at, axes).map((point) => view.toPixel(point).map((place) => place.toFixed(1))).join(' ') }, svg('title', {}, 'Where the code of the input is drawn from: 2\u03c3'))),
  path: ({ points }, view) => way(points.map((point) => view.toPixel(point).map((place) => place.toFixed(1)))),
  ring: ({ at, radius, title }, view) => stood(at, view, 'ae-mark-ring',
    svg('ellipse', { rx: radius / view.unit[0], ry: radius / view.unit[1] }),
    svg('text', { y: -radius / view.unit[1] - 4 }, title)),
};

/** An ellipse of two half axes around a place, as points of its rim. */
function rim([x, y], [[ax, ay], [bx, by]]) {
  return Array.from({ length: 48 }, (_, i) => [Math.cos((i * Math.PI) / 24), Math.sin((i * Math.PI) / 24)])
    .map(([c, s]) => [x + c * ax + s * bx, y + c * ay + s * by]);
}

/** A line from one place to the next, with a dot at each; between two places alone it is an arrow. */
function way(places) {
  const line = svg('polyline', { points: places.join(' ') });
  const dots = places.length === 2 ? [arrowhead(...places)] : places.map(([cx, cy]) => svg('circle', { cx, cy, r: 3 }));
  return svg('g', { class: 'ae-mark-path' }, svg('g', { class: 'ae-mark-halo' }, line.cloneNode()), line, ...dots);
}

function arrowhead([x1, y1], [x2, y2]) {
  const degrees = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return svg('path', { class: 'ae-mark-head', d: 'M2 0L-9-5V5Z', transform: `translate(${x2} ${y2}) rotate(${degrees})` });
}

/** Shapes around the origin, moved to where `at` is on the screen; each under itself once more, wider, as its halo. */
function stood(at, view, kind, ...shapes) {
  const halo = shapes.map((shape) => shape.cloneNode());
  const under = svg('g', { class: 'ae-mark-halo' }, ...halo);
  return svg('g', { class: kind, transform: `translate(${view.toPixel(at).map((place) => place.toFixed(1))})` }, under, ...shapes);
}
