/** Names under which the browser remembers what is under way. */
export const RUN = 'explorer-run';
export const SWEEP = 'explorer-sweep';

/** What a browser remembers under a name, in `localStorage` or as long as the tab lives in `sessionStorage`: JSON. */
export function read(storage, name) {
  try {
    return JSON.parse(window[storage].getItem(name));
  } catch {
    return null; // nothing sensible is there, or storage is not allowed
  }
}

/** Remembers it; a browser that allows no storage forgets. */
export function write(storage, name, keep) {
  if (keep === null || keep === undefined) return;
  try {
    window[storage].setItem(name, JSON.stringify(keep));
  } catch {
    // forgotten
  }
}
