/**
 * Which part of the plane is on the screen: `centre` in the plane's units, `unit` of them a pixel, `box` in pixels.
 * A view is never changed; moving and zooming give another one.
 */
export class View {
  constructor(centre, unit, box) {
    Object.assign(this, { centre, unit, box });
  }

  /** The whole cloud but its far outliers. A circle stays round, unless one axis would then be hard to read. */
  static around(bounds, box) {
    const unit = bounds.map(([low, high], axis) => (high - low) / box[axis]);
    const [small, large] = [Math.min(...unit), Math.max(...unit)];
    return new View(bounds.map(([low, high]) => (low + high) / 2), large < 2.5 * small ? [large, large] : unit, box);
  }

  toPixel([x, y]) {
    return [this.box[0] / 2 + (x - this.centre[0]) / this.unit[0], this.box[1] / 2 - (y - this.centre[1]) / this.unit[1]];
  }

  toPlane([left, top]) {
    return [this.centre[0] + (left - this.box[0] / 2) * this.unit[0], this.centre[1] - (top - this.box[1] / 2) * this.unit[1]];
  }

  /** From where to where an axis goes. */
  range(axis) {
    const half = (this.box[axis] * this.unit[axis]) / 2;
    return [this.centre[axis] - half, this.centre[axis] + half];
  }

  /** Closer by `factor`, while the point `at` of the plane stays where it is on the screen. */
  zoomed(factor, at = this.centre) {
    const centre = at.map((value, axis) => value + (this.centre[axis] - value) / factor);
    return new View(centre, this.unit.map((value) => value / factor), this.box);
  }

  /** Pushed by so many pixels. */
  moved([right, down]) {
    return new View([this.centre[0] - right * this.unit[0], this.centre[1] + down * this.unit[1]], this.unit, this.box);
  }

  /** On a screen of another size. */
  resized(box) {
    return new View(this.centre, this.unit, box);
  }

  /** Pushed just as far as it takes to see the point. */
  showing(at) {
    const margin = 16;
    const push = this.toPixel(at).map((place, axis) => Math.min(0, this.box[axis] - margin - place) + Math.max(0, margin - place));
    return push.some(Boolean) ? this.moved(push) : this;
  }

  /** A coordinate with as many decimals as a pixel is worth, and a real minus sign. */
  written(value, axis) {
    const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(this.unit[axis] * 2))));
    return value.toFixed(decimals).replace(/^-(?=.*[1-9])/, '\u2212').replace(/^-/, '');
  }
}
