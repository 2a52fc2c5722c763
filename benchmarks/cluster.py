"""How long a queue of runs takes on 1, 2 and 3 workers of a Dask cluster outside the server.

``python benchmarks/cluster.py [--runs N] [--workers 1 2 3] [--tls] [--json FILE]``; about three minutes on two cores.

A scheduler and each worker are processes of their own on the loopback, with one thread each. A ``training`` is a linear
autoencoder on 1,000 of the embedded digits for one epoch: with more workers than cores it cannot become faster. A
``waiting`` run only sleeps for a quarter of a second, as one would that computes on another machine: what it costs more
is the queue's and the cluster's. Exit code 1: with three workers, runs that wait are not at least twice as fast.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.table import parser, report  # noqa: E402
from explorer.training.grid import LOOK  # noqa: E402
from explorer.training.jobs import Jobs, Limits  # noqa: E402
from explorer.training.runs import RunSpec, execute  # noqa: E402
from tests.training import stand_ins  # noqa: E402
from tests.training.elsewhere import Elsewhere, tls  # noqa: E402

SLEEP = 0.25  # seconds
BAR = 2.0
LONGEST = 600.0  # seconds for one queue
KINDS: dict[str, Any] = {"waiting": stand_ins.act, "training": execute}


def spec(kind: str, number: int) -> Any:
    """One run of the queue."""
    if kind == "waiting":
        return ("placed", SLEEP)
    return RunSpec("linear", {"latent_dim": 8}, {"epochs": 1, "images": 1000, "seed": number}, "digits")


def through(jobs: Jobs, kind: str, runs: int) -> float:
    """Seconds until all runs of a queue are done. Raises RuntimeError where one is not."""
    start = time.perf_counter()
    waiting = {jobs.submit(spec(kind, number), owner=f"{kind} {number}") for number in range(runs)}
    while waiting:
        for job in list(waiting):
            view = jobs.look(job)
            if view.is_over:
                if view.state != "done":
                    raise RuntimeError(f"a run ended as {view.state}: {view.text}")
                jobs.forget(job)
                waiting.discard(job)
        if time.perf_counter() - start > LONGEST:
            raise RuntimeError(f"{len(waiting)} of {runs} runs were not done after {LONGEST:.0f} s")
        time.sleep(LOOK / 10)
    return time.perf_counter() - start


def measured(kind: str, workers: int, runs: int, elsewhere: Elsewhere) -> dict[str, Any]:
    """One row: the queue on so many workers, which have done a run each before."""
    jobs = Jobs(KINDS[kind], scheduler=elsewhere.address, limits=Limits(waiting=runs, results=runs, unseen=None))
    try:
        through(jobs, kind, 2 * workers)
        seconds = through(jobs, kind, runs)
    finally:
        jobs.close()
    return {
        "runs": kind,
        "workers": workers,
        "seconds": round(seconds, 1),
        "runs a second": round(runs / seconds, 2),
        "worker seconds a run": round(seconds * workers / runs, 3),
    }


def main() -> None:
    """Measure and print."""
    arguments = parser(__doc__)
    arguments.add_argument("--runs", type=int, default=60)
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    arguments.add_argument("--tls", action="store_true", help="with a certificate of openssl's")
    asked = arguments.parse_args()
    dask, _ = (importlib.import_module(name) for name in ("dask", "distributed"))
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for workers in asked.workers:
            own = Path(folder, str(workers))
            own.mkdir()
            settings = tls(own) if asked.tls else {}
            elsewhere = Elsewhere(own, settings)
            try:
                for _ in range(workers):
                    elsewhere.add()
                with dask.config.set(settings):
                    elsewhere.wait(workers)
                    rows += [measured(kind, workers, asked.runs, elsewhere) for kind in KINDS]
            finally:
                elsewhere.close()
    for row in rows:
        first = next(other for other in rows if other["runs"] == row["runs"])
        row["ratio"] = round(row["runs a second"] / first["runs a second"], 2)
    report(sorted(rows, key=lambda row: list(KINDS).index(row["runs"])), asked.json)
    print(f"\n{asked.runs} runs a queue, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.")
    ratio = next((row["ratio"] for row in rows if row["runs"] == "waiting" and row["workers"] == 3), BAR)
    sys.exit(int(ratio < BAR))


if __name__ == "__main__":
    main()
