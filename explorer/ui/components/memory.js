const AGAIN = 400; // milliseconds: a page that has just opened may miss the first words

/** Tells Python what the browser remembers of earlier visits until Python answers, and writes down what it wants kept. */
export function mount({ props, trigger, watch }) {
  watch('keep', () => write(props.stored, props.keep));
  function tell() {
    if (props.keep) return; // it has answered
    props.value = { visit: read(props.stored) };
    requestAnimationFrame(() => trigger('input'));
    setTimeout(tell, AGAIN);
  }
  tell();
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null; // nothing sensible is there, or storage is not allowed
  }
}

function write(name, keep) {
  if (!keep) return;
  try {
    localStorage.setItem(name, JSON.stringify(keep));
  } catch {
    // a browser that allows no storage forgets
  }
}
