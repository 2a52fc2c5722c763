"""Chaos among the jobs: stopped, submitted by thirty at once, left alone, too long, too large, broken."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from explorer.models.checkpoint import Card, unpack
from explorer.training.jobs import Jobs, Limits
from explorer.training.runs import RunSpec
from tests.training import stand_ins
from tests.training.looking import is_running, wait

Rows = list[tuple[str, str, bool]]
LONG = ("count", {"steps": 100_000, "pause": 0.01})
PATIENCE = 300.0


def run_of(epochs: int, seed: int = 0) -> RunSpec:
    """A run on the stand-in digits."""
    return RunSpec("dense", {}, {"epochs": epochs, "batch_size": 16, "seed": seed}, "digits")


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes that may train: Dask's workers below this one, without its keeper of semaphores."""
    children = process.children(recursive=True)
    return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]


def stop(times: int, _: Path) -> Rows:
    """Stop acts soon, and the weights are there."""
    jobs, seconds = Jobs(workers=2), []
    try:
        for seed in range(3 * times):
            job = jobs.submit(run_of(100, seed), owner="someone")
            wait(jobs, job, lambda view: any(event["kind"] == "progress" for event in view.events), PATIENCE)
            start = time.perf_counter()
            jobs.stop(job)
            view = wait(jobs, job, patience=PATIENCE)
            seconds.append(time.perf_counter() - start)
            finished = view.events[-1]
            unpack(Card(**finished["card"]), finished["weights"])
    finally:
        jobs.close()
    return [("22 stop to weights", f"{max(seconds):.2f} s at most", max(seconds) <= 1.0)]


def at_once(times: int, folder: Path) -> Rows:
    """Submitted and stopped, thirty at once, submitted and forgotten: never more than two at work."""
    jobs, counts, processes = Jobs(stand_ins.act, workers=2), [0], [0]
    over, here = threading.Event(), psutil.Process()
    spec = ("count", {"steps": 60, "pause": 0.01, "folder": str(folder)})

    def sample() -> None:
        while not over.wait(0.05):
            counts.append(len(list(folder.iterdir())))
            processes.append(len(workers_of(here)))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        wait(jobs, jobs.submit(spec, owner="first"), patience=PATIENCE)
        for number in range(10 * times):
            job = jobs.submit(spec, owner=f"impatient {number}")
            time.sleep(0.02)
            jobs.stop(job)
        for number in range(10 * times):
            jobs.submit(spec, owner=f"forgetful {number}")
        drained(jobs)
        ends, latest = [], 0.0
        for number in range(times):
            start = time.perf_counter()
            line = [jobs.submit(spec, owner=f"class {number} {seat}") for seat in range(30)]
            places = sorted(jobs.look(job).place for job in line)
            latest = max(latest, time.perf_counter() - start)
            ends += ends_of(jobs, line)
    finally:
        over.set()
        sampler.join()
        jobs.close()
    return [
        ("23 trainers at once", f"{max(counts)} of {max(processes)} processes", max(counts) <= 2),
        ("28 thirty know their places", f"{latest:.2f} s", latest <= 1.0 and places == [0, 0, *range(1, 29)]),
        ("28 thirty sessions finish", f"{ends.count('done')} of {len(ends)}", set(ends) == {"done"}),
    ]


def ends_of(jobs: Jobs, line: list[str]) -> list[str]:
    """How each job ended; all of them are looked at again and again, as their pages do."""
    ends: dict[str, str] = {}
    limit = time.monotonic() + PATIENCE
    while len(ends) < len(line) and time.monotonic() < limit:
        for job in line:
            if job not in ends and (view := jobs.look(job)).is_over:
                ends[job] = view.state
        time.sleep(0.05)
    return [ends.get(job, "never") for job in line]


def drained(jobs: Jobs) -> None:
    """Wait until nothing waits and nothing runs."""
    end = time.monotonic() + PATIENCE
    while not jobs._board.is_idle and time.monotonic() < end:
        time.sleep(0.05)


def closed_tab(_: int, __: Path) -> Rows:
    """A run that no page looks at any more ends by itself, and its weights are there for who comes back."""
    jobs = Jobs(stand_ins.act, workers=1)
    try:
        job = jobs.submit(LONG, owner="someone")
        wait(jobs, job, is_running, PATIENCE)
        start = time.perf_counter()
        drained(jobs)
        seconds = time.perf_counter() - start
        view = jobs.look(job)
    finally:
        jobs.close()
    held = seconds <= 60 and view.state == "stopped" and len(view.events[-1]["weights"]) == 8
    return [("24 tab closed, trainer idle", f"after {seconds:.0f} s, {view.text}", held)]


def budget(_: int, __: Path) -> Rows:
    """Too long while others wait, or too large: it ends, says why, and the others go on."""
    jobs = Jobs(stand_ins.act, workers=2, limits=Limits(running=4.0, unseen=None), memory=400 * 2**20)
    rows: Rows = []
    try:
        runs = [jobs.submit(LONG, owner=owner) for owner in "ab"]
        waiting = jobs.submit(("count", {"steps": 10}), owner="c")
        served = wait(jobs, waiting, patience=PATIENCE).state
        texts = [view.text for view in map(jobs.look, runs) if view.is_over]
        held = served == "done" and bool(texts) and all("time limit" in text for text in texts)
        rows.append(("25 over its time as others wait", texts[0] if texts else "it goes on", held))
        for job in runs:
            jobs.stop(job)
            wait(jobs, job, patience=PATIENCE)
        other = jobs.submit(("count", {"steps": 1500, "pause": 0.01}), owner="a")
        wait(jobs, other, is_running, PATIENCE)
        greedy = wait(jobs, jobs.submit(("swell", 2000), owner="b"), patience=PATIENCE)
        unharmed = wait(jobs, other, patience=PATIENCE).state
        held = greedy.state == "failed" and "memory" in greedy.text and unharmed == "done"
        rows.append(("25 over its memory", f"{greedy.text}; the other: {unharmed}", held))
    finally:
        jobs.close()
    return rows


def workers_that_break(times: int, _: Path) -> Rows:
    """A worker that is killed, or breaks down by itself: it is said soon, and the run goes on."""
    jobs, seconds, ends = Jobs(stand_ins.act, workers=2), [], []
    try:
        for number in range(3 * times):
            job = jobs.submit(LONG, owner="someone")
            pid = wait(jobs, job, lambda view: view.seen > 3, PATIENCE).events[0]["pid"]
            os.kill(pid, signal.SIGKILL)
            start = time.perf_counter()
            wait(jobs, job, lambda view: "died" in view.text, PATIENCE)
            seconds.append(time.perf_counter() - start)
            jobs.stop(job)
            wait(jobs, job, patience=PATIENCE)
            crashed: Any = wait(jobs, jobs.submit(("crash", 0.5), owner=f"unlucky {number}"), patience=PATIENCE)
            ends.append(crashed.state)
    finally:
        jobs.close()
    return [
        ("25 SIGKILL of a worker is said", f"after {max(seconds):.2f} s at most", max(seconds) <= 2.0),
        ("25 runs after SIGSEGV of a worker", f"{ends.count('done')} of {len(ends)} done", set(ends) == {"done"}),
    ]
