"""Chaos around the server: killed while it saves or trains, without network, flooded; and the same answer twice."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from benchmarks.chaos_jobs import PATIENCE
from explorer.analysis.maps import execute_with_maps, umap_in_worker
from explorer.data import load as load_data
from explorer.training.jobs import Jobs
from explorer.training.runs import RunSpec
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from tests.browser.conftest import running, settle
from tests.reliability.test_store import killed_while_writing
from tests.training.looking import wait
from tests.training.test_train import CURVES

ROOT = Path(__file__).parents[1]
Rows = list[tuple[str, str, bool]]
EPOCHS = 40
SPEC = {"variant": "linear", "settings": {}, "training": {"epochs": EPOCHS, "batch_size": 32}, "dataset": "digits"}

VICTIM = """
import asyncio, json, sys
from pathlib import Path
from explorer.analysis.maps import execute_with_maps
from explorer.training.jobs import Jobs
from explorer.training.runs import RunSpec
from explorer.training.store import RunStore
from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.unfinished import found
from explorer.ui.views.training import followed

def often(spec, **how):
    from explorer.training import runs
    runs.STATE_SECONDS = 0.3
    yield from execute_with_maps(spec, **how)

async def serve(folder, run):
    explorer = Explorer(Library(), Gallery(RunStore(Path(folder))), Jobs(often, workers=1))
    desk = found(explorer, run) or Desk()
    whole = [explorer.gallery.store.read(file.stem)[0].epochs for file in Path(folder).glob("*.json")]
    print(json.dumps({"text": desk.text, "whole": len(whole)}), flush=True)
    desk.begin(explorer.jobs, RunSpec(**json.loads(sys.argv[3])), "someone", one_epoch=False)
    async for _ in followed(explorer, desk, 0):
        print(json.dumps({"run": desk.run, "epoch": desk.epoch}), flush=True)
    print(json.dumps({"curve": [terms for _, terms in desk.points]}), flush=True)
    explorer.jobs.close()

if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:3]))
"""

OFFLINE = """
import json, sys
asked = []
def guard(event, args):
    host = args[0] if event == "socket.getaddrinfo" else args[1][0] if event == "socket.connect" else "localhost"
    if isinstance(host, bytes):
        host = host.decode()
    if event in ("socket.getaddrinfo", "socket.connect") and host not in ("localhost", "127.0.0.1", "::1", None, ""):
        if not (isinstance(args[1], str) and args[1].startswith("/")):
            asked.append(str(host))
            raise OSError("there is no network")
sys.addaudithook(guard)
from explorer.training.jobs import Jobs
from explorer.training.runs import RunSpec
from explorer.ui.explorer import Explorer
from explorer.ui.server import build
from explorer.ui.session import Session, current
from tests.training.looking import wait
from dataclasses import replace
if __name__ == "__main__":
    explorer = Explorer.open()
    build(explorer)
    shown = 0
    for name in explorer.gallery.shipped:
        now = current(replace(Session(), model=name), explorer.gallery, explorer.library)
        shown += int(now.codes[:1].isfinite().all())
    spec = RunSpec("linear", {"latent_dim": 2}, {"epochs": 1}, "digits")
    end = wait(explorer.jobs, explorer.jobs.submit(spec, owner="a"), patience=200).state
    explorer.jobs.close()
    print(json.dumps({"shown": shown, "of": len(explorer.gallery.shipped), "training": end, "asked": asked}))
"""


def saving(times: int, folder: Path) -> Rows:
    """Killed while it writes models and bookmarks."""
    kills = 60 * times
    orphans = killed_while_writing(folder / "runs", kills)
    return [
        (f"16 kill -9 while saving, {kills} times", f"all whole, {orphans} orphans removed at the next start", True)
    ]


def server(times: int, folder: Path) -> Rows:
    """Killed while it trains, again and again, until the run has ended all the same."""
    script, runs = folder / "victim.py", folder / "runs"
    script.write_text(VICTIM)
    *_, whole = (e for e in execute_with_maps(RunSpec(**SPEC)) if e["kind"] == "progress")  # type: ignore[arg-type]
    run, kills, starts, texts, curve = "", 0, list[float](), list[str](), list[dict[str, float]]()
    before = 0  # epochs when it was killed last
    while not curve:
        start = time.perf_counter()
        command = [sys.executable, str(script), str(runs), run, json.dumps(SPEC)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as victim:
            assert victim.stdout is not None
            told = json.loads(victim.stdout.readline())
            starts.append(time.perf_counter() - start)
            texts.append(told["text"])
            until = time.monotonic() + 2 * (0.618 * kills % 1) if kills < 5 * times else math.inf
            for line in victim.stdout:
                told = json.loads(line)
                run, curve, epoch = told.get("run", run), told.get("curve", []), told.get("epoch", 0)
                if time.monotonic() > until and epoch > before and not curve:
                    before = epoch
                    victim.kill()
                    kills += 1
                    break
    store = RunStore(runs)
    kept = [store.read(file.stem)[0] for file in runs.glob("*.json")]
    last = abs(curve[-1]["reconstruction"] - whole["losses"]["reconstruction"])
    said = all(text.startswith("interrupted at epoch") for text in texts[1:])
    return [
        (f"17 kill -9 of the server, {kills} times", f"found again in {max(starts):.1f} s at most", max(starts) <= 15),
        ("17 what is said", texts[-1] or "nothing", said and kills > 0),
        ("17 loss against the uncut run", f"{last:.1e} apart", last <= 1e-6),
        ("17 the finished run is there", f"{len(kept)} kept", [card.epochs for card in kept] == [EPOCHS]),
    ]


def no_network(_: int, folder: Path) -> Rows:
    """Every shipped model and a training, in a process that cannot ask any other machine."""
    script = folder / "offline.py"
    script.write_text(OFFLINE)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EXPLORER_CACHE": str(folder)}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    words = (
        f"{told['shown']} of {told['of']} models, training {told['training']}, asked for {told['asked'] or 'nobody'}"
    )
    return [("20 no network", words, told["shown"] == told["of"] and told["training"] == "done" and not told["asked"])]


def disk(times: int, folder: Path) -> Rows:
    """Many moves, models that are refused and transfers that are broken off: what is left in the temporary folder."""
    temporary = folder / "temporary"
    temporary.mkdir()
    own = {"TMPDIR": str(temporary), "EXPLORER_CACHE": str(folder / "cache")}
    moves, answered = 1000 * times, 0
    with mock.patch.dict(os.environ, own), running(ROOT / "app.py", folder / "log.txt") as url:
        settle(url)
        for move in range(moves):
            place = f"x={math.sin(move):.3f}&y={math.cos(move):.3f}"
            with urllib.request.urlopen(f"{url}explorer/point/variational-2d/code?{place}", timeout=60) as answer:
                answered += answer.status == 200
        for _ in range(100):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"{url}explorer/bring", data=os.urandom(300_000), timeout=60).close()
        for _ in range(50):
            broken_off(url)
        left = [file for file in temporary.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in left)
    words = f"{size / 2**20:.1f} MB in {len(left)} files after {answered} moves"
    return [("21 temporary files", words, answered == moves and size <= 200 * 2**20 and len(left) <= 5000)]


def broken_off(url: str) -> None:
    """Half a model."""
    with socket.create_connection(("127.0.0.1", urlsplit(url).port or 80), timeout=10) as line:
        line.sendall(
            b"POST /explorer/bring HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + bytes(500_000)
        )


def seeds(_: int, __: Path) -> Rows:
    """Every variant in three fresh processes, the last one beside a busy one."""

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", CURVES, "1"], cwd=ROOT, stdout=subprocess.PIPE)

    answers: list[Any] = [json.loads(start().communicate(timeout=PATIENCE)[0]) for _ in range(2)]
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        answers.append(json.loads(start().communicate(timeout=PATIENCE)[0]))
        busy.kill()
    same = [name for name in answers[0] if answers[0][name] == answers[1][name] == answers[2][name]]
    return [
        ("29 same seed, three processes", f"{len(same)} of {len(answers[0])} variants", len(same) == len(answers[0]))
    ]


def umap(_: int, folder: Path) -> Rows:
    """Four visitors ask for a map at once, under each way that Numba has of dividing work."""
    gallery, dataset = Gallery(RunStore(folder)), load_data()
    start = time.perf_counter()
    stored = gallery.open("dense", dataset).maps.points
    first = time.perf_counter() - start
    card, weights = gallery.on_disk("dense")
    maps = []
    for layer in ("workqueue", "omp"):
        os.environ["NUMBA_THREADING_LAYER"] = layer
        jobs = Jobs(workers=2)
        try:
            ask = (umap_in_worker, card.to_json(), weights, dataset.name, 500)
            line = [jobs.submit_task(*ask, owner=f"visitor {number}") for number in range(4)]
            views = [wait(jobs, job, patience=PATIENCE) for job in line]
            maps += [view.events[-1]["result"] if view.state == "done" else view.text for view in views]
        finally:
            jobs.close()
    same = sum(one == maps[0] for one in maps)
    return [
        ("30 eight UMAPs, four at once", f"{same} of {len(maps)} the same", same == 8 and isinstance(maps[0], bytes)),
        ("30 first scatter from the stored map", f"{first:.2f} s", first <= 1.0 and "umap" in stored),
    ]
