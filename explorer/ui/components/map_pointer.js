/**
 * Mouse, finger, pen and keys over a map, as what they mean. `pixel` is always [left, top] within the map.
 *
 * hover(pixel) · leave() · tap(pixel, isFinger) · drag(pixel, where it began), which ends with drop(pixel) · zoom(factor, pixel) ·
 * push(pixels): the map itself is moved · step([right, up]) for an arrow key · key(name) for any other key
 */
const SLACK = 5; // pixels a hand may tremble in a tap
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function listen(node, means) {
  const down = new Map(); // pointers that touch, and where
  let gesture = null; // what the touch has turned out to be: tap, drag, push or pinch
  let start = null;

  const place = ({ clientX, clientY }) => {
    const box = node.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  const gap = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

  node.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    start = place(event);
    if (down.size > 1) gesture = 'pinch';
    else gesture = event.shiftKey ? 'push' : 'tap';
  });

  node.addEventListener('pointermove', (event) => {
    const now = place(event);
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') means.hover(now);
      return;
    }
    const fingers = [...down.values()];
    down.set(event.pointerId, now);
    if (gesture === 'tap' && gap([start, now]) > SLACK) gesture = 'drag';
    if (gesture === 'drag') means.drag(now, start);
    else if (gesture === 'push') means.push([now[0] - before[0], now[1] - before[1]]);
    else if (gesture === 'pinch' && fingers.length === 2) {
      const moved = [...down.values()];
      const [from, to] = [middle(fingers), middle(moved)];
      means.push([to[0] - from[0], to[1] - from[1]]);
      means.zoom(gap(moved) / gap(fingers), to);
    }
  });

  function up(event) {
    if (!down.delete(event.pointerId) || down.size) return;
    if (event.type === 'pointercancel') means.leave();
    else if (gesture === 'tap') means.tap(place(event), event.pointerType !== 'mouse');
    else if (gesture === 'drag') means.drop(place(event));
    gesture = null;
  }

  node.addEventListener('pointerup', up);
  node.addEventListener('pointercancel', up);
  node.addEventListener('pointerleave', () => { if (!down.size) means.leave(); });
  node.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls; a pinch on a touchpad comes as Ctrl and wheel
    event.preventDefault();
    means.zoom(Math.exp(-event.deltaY / 200), place(event));
  }, { passive: false });

  node.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (!arrow && !means.keys.includes(event.key)) return;
    event.preventDefault();
    if (arrow) means.step(arrow.map((way) => way * (event.shiftKey ? 5 : 1)));
    else means.key(event.key);
  });
}
