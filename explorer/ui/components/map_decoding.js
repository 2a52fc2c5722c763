import { fromBase64 } from './pixels.js';

/**
 * Places of a map become pictures: by a small decoder in this browser, which takes no time, or else by the server.
 * `show(pixels, at)` and `fail(sentence)` are called with what comes of it.
 */
export class Decoding {
  constructor(server, show, fail) {
    Object.assign(this, { server, show, fail, decoder: null, map: [], wanted: null, isAsking: false });
  }

  /** `decoder` is the map's own, or null: then the server is asked about this model and projection. */
  use(decoder, model, projection) {
    this.decoder = decoder;
    this.map = [model, projection];
  }

  decode(at) {
    if (this.decoder) this.show(this.decoder.decode(this.decoder.lift(...at)).map((value) => 255 * value), at);
    else {
      this.wanted = [...this.map, ...at];
      if (!this.isAsking) this.ask();
    }
  }

  /** The newest place wins: while an answer is under way, only the last place that is wanted is kept. */
  async ask() {
    this.isAsking = true;
    while (this.wanted) {
      const place = this.wanted;
      this.wanted = null;
      const answer = await Promise.resolve(this.server.decode(place)).catch(() => null);
      if (place[0] !== this.map[0] || place[1] !== this.map[1]) continue;
      if (typeof answer === 'string') this.show(fromBase64(answer), place.slice(2));
      else this.fail(answer?.error ?? 'The server did not answer; the next move asks again.');
    }
    this.isAsking = false;
  }
}
