"""Clients that mean no good, all at once, none for ever: they wait, stop half-way, never read, send too much."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator

from benchmarks.crowds.visitors import PATIENCE, Site, Tally, Visitor, sent

PIECE = 64 * 1024
JSON = "Content-Type: application/json\r\n"
HALVES = [
    ("POST /gradio_api/queue/join HTTP/1.1\r\n", f"{JSON}Content-Length: 1000\r\n\r\n{{"),  # half a body
    ("GET / HTTP/1.1\r\n", "Accept-Enco"),  # half a head
]
WAYS = ["gradio_api/component_server", "gradio_api/queue/join", "gradio_api/upload", "explorer/bring", "login"]
LARGE = 300  # MB of each body


async def silent(url: str, number: int) -> list[asyncio.StreamWriter]:
    """Lines of server-sent events that nobody reads."""
    starts = [f"GET /gradio_api/heartbeat/{secrets.token_hex(6)} HTTP/1.1\r\n" for _ in range(number)]
    return [(await sent(url, start, "\r\n"))[1] for start in starts]


async def halves(url: str, number: int) -> list[asyncio.StreamWriter]:
    """Connections with half a request each."""
    return [(await sent(url, *HALVES[at % len(HALVES)]))[1] for at in range(number)]


async def unread(site: Site, number: int) -> None:
    """Events whose answers nobody fetches, each of another visitor."""
    someone = Visitor(site, 0)
    try:
        for _ in range(number):
            someone.session = secrets.token_hex(6)
            await someone.join(site.event("memory"), {"visit": None, "server": None})
    finally:
        await someone.leave()


async def large(url: str, way: str, megabytes: int, *, is_told: bool) -> float:
    """Send a body of so many megabytes, of which the head tells the size or not: how many the server took."""
    size = megabytes * 2**20
    head = f"Content-Length: {size}\r\n" if is_told else "Transfer-Encoding: chunked\r\n"
    _, writer = await sent(url, f"POST /{way} HTTP/1.1\r\n", f"{JSON}{head}\r\n")
    piece, taken = b" " * PIECE, 0
    framed = piece if is_told else b"%x\r\n%s\r\n" % (PIECE, piece)
    with contextlib.suppress(OSError):
        while taken < size and not writer.is_closing():
            writer.write(framed)
            await asyncio.wait_for(writer.drain(), 20)
            taken += PIECE
    writer.close()
    return taken / 2**20


@contextlib.asynccontextmanager
async def besieged(site: Site, waiting: int, others: int, megabytes: int, tally: Tally) -> AsyncIterator[list[float]]:
    """All of them at once. ``others``: how many stop half-way, and how many never read; in the end what was taken."""
    lines: list[asyncio.StreamWriter] = []
    taken: list[float] = []

    async def send() -> None:
        sizes = (large(site.url, way, megabytes, is_told=at % 2 == 0) for at, way in enumerate(WAYS))
        taken.extend(await asyncio.gather(*sizes))

    async def attack() -> None:
        lines.extend(await silent(site.url, waiting))
        lines.extend(await halves(site.url, others))
        await asyncio.gather(unread(site, others), send())

    task = asyncio.create_task(asyncio.wait_for(attack(), PATIENCE))
    try:
        yield taken
    finally:
        for failure in await asyncio.gather(task, return_exceptions=True):
            if isinstance(failure, BaseException):
                tally.errors.append(f"the attack broke off: {failure!r}"[:200])
        for line in lines:
            line.close()
