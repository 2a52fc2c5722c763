/**
 * Makes a button play and stop. `span()` says `[from, to, seconds]` when it is pressed, and `show(position)` is called
 * with what lies between, frame by frame. Returns `stop`, for when the visitor takes over.
 */
export function player(button, span, show) {
  let frame = 0;

  function play() {
    const [from, to, seconds] = span();
    const start = performance.now();
    button.textContent = 'Stop';
    function step(now) {
      if (!button.isConnected) return stop();
      const share = Math.max(0, Math.min(1, (now - start) / (1000 * seconds)));
      show(from + share * (to - from));
      if (share === 1) return stop();
      frame = requestAnimationFrame(step);
      return frame;
    }
    frame = requestAnimationFrame(step);
  }

  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
    button.textContent = 'Play';
  }

  button.addEventListener('click', () => (frame ? stop() : play()));
  stop();
  return stop;
}
