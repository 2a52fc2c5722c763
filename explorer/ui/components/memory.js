import { RUN, SWEEP, read, write } from './storage.js';

const AGAIN = 400; // milliseconds: a page that has just opened may miss the first words
const SERVER = 'explorer-server'; // under this name in the tab

/**
 * Tells Python what the browser remembers of earlier visits until Python answers, and writes down what it wants kept;
 * also which server this tab has talked to, so that a restart is noticed.
 */
export function mount({ props, trigger, watch }) {
  watch('keep', () => {
    write('localStorage', props.stored, props.keep);
    write('sessionStorage', SERVER, props.keep && props.server);
    document.documentElement.dataset.arrived = 'yes'; // again.js looks for it
  });
  function tell() {
    if (props.keep) return; // it has answered
    const [visit, run, sweep] = [props.stored, RUN, SWEEP].map((name) => read('localStorage', name));
    props.value = { visit, run, sweep, server: read('sessionStorage', SERVER) };
    requestAnimationFrame(() => trigger('input'));
    setTimeout(tell, AGAIN);
  }
  tell();
}
