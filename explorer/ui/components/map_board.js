import { legend } from './legend.js';
import { make } from './elements.js';
import { mapMarks } from './map_marks.js';
import { chosenPanel, MODES } from './map_selection.js';
import { MARGIN, mapPlot } from './map_plot.js';
import { readout } from './readout.js';

const HINT = 'Click to pin, or on a dot to take its digit. Arrow keys move, Enter takes the nearest digit, Escape lets go. '
  + 'Ctrl and wheel zoom, Shift and drag push the map.';
const ZOOMS = [['Closer', '+', '+'], ['Further', '-', '\u2212'], ['The whole map', '0', '\u2922']];

let maps = 0;

/**
 * What a map consists of, put into `element`; `redraw` answers the legend, `press(key)` the three buttons, and
 * `turn(mode)` the choice between exploring and selecting, which is there if the map `selects`; `look` goes to another
 * map, where there is one.
 */
export function board(element, { redraw, press, turn, look, selects }) {
  maps += 1;
  const parts = {
    plot: mapPlot(),
    marks: mapMarks(),
    keys: legend(redraw),
    panel: readout(),
    chosen: chosenPanel(() => turn('explore'), look),
    across: make('p', { class: 'ae-caption' }),
    up: make('p', { class: 'ae-caption' }),
    note: make('p', { class: 'ae-caption' }),
    hint: make('p', { class: 'ae-caption ae-hint', id: `ae-map-hint-${maps}` }, HINT),
    spoken: make('p', { class: 'ae-spoken', 'aria-live': 'polite' }),
    problem: make('p', { class: 'ae-map-problem' }, 'The map is on its way.'),
  };
  parts.glass = make('div', {
    class: 'ae-map-plot',
    style: `inset: ${MARGIN.t}px ${MARGIN.r}px ${MARGIN.b}px ${MARGIN.l}px`,
    tabindex: 0,
    role: 'application',
    'aria-label': 'Map of the codes',
    'aria-describedby': parts.hint.id,
  }, parts.marks.node);
  const zooms = ZOOMS.map(([words, key, sign]) => make('button', {
    type: 'button', title: words, 'aria-label': words, onclick: () => press(key),
  }, sign));
  parts.modes = MODES.map(([mode, words]) => make('button', { type: 'button', class: 'ae-mode', 'aria-pressed': String(mode === 'explore'), onclick: () => turn(mode) }, words));
  if (selects) parts.keys.node.append(make('div', { class: 'ae-map-modes', role: 'group', 'aria-label': 'What dragging does' }, ...parts.modes));
  element.replaceChildren(make('div', { class: 'ae-map' }, make('div', { class: 'ae-map-grid' },
    parts.keys.node,
    make('div', { class: 'ae-map-frame' },
      make('div', { class: 'ae-map-bar' },
        parts.up, make('div', { class: 'ae-map-zooms' }, ...zooms)),
      make('div', { class: 'ae-map-board' }, parts.plot.node, parts.glass, parts.problem),
      parts.across),
    parts.panel.node,
    parts.chosen.node,
    make('div', { class: 'ae-map-foot' }, parts.note, parts.hint, parts.plot.savers, parts.spoken))));
  return parts;
}
