import { make, thousands } from './elements.js';
import { board } from './map_board.js';
import { Choice } from './map_choice.js';
import { clustered, clustersAt, decoderAt, dotAt, nearest, pointsAt, thumbnailsAt } from './map_data.js';
import { Decoding } from './map_decoding.js';
import { linked } from './map_link.js';
import { listen } from './map_pointer.js';
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
    this.link = linked(props.link, this);
    Object.assign(this, board(element, {
      redraw: () => {
        this.redraw();
        this.link.tell('classes', [...this.keys.on]);
      },
      press: (key) => this.press(key),
      turn: (mode) => this.choice.turn(mode),
      look: props.link && (() => this.link.others()[0]?.element.scrollIntoView({ behavior: 'smooth' })),
      selects: props.selects,
    }));
    this.choice = new Choice(this);
    this.points = null;
    this.thumbnails = null;
    this.view = null;
    this.isWhole = true; // nobody has zoomed or pushed
    this.pin = null; // [x, y], or null: the current input's own place
    this.guest = null; // where the mouse is
    this.pointed = null; // the digit nearest to the mouse or the pin, as linked maps were told
    this.echo = null; // the digit that is pointed at in a linked map
    this.frame = 0;
    this.decoding = new Decoding((pixels, at) => this.panel.show(pixels, `decoded: ${this.place(at)}`), (sentence) => this.panel.say(sentence));
    this.listen();
    new ResizeObserver(() => this.redraw()).observe(this.glass);
    const theme = new MutationObserver(() => (element.isConnected ? this.redraw() : theme.disconnect()));
    theme.observe(document.body, { attributes: true, attributeFilter: ['class'] });
    this.link.join();
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
      this.problem.textContent = '';
      this.glass.setAttribute('aria-label', `Map of the codes of ${thousands(points.n)} test digits`);
      this.choice.again();
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
    this.choice.paint();
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
    return this.points.groups.flatMap((group, digit) => this.choice.parts(group).map(({ x, y, levels, isChosen }) => ({
      name: String(digit),
      x,
      y,
      opacity: this.keys.on[digit] && isChosen ? full : DIM,
      colours: byError ? ramp(isDark) : [DIGITS[digit]],
      levels: byError ? levels : null,
    })));
  }

  /** What a linked map says. */
  hear(matter, value) {
    if (matter === 'chosen') this.choice.take(value);
    else if (matter === 'pinned') this.unpin();
    else if (matter === 'pointed') {
      this.echo = value;
      this.show(this.guest);
    } else {
      this.keys.put(value);
      this.redraw();
    }
  }

  /** Tell linked maps which digit is nearest to the mouse or the pin. */
  point() {
    const at = this.guest ?? this.pin;
    const index = at && this.nearest(at).index;
    if (index === this.pointed) return;
    this.pointed = index;
    this.link.tell('pointed', index);
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
    const echo = guest === null && this.view && this.echo !== null && this.echo < this.points.n ? dotAt(this.points, this.echo) : null;
    const at = guest ?? echo ?? this.home;
    if (this.view) this.point();
    if (!this.view || !at) {
      panel.say('Move over the map to decode it.');
      return;
    }
    const index = echo ? this.echo : this.nearest(at).index;
    marks.set('posterior', props.point && props.posterior ? [{ kind: 'cloud', at: props.point, axes: props.posterior }] : []);
    marks.set('path', props.path?.length ? [{ kind: 'path', points: props.path }] : []);
    marks.set('input', props.point ? [{ kind: 'input', at: props.point }] : []);
    marks.set('pin', pin ? [{ kind: 'pin', at: pin }] : []);
    marks.set('near', guest || pin || echo ? [{ kind: echo ? 'same' : 'near', at: dotAt(this.points, index) }] : []);
    const pixels = this.thumbnails?.subarray(784 * index, 784 * (index + 1));
    const own = props.projection === 'code' ? 'the input, decoded' : 'the input\u2019s place on the map, decoded';
    const name = guest ? 'decoded here' : echo ? 'the same digit\u2019s place, decoded' : pin ? 'decoded at the pin' : own;
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
    if (this.props.line) return `z = ${x}`;
    return `${this.props.projection === 'code' ? 'z = ' : ''}(${x}, ${y})`;
  }

  pinAt(at) {
    this.pin = at;
    this.link.tell('pinned', true);
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
      this.choice.letGo();
      this.unpin();
    } else if (key === ' ' && this.choice.mode !== 'explore') this.choice.corner(at);
    else if (key === '+') this.look(this.view.zoomed(ZOOM, at));
    else if (key === '-') this.look(this.view.zoomed(1 / ZOOM, at));
    else if (key === '0') {
      this.isWhole = true;
      this.redraw();
    }
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
      drag: once((pixel, from) => (this.choice.mode === 'explore' ? this.pinAt(plane(pixel)) : this.choice.extend(plane(pixel), plane(from)))),
      drop: once((pixel) => (this.choice.mode === 'explore' ? this.choose(plane(pixel)) : this.choice.close())),
      tap: once((pixel, isFinger) => this.tap(pixel, isFinger)),
      step: once((way) => this.step(way)),
      zoom: once((factor, pixel) => this.look(this.view.zoomed(factor, plane(pixel)))),
      push: once((pixels) => this.look(this.view.moved(pixels))),
    });
    for (const name of ['pointerenter', 'pointerdown', 'focus']) this.glass.addEventListener(name, () => this.fetchThumbnails());
  }
}
