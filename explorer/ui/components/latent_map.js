import { make, thousands } from './elements.js';
import { board } from './map_board.js';
import { clustered, clustersAt, decoderAt, dotAt, nearest, pointsAt, thumbnailsAt } from './map_data.js';
import { Decoding } from './map_decoding.js';
import { listen } from './map_pointer.js';
import { box, MODES, within } from './map_selection.js';
import { View } from './map_view.js';
import { DIGITS, ramp } from './palette.js';

const REACH = { mouse: 6, finger: 14 }; // pixels: a tap this close to a dot takes its digit
const STEP = 0.02; // of the map's width, for an arrow key
const ZOOM = 1.5;
const DIM = 0.06;
const SETTLED = 250; // milliseconds after the last arrow key

/** A latent space as a map: hover or drag decodes, a click pins, and a dot that is hit becomes the page's input. */
export function mount(page) {
  const map = new LatentMap(page);
  page.watch(['source', 'decoder', 'clusters'], () => map.load());
  page.watch(['colour', 'prior', 'note', 'axes'], () => map.redraw());
  page.watch('point', () => map.unpin());
  page.watch(['path', 'posterior'], () => map.show());
  map.load();
}

class LatentMap {
  constructor({ element, props, trigger, server }) {
    Object.assign(this, { element, props, trigger, server });
    Object.assign(this, board(element, () => this.redraw(), (key) => this.press(key), (mode) => this.turn(mode), props.selects));
    this.points = null;
    this.thumbnails = null;
    this.view = null;
    this.isWhole = true; // nobody has zoomed or pushed
    this.pin = null; // [x, y], or null: the current input's own place
    this.guest = null; // where the mouse is
    this.mode = 'explore'; // or box, lasso: then dragging selects
    this.outline = []; // of the selection, in the plane
    this.chosenDots = null; // numbers of the selected dots, or null
    this.frame = 0;
    this.decoding = new Decoding((pixels, at) => this.panel.show(pixels, `decoded: ${this.place(at)}`), (sentence) => this.panel.say(sentence));
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.glass);
    const theme = new MutationObserver(() => (element.isConnected ? this.redraw() : theme.disconnect()));
    theme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  }

  /** Fetch the map and its decoder; until they have come, the map before stays. */
  async load() {
    const { source, decoder: address, clusters, model, projection } = this.props;
    if (!source) return;
    delete this.element.dataset.ready;
    if (this.loaded !== source) this.decoding.pause();
    try {
      const none = () => null; // then the server decodes
      const [points, decoder, groups] = await Promise.all([pointsAt(source), address && decoderAt(address).catch(none), clusters && clustersAt(clusters)]);
      if (source !== this.props.source || clusters !== this.props.clusters) return;
      this.decoding.use(decoder || null, model, projection);
      this.points = groups ? clustered(points, groups) : points;
      this.keys.name(groups ? 'group' : 'digit');
      if (this.loaded !== source) Object.assign(this, { loaded: source, pin: null, guest: null, isWhole: true });
      this.letGo();
      this.problem.textContent = '';
      this.glass.setAttribute('aria-label', `Map of the codes of ${thousands(points.n)} test digits`);
      this.redraw();
      performance.mark('ae-map-drawn');
      this.element.dataset.ready = '1';
      if (this.props.decodes === 'no') this.fetchThumbnails();
    } catch (error) {
      if (source === this.props.source) this.complain(error);
    }
  }

  complain(error) {
    const again = make('button', { type: 'button', class: 'ae-button', onclick: () => this.load() }, 'Try again');
    this.problem.replaceChildren(`The map could not be fetched: ${error.message}.`, again);
  }

  /** The thumbnails are by far the largest file: they are fetched when somebody takes an interest. */
  async fetchThumbnails() {
    if (!this.points || this.fetching === this.props.thumbnails) return;
    this.fetching = this.props.thumbnails;
    this.thumbnails = await thumbnailsAt(this.fetching).catch(() => null);
    if (this.chosenDots) this.chosen.paint(this.chosenDots, this.thumbnails);
    this.show(this.guest);
  }

  redraw() {
    const box = [this.glass.clientWidth, this.glass.clientHeight];
    if (!this.points || box[0] < 50) return; // hidden; the observer of its size calls again
    this.view = this.isWhole ? View.around(this.points.bounds, box) : this.view.resized(box);
    const { note, axes, prior } = this.props;
    this.note.textContent = [this.points.words, note].filter(Boolean).join(' ');
    [this.across.textContent, this.up.textContent] = [`\u2192 ${axes[0]}`, `\u2191 ${axes[1]}`];
    this.plot.draw(this.view, this.groups(), (this.points.n > 3000 ? 4 : 6) - (Math.min(...box) < 400 ? 1 : 0));
    const rings = prior ? [1, 2, 3] : [];
    this.marks.set('prior', rings.map((radius) => ({ kind: 'ring', at: [0, 0], radius, title: `${radius}\u03c3` })));
    this.marks.redraw(this.view);
    this.show(this.guest);
  }

  /** One group of dots a class, in its digit's colour, or every dot in the colour of its error. */
  groups() {
    const isDark = document.body.classList.contains('dark');
    const byError = this.props.colour === 'error';
    const [low, high] = this.points.errorRange.map((error) => error.toPrecision(2));
    this.keys.measure(byError ? ramp(isDark) : null, low, `${high} and more`);
    const full = isDark ? 0.85 : 0.7;
    return this.points.groups.flatMap((group, digit) => this.parts(group).map(({ x, y, levels, isChosen }) => ({
      x,
      y,
      opacity: this.keys.on[digit] && isChosen ? full : DIM,
      colours: byError ? ramp(isDark) : [DIGITS[digit]],
      levels: byError ? levels : null,
    })));
  }

  /** A class's dots, apart in those that are selected and the rest, if there is a selection. */
  parts(group) {
    if (!this.chosenDots) return [{ ...group, isChosen: true }];
    const chosen = new Set(this.chosenDots);
    return [true, false].map((isChosen) => {
      const keep = (_, i) => chosen.has(group.of[i]) === isChosen;
      return { x: group.x.filter(keep), y: group.y.filter(keep), levels: group.levels.filter(keep), isChosen };
    });
  }

  /** Exploring or selecting; the selection before is let go. */
  turn(mode) {
    this.mode = mode;
    this.modes.forEach((button, i) => button.setAttribute('aria-pressed', MODES[i][0] === mode));
    this.letGo();
    this.redraw();
  }

  letGo() {
    Object.assign(this, { outline: [], chosenDots: null });
    this.marks.set('outline', []);
    this.chosen.show(null, {});
  }

  /** The outline, which began elsewhere, goes on to this place of the plane. */
  extend(at, from = at) {
    const [first = from, ...more] = this.outline;
    this.outline = this.mode === 'box' ? [first, at] : [first, ...more, at];
    const points = this.mode === 'box' ? box(...this.outline) : this.outline;
    this.marks.set('outline', [{ kind: 'outline', points }]);
  }

  /** The outline is closed: what lies within is selected. */
  select() {
    if (this.outline.length < 2) return;
    const outline = this.mode === 'box' ? box(...this.outline) : this.outline;
    this.chosenDots = within(this.points, outline, this.keys.on);
    this.outline = [];
    this.fetchThumbnails();
    this.chosen.show(this.chosenDots, this.points, this.thumbnails, this.server.mean && ((dots) => this.server.mean([this.props.model, dots])));
    this.redraw();
  }

  get home() {
    return this.pin ?? this.props.point;
  }

  nearest(at) {
    return nearest(this.points, at, this.view.unit, this.keys.on);
  }

  /** In the next frame, show what belongs to where the mouse is; without a mouse, to the pin or the current input. */
  show(guest = null) {
    this.guest = guest;
    this.frame ||= requestAnimationFrame(() => this.present());
  }

  present() {
    this.frame = 0;
    const { props, guest, pin, marks, panel } = this;
    const at = guest ?? this.home;
    if (!this.view || !at) {
      panel.say('Move over the map to decode it.');
      return;
    }
    const { index } = this.nearest(at);
    marks.set('posterior', props.point && props.posterior ? [{ kind: 'cloud', at: props.point, axes: props.posterior }] : []);
    marks.set('path', props.path?.length ? [{ kind: 'path', points: props.path }] : []);
    marks.set('input', props.point ? [{ kind: 'input', at: props.point }] : []);
    marks.set('pin', pin ? [{ kind: 'pin', at: pin }] : []);
    marks.set('near', guest || pin ? [{ kind: 'near', at: dotAt(this.points, index) }] : []);
    const pixels = this.thumbnails?.subarray(784 * index, 784 * (index + 1));
    const name = guest ? 'decoded here' : pin ? 'decoded at the pin' : 'the input, decoded';
    const near = { index, label: this.points.labels[index], pixels };
    if (props.decodes === 'no') panel.onlyNear(near, this.place(at));
    else {
      panel.stand(name, this.place(at), near);
      this.decoding.decode(at);
    }
  }

  /** A place in words, as exactly as a pixel tells. */
  place(at) {
    const [x, y] = at.map((value, axis) => this.view.written(value, axis));
    if (this.props.projection === 'first') return `z\u2081 = ${x}, z\u2082 = ${y}`;
    return `${this.props.projection === 'code' ? 'z = ' : ''}(${x}, ${y})`;
  }

  pinAt(at) {
    this.pin = at;
    const view = this.view.showing(at);
    if (view === this.view) this.show();
    else this.look(view);
  }

  unpin() {
    this.pin = null;
    this.show(this.guest);
  }

  /** Tell Python what was chosen: a digit (`input`), or with no index a place between the dots (`select`). */
  choose(at, index = null) {
    this.pinAt(at);
    this.props.value = { index, x: at[0], y: at[1] };
    this.trigger(index === null ? 'select' : 'input');
    const words = `${this.place(at)}, nearest is a ${this.points.labels[this.nearest(at).index]}`;
    this.spoken.textContent = words;
  }

  take(index) {
    this.choose(dotAt(this.points, index), index);
  }

  look(view) {
    this.view = view;
    this.isWhole = false;
    this.redraw();
  }

  press(key) {
    if (!this.view) return;
    const at = this.home ?? this.view.centre;
    if (key === 'Enter') this.take(this.nearest(at).index);
    else if (key === 'Escape') {
      this.letGo();
      this.redraw();
      this.unpin();
    } else if (key === ' ' && this.mode !== 'explore') this.corner(at);
    else if (key === '+') this.look(this.view.zoomed(ZOOM, at));
    else if (key === '-') this.look(this.view.zoomed(1 / ZOOM, at));
    else if (key === '0') {
      this.isWhole = true;
      this.redraw();
    }
  }

  /** By keyboard: the space bar sets one corner of a box at the pin, and then the other. */
  corner(at) {
    if (this.mode !== 'box') this.turn('box');
    this.extend(at);
    if (this.outline[0] !== at) this.select();
  }

  tap(pixel, isFinger) {
    const at = this.view.toPlane(pixel);
    const { index, distance } = this.nearest(at);
    if (distance <= REACH[isFinger ? 'finger' : 'mouse']) this.take(index);
    else this.choose(at);
  }

  step(way) {
    const { box, unit, centre } = this.view;
    const from = this.home ?? centre;
    this.pinAt(from.map((value, axis) => value + way[axis] * STEP * box[0] * unit[axis]));
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.choose(this.home), SETTLED);
  }

  listen() {
    const plane = (pixel) => this.view.toPlane(pixel);
    const once = (act) => (...values) => { if (this.view) act(...values); }; // there is a map
    listen(this.glass, {
      keys: ['+', '-', '0', 'Enter', 'Escape', ' '],
      key: (key) => this.press(key),
      hover: once((pixel) => this.show(plane(pixel))),
      leave: () => this.show(),
      drag: once((pixel, from) => (this.mode === 'explore' ? this.pinAt(plane(pixel)) : this.extend(plane(pixel), plane(from)))),
      drop: once((pixel) => (this.mode === 'explore' ? this.choose(plane(pixel)) : this.select())),
      tap: once((pixel, isFinger) => this.tap(pixel, isFinger)),
      step: once((way) => this.step(way)),
      zoom: once((factor, pixel) => this.look(this.view.zoomed(factor, plane(pixel)))),
      push: once((pixels) => this.look(this.view.moved(pixels))),
    });
    for (const name of ['pointerenter', 'pointerdown', 'focus']) this.glass.addEventListener(name, () => this.fetchThumbnails());
  }
}
