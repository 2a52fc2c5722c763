"""How the latent space feels: loading, dragging, selecting, turning a slider, and thirty visitors who drag at once.

``python benchmarks/map.py [--json FILE]``; headless Chromium with software rendering, and a server of its own.
"""

from __future__ import annotations

import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks.page import opened, own_sequence  # noqa: E402
from benchmarks.table import parser, report  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.conftest import FLAGS, running  # noqa: E402
from tests.browser.own_model import remember  # noqa: E402

VISITORS = 30
MOVES = 60  # of each visitor's mouse
READY = 'document.querySelector(\'.ae-large [data-ready="1"], .ae-large[data-ready="1"]\')'
LASSO = """async () => {
  const map = document.querySelector('.ae-large'), plot = map.querySelector('.ae-map-plot');
  const box = plot.getBoundingClientRect(), times = [];
  const send = (type, x, y) => plot.dispatchEvent(new PointerEvent(type, {clientX: box.left + x, clientY: box.top + y,
    bubbles: true, pointerType: 'mouse', pointerId: 1, button: 0}));
  plot.setPointerCapture = () => {};
  [...map.querySelectorAll('.ae-mode')].at(-1).click();
  for (let round = 0; round < 8; round += 1) {
    send('pointerdown', 0.2 * box.width, 0.2 * box.height);
    for (let i = 0; i <= 60; i += 1) {
      const angle = (i * Math.PI) / 30;
      const [x, y] = [0.5 + (0.2 + 0.03 * round) * Math.cos(angle), 0.5 + 0.35 * Math.sin(angle)];
      send('pointermove', box.width * x, box.height * y);
      await new Promise(requestAnimationFrame);
    }
    const start = performance.now();
    send('pointerup', 0.5 * box.width, 0.5 * box.height);
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }
  return times;
}"""
DRAG = """async () => {
  const plot = document.querySelector('.ae-large .ae-map-plot');
  const canvas = document.querySelector('.ae-large .ae-decoded canvas'), box = plot.getBoundingClientRect();
  const grey = () => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.join();
  const start = performance.now();
  let pictures = 0, before = grey();
  while (performance.now() - start < 3000) {
    const t = (performance.now() - start) / 1000;
    plot.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width * (0.5 + 0.3 * Math.cos(2 * t)),
      clientY: box.top + box.height * (0.5 + 0.3 * Math.sin(3 * t)), bubbles: true, pointerType: 'mouse'}));
    await new Promise(requestAnimationFrame);
    const now = grey();
    pictures += now !== before;
    before = now;
  }
  return pictures / 3;
}"""
SLIDER = """async () => {
  const slider = [...document.querySelectorAll('.ae-code-desk input[type=range]')].find((one) => one.offsetParent);
  const canvas = [...document.querySelectorAll('.ae-code-desk canvas')].find((one) => one.offsetParent), times = [];
  const grey = () => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.join();
  for (let i = 0; i < 40; i += 1) {
    const before = grey(), start = performance.now();
    slider.value = Number(slider.min) + ((i * 7) % 40) * (slider.max - slider.min) / 40;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    while (grey() === before && performance.now() - start < 1000) await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }
  return times;
}"""


def late(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(0.95 * len(times))]


def in_milliseconds(times: Sequence[float]) -> str:
    """Median and 95th percentile in words."""
    return f"median {statistics.median(times):.0f} ms, p95 {late(times):.0f} ms"


def tab(page: Page, *titles: str) -> None:
    for title in titles:
        page.get_by_role("tab", name=title, exact=True).click()
        page.wait_for_timeout(700)


def slid(page: Page) -> str:
    """Milliseconds from a turn of a code's slider to the picture, in words."""
    page.wait_for_selector(".ae-code-desk canvas >> visible=true", timeout=30_000)
    return in_milliseconds(page.evaluate(SLIDER))


def variant(page: Page, title: str) -> None:
    page.locator(".ae-picker-groups .ae-chip", has_text=title).first.click()
    page.wait_for_timeout(3000)


class Pace:
    """How long a page rests before it asks again, as the one in map_decoding.js."""

    quickest = math.inf

    def rest(self, took: float) -> float:
        """Seconds, after an answer that took so many."""
        self.quickest = min(self.quickest, took)
        return min(0.3, 6 * max(0.0, took - 1.5 * self.quickest))


async def crowd(url: str, run: str, visitors: int) -> float:
    """The 95th percentile of milliseconds that so many visitors wait for a decoded point, all dragging at once."""
    times: list[float] = []

    async def drag(client: httpx.AsyncClient, visitor: int) -> None:
        await asyncio.sleep(0.1 * visitor / visitors)
        pace = Pace()
        for move in range(MOVES):
            start = time.perf_counter()
            answer = await client.get(f"{url}explorer/point/{run}/pca?x={0.02 * move}&y={0.01 * visitor}")
            seconds = time.perf_counter() - start
            answer.raise_for_status()
            times.append(1000 * seconds)
            await asyncio.sleep(pace.rest(seconds))

    async with httpx.AsyncClient(timeout=60) as client:
        await asyncio.gather(*(drag(client, visitor) for visitor in range(visitors)))
    return late(times)


@contextmanager
def trial() -> Iterator[tuple[str, Browser]]:
    """An explorer with a cache of its own, at an address, and a browser."""
    folder = Path(tempfile.mkdtemp())
    os.environ.setdefault("EXPLORER_CACHE", str(folder / "cache"))
    with running(ROOT / "app.py", folder / "log.txt") as url, sync_playwright() as playwright:
        yield url, playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)


def main() -> None:
    """Measure and print."""
    asked = parser(__doc__).parse_args()
    rows: list[dict[str, str]] = []

    def note(what: str, measured: str, target: str) -> None:
        rows.append({"what": what, "measured": measured, "target": target})

    with trial() as (url, browser):
        opened(browser, url)
        waits = []
        for _ in range(3):
            page, _, size = opened(browser, url)
            start = time.perf_counter()
            page.get_by_role("tab", name="Latent space", exact=True).click()
            page.wait_for_function(READY, timeout=20_000)
            waits.append(time.perf_counter() - start)
        note("the map's place, from the click on", f"{statistics.median(waits):.2f} s", "≤ 1 s")
        note("on the wire until then", f"{size / 1e6:.2f} MB", "≤ 5 MB")
        page.wait_for_timeout(2000)
        note("dragging, decoded in the browser", f"{page.evaluate(DRAG):.0f} images/s", "≥ 15 images/s")
        times = page.evaluate(LASSO)
        note("lasso over 10,000 dots", in_milliseconds(times), "≤ 300 ms")
        variant(page, "Sequence")
        note("dragging, Sequence, decoded in the browser", f"{page.evaluate(DRAG):.0f} images/s", "≥ 15 images/s")
        tab(page, "Traverse")
        for title in ("Dense", "Sequence"):
            variant(page, title)
            note(f"slider to picture, {title}", slid(page), "p95 ≤ 60 ms")
        run = own_sequence()
        remember(page, run)
        page.wait_for_timeout(20_000)  # until its map is drawn
        tab(page, "Latent space")
        page.wait_for_function(READY, timeout=20_000)
        note("dragging, decoded by the server", f"{page.evaluate(DRAG):.0f} images/s", "≥ 15 images/s")
        tab(page, "Traverse")
        note("slider to picture, decoded by the server", slid(page), "p95 ≤ 60 ms")
        browser.close()
        with ThreadPoolExecutor() as threads:  # Playwright has a loop of its own in this one
            crowds = [threads.submit(asyncio.run, crowd(url, run, visitors)).result() for visitors in (1, 1, VISITORS)]
        alone, together = crowds[1:]  # the first warms up
        words = f"p95 {alone:.0f} ms alone, {together:.0f} ms among {VISITORS}: {together / alone:.1f} times"
        note("a point decoded by the server", words, "less than 2 times")
    report(rows, asked.json)


if __name__ == "__main__":
    main()
