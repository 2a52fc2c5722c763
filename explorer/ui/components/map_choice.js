import { box, MODES, within } from './map_selection.js';

/**
 * Choosing dots of a map by a box or freely: the outline while it is being drawn, then the numbers of the dots within.
 * A map that is linked lights up what is chosen in another one, and the other way round.
 */
export class Choice {
  constructor(map) {
    this.map = map;
    this.mode = 'explore'; // or box, lasso: then dragging chooses
    this.outline = []; // in the plane
    this.dots = null; // numbers of the chosen dots, or null
    this.isGuest = false; // they were chosen in another map
  }

  /** Exploring or choosing; what was chosen before is let go. */
  turn(mode) {
    this.mode = mode;
    this.map.modes.forEach((button, i) => button.setAttribute('aria-pressed', MODES[i][0] === mode));
    this.letGo();
  }

  letGo() {
    this.take(null);
    this.map.link.tell('chosen', null);
  }

  /** The outline, which began elsewhere, goes on to this place of the plane. */
  extend(at, from = at) {
    const [first = from, ...more] = this.outline;
    this.outline = this.mode === 'box' ? [first, at] : [first, ...more, at];
    const points = this.mode === 'box' ? box(...this.outline) : this.outline;
    this.map.marks.set('outline', [{ kind: 'outline', points }]);
  }

  /** The outline is closed: what lies within is chosen. */
  close() {
    if (this.outline.length < 2) return;
    const { map, mode, outline } = this;
    this.outline = [];
    this.dots = within(map.points, mode === 'box' ? box(...outline) : outline, map.keys.on);
    this.isGuest = false;
    map.link.tell('chosen', this.dots);
    this.show();
  }

  /** By keyboard: the space bar sets one corner of a box at the pin, and then the other. */
  corner(at) {
    if (this.mode !== 'box') this.turn('box');
    this.extend(at);
    if (this.outline[0] !== at) this.close();
  }

  /** These dots were chosen, or let go, in another map. */
  take(dots) {
    Object.assign(this, { dots, outline: [], isGuest: Boolean(dots) });
    this.map.marks.set('outline', []);
    this.show();
  }

  /** Another map of the same digits has come: a linked one keeps what is chosen. */
  again() {
    if (this.map.link.isLinked) this.show();
    else this.letGo();
  }

  show() {
    const { map, dots, isGuest } = this;
    if (!map.points) return;
    if (isGuest) map.chosen.welcome(dots.length, dots.filter((dot) => dot < map.points.n).length);
    else {
      if (dots) map.fetchThumbnails();
      map.chosen.show(dots, map.points, map.thumbnails, map.server.mean && ((numbers) => map.server.mean([map.props.model, numbers])));
    }
    map.redraw();
  }

  paint() {
    if (this.dots && !this.isGuest) this.map.chosen.paint(this.dots, this.map.thumbnails);
  }

  /** A class's dots, apart in those that are chosen and the rest, if there are any. */
  parts(group) {
    if (!this.dots) return [{ ...group, isChosen: true }];
    const chosen = new Set(this.dots);
    return [true, false].map((isChosen) => {
      const keep = (_, i) => chosen.has(group.of[i]) === isChosen;
      return { x: group.x.filter(keep), y: group.y.filter(keep), levels: group.levels.filter(keep), isChosen };
    });
  }
}
