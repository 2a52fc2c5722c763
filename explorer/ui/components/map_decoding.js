import { decodedAt } from './map_data.js';
import { fromBase64 } from './pixels.js';

const REST = { times: 6, longest: 300 }; // milliseconds, for each one that an answer came late
const LATE = 1.5; // times the quickest answer so far

/**
 * How long to rest before asking the server again: not at all while answers come about as quickly as the quickest did.
 * So a page alone asks all the time, and a crowd no more often than the server can answer.
 */
class Pace {
  quickest = Infinity;

  /** After an answer that took so many milliseconds. */
  rest(took) {
    this.quickest = Math.min(this.quickest, took);
    return Math.min(REST.longest, REST.times * Math.max(0, took - LATE * this.quickest));
  }
}

/**
 * Places of a map become pictures: by a small decoder in this browser, which takes no time, or else by the server.
 * `show(pixels, at)` and `fail(sentence)` are called with what comes of it.
 */
export class Decoding {
  constructor(show, fail) {
    Object.assign(this, { show, fail, decoder: null, map: null, wanted: null, isAsking: false, pace: new Pace() });
  }

  /** `decoder` is the map's own, or null: then the server is asked about this model and projection. */
  use(decoder, model, projection) {
    this.decoder = decoder;
    this.map = [model, projection];
  }

  /** Another map is on its way: places of the one before are no longer decoded. */
  pause() {
    Object.assign(this, { decoder: null, map: null, wanted: null });
  }

  decode(at) {
    if (!this.map) return;
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
      const start = performance.now();
      try {
        const answer = await decodedAt(place);
        if (place[0] === this.map?.[0] && place[1] === this.map[1]) this.show(fromBase64(answer), place.slice(2));
      } catch (error) {
        this.fail(error instanceof TypeError ? 'The server did not answer; the next move asks again.' : error.message);
      }
      const rest = this.pace.rest(performance.now() - start);
      await new Promise((over) => { setTimeout(over, rest); });
    }
    this.isAsking = false;
  }
}
