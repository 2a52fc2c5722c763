import { RUN, SWEEP, read, write } from './storage.js';

const AGAIN = 400; // milliseconds: a page that has just opened may miss the first words
const SERVER = 'explorer-server'; // under this name in the tab
const LOADED = 'explorer-loaded'; // and when it was loaded again because the server had forgotten it
const REST = 60_000; // milliseconds before that happens again, or before the server is asked again
const MOST = 60; // own models remembered: more than a visitor keeps, since the server knows which of them are gone

/**
 * Tells Python what the browser remembers of earlier visits until Python answers, and writes down what it wants kept;
 * also which server this tab has talked to, so that a restart is noticed.
 */
export function mount({ props, trigger, watch }) {
  let isKnown = false; // the server has answered this page before
  watch('keep', () => {
    if (!props.keep) return;
    isKnown = true;
    write('localStorage', props.stored, together(read('localStorage', props.stored), props.keep));
    write('sessionStorage', SERVER, props.server);
    document.documentElement.dataset.arrived = 'yes'; // again.js looks for it
  });
  watch('forgotten', () => {
    if (!isKnown || Date.now() - read('sessionStorage', LOADED) < REST) return; // or it does not help
    write('sessionStorage', LOADED, Date.now());
    write('sessionStorage', SERVER, 'forgetful');
    window.location.reload();
  });
  function tell() {
    if (isKnown) return;
    const [visit, run, sweep] = [props.stored, RUN, SWEEP].map((name) => read('localStorage', name));
    props.value = { visit, run, sweep, server: read('sessionStorage', SERVER) };
    requestAnimationFrame(() => trigger('input'));
    setTimeout(tell, AGAIN);
  }
  let asked = Date.now();
  function ask() {
    if (!isKnown || document.hidden || Date.now() - asked < REST) return;
    asked = Date.now();
    trigger('select');
  }
  ['pointerdown', 'keydown', 'visibilitychange'].forEach((event) => document.addEventListener(event, ask, true));
  tell();
}

/** What to keep, with the models that another tab has trained meanwhile. */
function together(before, keep) {
  const others = [before?.mine ?? []].flat().filter((id) => !keep.mine.includes(id));
  return { ...keep, mine: [...others, ...keep.mine].slice(-MOST) };
}
