"""How quickly views answer: from a slider, a stroke or another digit to the picture on the screen.

``python benchmarks/views.py [--json FILE]``; headless Chromium with software rendering, and a server of its own; about
four minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402

from benchmarks.map import in_milliseconds, tab, trial, variant  # noqa: E402
from benchmarks.page import opened  # noqa: E402
from benchmarks.table import parser, report  # noqa: E402

# {what to act on, where to look, how often}: milliseconds from each act until something in the place looks different
TIMES = """async ([control, place, rounds]) => {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.offsetParent);
  const look = () => seen(place).map((one) => one.innerText + [...one.querySelectorAll('canvas')].map((canvas) => canvas
    .getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join()).join()).join();
  const act = (node, i) => {
    if (node.matches('canvas')) {
      const box = node.getBoundingClientRect();
      const x = box.left + box.width * (0.2 + ((i * 7) % 13) / 20);
      const y = box.top + box.height * (0.2 + ((i * 5) % 11) / 18);
      const at = { clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', isPrimary: true, bubbles: true };
      node.setPointerCapture = () => {};
      node.dispatchEvent(new PointerEvent('pointerdown', at));
      node.dispatchEvent(new PointerEvent('pointerup', at));
    } else if (node.matches('input')) {
      const [low, high, step] = ['min', 'max', 'step'].map((name) => Number(node[name]));
      const steps = Math.round((high - low) / step);
      node.value = low + step * ((1 + i * Math.max(1, Math.round(0.37 * steps))) % (steps + 1));
      node.dispatchEvent(new Event('input', { bubbles: true }));
    } else node.click();
  };
  const times = [];
  for (let i = 0; i < rounds; i += 1) {
    const before = look(), start = performance.now();
    act(seen(control)[0], i);
    while (look() === before && performance.now() - start < 10000) await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, 150));
  }
  return times;
}"""
DAMAGE = (".ae-damage-rows input", ".ae-code-pictures")
FILL = (".ae-patch-controls input[type=range]", ".ae-patch-pictures")
DAB = ("canvas.ae-pad", ".ae-pad-desk > :last-child")
SQUEEZE = (".ae-squeeze-rows input", ".ae-squeeze")
SLIDER = "p95 ≤ 60 ms"


def timed(page: Page, control: str, place: str, rounds: int = 40) -> str:
    """What an act takes until it is seen, in words; the first three acts warm up."""
    page.wait_for_selector(f"{control} >> visible=true", timeout=30_000)
    page.wait_for_timeout(2000)
    return in_milliseconds(page.evaluate(TIMES, [control, place, rounds + 3])[3:])


def main() -> None:
    """Measure and print."""
    asked = parser(__doc__).parse_args()
    rows: list[dict[str, str]] = []

    def note(what: str, measured: str, target: str) -> None:
        rows.append({"what": what, "measured": measured, "target": target})

    with trial() as (url, browser):
        page, _, _ = opened(browser, url)
        tab(page, "Draw or photo")
        note("a dab on the pad to its reconstruction", timed(page, *DAB), SLIDER)
        page, _, _ = opened(browser, url)
        tab(page, "Damage")
        for title in ("Denoising", "U-Net", "Sequence"):
            variant(page, title)
            note(f"a slider of Denoise to its picture, {title}", timed(page, *DAMAGE), SLIDER)
        tab(page, "Mask and fill")
        for title in ("Masked", "Variational"):
            variant(page, title)
            note(f"the share that is hidden to its filling, {title}", timed(page, *FILL), SLIDER)
        tab(page, "Compress")
        for title in ("Convolutional", "Sequence"):
            variant(page, title)
            note(f"bits of Compress to its pictures, {title}", timed(page, *SQUEEZE), SLIDER)
        tab(page, "Compare")
        models = page.locator(".ae-comparison tbody tr").count()
        took = timed(page, ".ae-strip-tools button", ".ae-comparison", 12)
        note(f"another digit to the {models} rows of Compare", took, "≤ 200 ms")
        tab(page, "PCA duel")
        note(
            "code size of the PCA duel to its pictures", timed(page, ".ae-duel-size input", ".ae-duel-pictures"), SLIDER
        )
        browser.close()
    report(rows, asked.json)


if __name__ == "__main__":
    main()
