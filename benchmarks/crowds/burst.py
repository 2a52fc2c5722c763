"""First visits, many at once: all that a browser fetches until the first view is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
from playwright.sync_api import sync_playwright

from benchmarks.crowds.server import Asked, Bar, Row, Server
from benchmarks.crowds.visitors import Site, Tally, Visitor
from benchmarks.page import FIRST_VIEW
from tests.browser import chromium
from tests.browser.conftest import FLAGS

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
AT_ONCE = 6  # connections of a browser to one host


def burst(number: int, seconds: int, p95: float) -> Bar:
    """First visits: everything that a browser fetches until the first view is there."""

    def bar(site: Site, server: Server, asked: Asked) -> list[Row]:
        files, tally = fetched(site.url), Tally()
        visits, within = asked.much(number), asked.much(seconds)

        async def play() -> None:
            async with server.watched():
                await asyncio.gather(*(visit(site, files, within * at / visits, tally) for at in range(visits)))

        asyncio.run(play())
        late = tally.late(0.95) / 1000
        measured = f"{len(files)} requests each, {len(tally.errors)} errors {tally.errors[:1]}, p95 {late:.1f} s"
        what, target = f"{visits} first visits in {within} s", f"all answered, p95 ≤ {p95:.0f} s"
        return [(what, f"{measured}; {server.words}", target, not tally.errors and late <= p95)]

    return bar


def fetched(url: str) -> list[str]:
    """What Chromium gets on a first visit, in its order; without the streams, which the visitors open themselves."""
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.on("request", lambda request: asked.append(request.url) if request.method == "GET" else None)
        page.goto(url)
        page.wait_for_function(FIRST_VIEW, timeout=60_000)
        page.wait_for_timeout(1500)  # the thumbnails come after the first view
        browser.close()
    return [one for one in asked if one.startswith(url) and "/queue/" not in one and "/heartbeat/" not in one]


async def visit(site: Site, files: Sequence[str], delay: float, tally: Tally) -> None:
    """The page, then all else over six connections, then the first view's event. Bodies stay compressed."""
    await asyncio.sleep(delay)
    limits = httpx.Limits(max_connections=AT_ONCE)
    line = httpx.AsyncClient(limits=limits, headers=BROWSER, timeout=120, trust_env=False)
    visitor, door = Visitor(site, 0), asyncio.Semaphore(AT_ONCE)

    async def get(address: str) -> None:
        async with door, line.stream("GET", address) as answer:
            answer.raise_for_status()
            async for _ in answer.aiter_raw():
                pass

    async with line, tally.timed():
        await get(files[0])
        await asyncio.gather(*(get(file) for file in files[1:]), visitor.arrive())
    await visitor.leave()
