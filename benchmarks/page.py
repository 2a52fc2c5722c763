"""How the page feels and what it costs: first view, hover to pixels, bytes, memory; in headless Chromium.

``python benchmarks/page.py [--json FILE]``; starts a server of its own on a free port.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks.table import parser, report  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.conftest import FLAGS, running  # noqa: E402
from tests.browser.own_model import TOO_MUCH, kept, remember  # noqa: E402

FIRST_VIEW = "document.querySelector('[data-ready=\"1\"]') && document.querySelector('.ae-figures strong')"
HOVER = """async () => {
  const plot = document.querySelector('.ae-map-plot'), canvas = document.querySelector('.ae-decoded canvas');
  const box = plot.getBoundingClientRect(), times = [];
  const grey = () => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.join();
  for (let i = 0; i < 60; i += 1) {
    const before = grey(), x = box.left + 70 + 4 * i, y = box.top + 40 + 3 * ((7 * i) % 60), start = performance.now();
    plot.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true, pointerType: 'mouse'}));
    while (grey() === before && performance.now() - start < 1000) await new Promise(requestAnimationFrame);
    times.push(performance.now() - start);
  }
  return times;
}"""


def own_sequence() -> str:
    """The id of a model as large as the shipped sequence model whose decoder stays on the server."""
    return kept("sequence", **TOO_MUCH)


def opened(browser: Browser, url: str) -> tuple[Page, float, int]:
    """A new visitor's page with its first view drawn: the page, seconds until then, bytes on the wire."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_function(FIRST_VIEW, timeout=60_000)
    seconds = time.perf_counter() - start
    page.wait_for_timeout(1500)  # the thumbnails come after the first view
    return page, seconds, sum(received)


def server_process() -> psutil.Process:
    return next(child for child in psutil.Process().children() if "app.py" in " ".join(child.cmdline()))


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def hover(page: Page, title: str) -> tuple[float, float]:
    """Median and 95th percentile of milliseconds from a move of the mouse to the decoded picture."""
    if title:
        page.locator(".ae-picker-groups .ae-chip", has_text=title).first.click()
        page.wait_for_timeout(3000)
    times = sorted(page.evaluate(HOVER))
    return statistics.median(times), times[int(0.95 * len(times))]


def training_worker(page: Page, server: psutil.Process) -> float:
    """Megabytes of the largest worker process while a model trains."""
    page.get_by_role("tab", name="Train", exact=True).click()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Train", exact=True).click()
    largest = 0.0
    for _ in range(40):
        page.wait_for_timeout(500)
        sizes = [megabytes(child) for child in server.children(recursive=True) if child.is_running()]
        largest = max([largest, *sizes])
    page.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(2500)
    return largest


def main() -> None:
    """Measure and print."""
    asked = parser(__doc__).parse_args()
    rows: list[dict[str, Any]] = []

    def note(what: str, value: str, target: str) -> None:
        rows.append({"what": what, "measured": value, "target": target})

    folder = Path(tempfile.mkdtemp())
    os.environ.setdefault("EXPLORER_CACHE", str(folder / "cache"))
    start = time.perf_counter()
    with running(ROOT / "app.py", folder / "log.txt") as url, sync_playwright() as playwright:
        note("process up", f"{time.perf_counter() - start:.1f} s", "≤ 5 s")
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        server = server_process()
        opened(browser, url)
        times = [opened(browser, url) for _ in range(3)]
        note("first view, warm start", f"{statistics.median(seconds for _, seconds, _ in times):.2f} s", "≤ 3 s")
        note("first load on the wire", f"{times[0][2] / 1e6:.2f} MB", "≤ 5 MB")
        note("server, resident", f"{megabytes(server):.0f} MB", "≤ 800 MB")
        pages = [opened(browser, url)[0] for _ in range(8)]  # threads and caches come with the first visitors
        before = megabytes(server)
        pages += [opened(browser, url)[0] for _ in range(12)]
        note("each further visitor", f"{(megabytes(server) - before) / 12:.2f} MB", "≤ 1 MB")
        for page in pages[2:]:
            page.context.close()  # their windows would compete for this machine's cores
        for title, where in (
            ("Dense", "in the browser"),
            ("Convolutional", "in the browser"),
            ("Sequence", "in the browser"),
            ("", "by the server"),
        ):
            if not title:
                remember(pages[0], own_sequence())
                pages[0].wait_for_timeout(20_000)  # until its map is drawn
            median, late = hover(pages[0], title)
            target = "p95 ≤ 50 ms" if "browser" in where else "p95 ≤ 100 ms"
            what = f"hover to pixels, {title or 'Sequence with LSTM'}, decoded {where}"
            note(what, f"median {median:.0f} ms, p95 {late:.0f} ms", target)
        note("training worker, resident", f"{training_worker(pages[1], server):.0f} MB", "≤ 700 MB")
        browser.close()
    report(rows, asked.json)


if __name__ == "__main__":
    main()
