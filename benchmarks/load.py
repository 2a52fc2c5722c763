"""A class of visitors, first visits in a burst, long use, and clients that mean no good: what the server makes of them.

``python benchmarks/load.py [--only class burst] [--quick] [--events 10000] [--json FILE]``; loopback only, a server of
its own for each row, and an end to everything. ``--quick`` is a twentieth of it. Ends with 1 when a bar is missed.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from benchmarks.crowds.burst import burst  # noqa: E402
from benchmarks.crowds.hostile import LARGE, besieged  # noqa: E402
from benchmarks.crowds.server import QUICK, Asked, Bar, Row, Server  # noqa: E402
from benchmarks.crowds.visitors import Site, Tally, Visitor, arrived, moving, training  # noqa: E402
from benchmarks.page import megabytes, server_process  # noqa: E402
from benchmarks.table import parser, report  # noqa: E402
from tests.browser.conftest import running, settle  # noqa: E402

TRAININGS = 2
PLOTS = ("Health", "Two maps", "Compress", "Scoreboard", "PCA duel")
HANDS = 20  # visitors who are busy without a rest; as many threads may a pool keep


def words(tally: Tally) -> str:
    """Moves, errors and waits; the first error too."""
    waits = ", ".join(f"p{share} {tally.late(share / 100):.0f} ms" for share in (50, 95, 99))
    first = f" ({tally.errors[0]})" if tally.errors else ""
    longest = f"{tally.slowest[0]:.0f} ms ({tally.slowest[1]})"
    return f"{len(tally.times)} moves, {len(tally.errors)} errors{first}, {waits}, longest {longest}"


def crowd(number: int, pause: float, p95: float, p99: float) -> Bar:
    """So many visitors, each with a move every so many seconds, while two models train."""

    def bar(site: Site, server: Server, asked: Asked) -> list[Row]:
        tally, visitors = Tally(), asked.much(number)

        async def play() -> None:
            async with arrived(site, visitors) as pages, training(site, TRAININGS, tally), server.watched():
                await moving(pages, pause, max(2 * pause, asked.much(60)), tally)

        asyncio.run(play())
        held = not tally.errors and tally.late(0.95) <= p95 and tally.late(0.99) <= p99
        target = f"0 errors, p95 ≤ {p95:.0f} ms" + (f", p99 ≤ {p99:.0f} ms" if p99 < float("inf") else "")
        what = f"{visitors} visitors, a move every {pause} s, {TRAININGS} trainings"
        return [(what, f"{words(tally)}; {server.words}", target, held)]

    return bar


def memory(site: Site, server: Server, asked: Asked) -> list[Row]:
    """Sessions that do something, and sessions that are thrown away."""
    tally, visitors, thrown = Tally(), asked.much(200), asked.much(2000)

    async def act(visitor: Visitor) -> None:
        for at in range(20):
            if at % 4 != 3:
                await visitor.move(tally)
                continue
            async with tally.timed(PLOTS[at // 4]):
                await visitor.open(PLOTS[at // 4])

    async def play() -> float:
        async with arrived(site, visitors) as pages:
            for start in range(0, visitors, HANDS):
                await asyncio.gather(*(act(page) for page in pages[start : start + HANDS]))
            used = megabytes(server.process)
        async with server.watched():
            await asyncio.gather(*(throw(thrown // HANDS) for _ in range(HANDS)))
        return used

    async def throw(number: int) -> None:
        for _ in range(number):
            visitor = Visitor(site, 0)
            async with tally.timed():
                await visitor.arrive()
            await visitor.leave()

    used = asyncio.run(play())
    grown, errors = server.most - server.before, f"{len(tally.errors)} errors {tally.errors[:1]}"
    return [
        (
            f"{visitors} sessions, 20 actions each",
            f"{used:.0f} MB, {errors}",
            "≤ 1500 MB, 0 errors",
            used <= 1500 and not tally.errors,
        ),
        (f"{thrown} sessions thrown away", f"{grown:+.0f} MB, {server.seconds:.0f} s CPU", "≤ +100 MB", grown <= 100),
    ]


def soak(site: Site, server: Server, asked: Asked) -> list[Row]:
    """Long use: what it leaves behind in memory, threads and open files once the visitors have gone."""
    tally = Tally()

    async def use(events: int) -> tuple[float, int, int]:
        async with arrived(site, HANDS) as pages:

            async def busy(visitor: Visitor) -> None:
                for _ in range(events // HANDS):
                    await visitor.move(tally)

            await asyncio.gather(*(busy(page) for page in pages))
        await asyncio.sleep(5)  # closed connections are let go
        return megabytes(server.process), server.process.num_threads(), server.process.num_fds()

    async def play() -> list[tuple[float, int, int]]:
        warm = [await use(max(HANDS, events // 5)) for _ in range(2)][-1]  # threads, caches, Gradio's lists
        async with server.watched():
            return [warm, await use(events)]

    events = asked.much(asked.events)
    before, after = asyncio.run(play())
    size, threads, files = (late - early for early, late in zip(before, after, strict=True))
    held = not tally.errors and size <= 50 and threads <= HANDS and files <= 10
    measured = f"{size:+.0f} MB, {threads:+d} threads, {files:+d} files; {words(tally)}; {server.words}"
    return [(f"{events} events", measured, f"≤ +50 MB, ≤ +{HANDS} threads, ≤ +10 files, 0 errors", held)]


def hostile(site: Site, server: Server, asked: Asked) -> list[Row]:
    """Good visitors among clients that mean no good."""
    good, bad, page = Tally(), Tally(), Tally()
    waiting, others, large = asked.much(500), asked.much(200), asked.much(LARGE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2
    )  # ours, not its own

    async def look(until: float) -> None:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            while time.monotonic() < until:
                async with page.timed():
                    (await client.get(site.url)).raise_for_status()
                await asyncio.sleep(1)

    async def play() -> list[float]:
        seconds = max(6, asked.much(60))
        async with arrived(site, asked.much(30)) as pages, training(site, TRAININGS, good):
            await moving(pages, 3, 6, Tally())
            async with server.watched(), besieged(site, waiting, others, large, bad) as taken:
                await asyncio.gather(look(time.monotonic() + seconds), moving(pages, 3, seconds, good))
        return taken

    taken = asyncio.run(play())
    grown, slowest = server.most - server.before, max(page.times, default=float("inf")) / 1000
    what = f"{waiting} silent lines, {others} halves, {others} unread, {len(taken)} bodies of {large} MB"
    met = not good.errors and good.late(0.95) <= 250 and good.late(0.99) <= 1000
    return [
        (f"{what}: good visitors", f"{words(good)}; {server.words}", "0 errors, p95 ≤ 250 ms, p99 ≤ 1000 ms", met),
        (
            "the page itself meanwhile",
            f"worst {slowest:.2f} s, {len(page.errors)} errors",
            "≤ 2 s",
            slowest <= 2 and not page.errors,
        ),
        (
            "memory meanwhile",
            f"{grown:+.0f} MB; took {sum(taken):.0f} MB, {bad.errors[:1]}",
            "≤ +300 MB",
            grown <= 300 and not bad.errors,
        ),
    ]


BARS: dict[str, tuple[str, Bar]] = {
    "class": ("31", crowd(100, 3, 250, 1000)),
    "crowd": ("32", crowd(200, 5, 1000, float("inf"))),
    "burst": ("33", burst(60, 3, 25)),
    "visits": ("33", burst(200, 120, 8)),
    "memory": ("34", memory),
    "soak": ("35", soak),
    "hostile": ("36", hostile),
}


def logged(log: Path) -> Row:
    """How often the server's log has a traceback, and of what."""
    lines = log.read_text(errors="replace").splitlines()
    number = sum("Traceback" in line for line in lines)
    kinds = {line.strip(" |")[:90] for line in lines if re.match(r"[\s|]*[\w.]+(Error|Exception|Disconnect)\b", line)}
    return ("tracebacks in the log", f"{number} {sorted(kinds)[:3] if number else ''}".strip(), "0", number == 0)


def measured(name: str, asked: Asked) -> list[dict[str, Any]]:
    """One bar's rows, on a server of its own. What breaks down is missed."""
    number, bar = BARS[name]
    with tempfile.TemporaryDirectory(prefix="explorer-load-", ignore_cleanup_errors=True) as folder:
        os.environ["EXPLORER_CACHE"] = f"{folder}/cache"
        try:
            with running(ROOT / "app.py", Path(folder) / "log.txt") as url:
                settle(url)
                told = bar(Site(url), Server(server_process()), asked)
                told.append(logged(Path(folder) / "log.txt"))
        except Exception as error:  # noqa: BLE001  the next bar is tried all the same
            told = [(name, f"{type(error).__name__}: {str(error)[-300:]}", "", False)]
    return [
        {"what": f"{number} {what}", "measured": found, "target": target, "bar": "held" if is_met else "MISSED"}
        for what, found, target, is_met in told
    ]


def main() -> int:
    """Measure and print; 1 if a bar is missed."""
    arguments = parser(__doc__)
    arguments.add_argument("--only", nargs="+", choices=[*BARS], default=[*BARS], metavar="ROW", help=", ".join(BARS))
    arguments.add_argument("--quick", action="store_true", help=f"a {QUICK}th of everything")
    arguments.add_argument("--events", type=int, default=3000, metavar="N", help="of the soak")
    chosen = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an end from outside ends the server too
    rows: list[dict[str, Any]] = []
    for name in chosen.only:
        rows += (found := measured(name, Asked(chosen.quick, chosen.events)))
        print(*(f"{row['what']}: {row['measured']}, {row['bar']}" for row in found), sep="\n", flush=True)
    print()
    report(rows, chosen.json)
    return int(any(row["bar"] == "MISSED" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
