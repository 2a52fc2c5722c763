"""Runs on a Dask cluster of separate processes, over TLS where openssl can make a certificate."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.training.jobs import Jobs, JobView, Limits, UnknownJob
from explorer.training.runs import RunSpec, execute
from tests.training import stand_ins
from tests.training.elsewhere import Elsewhere, tls
from tests.training.looking import steps, wait

PATIENCE = 120.0
ENDLESS = ("count", {"steps": 100_000, "pause": 0.02})


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    folder = tmp_path_factory.mktemp("elsewhere")
    cluster = Elsewhere(folder, tls(folder) if shutil.which("openssl") else {})
    try:
        for _ in range(3):
            cluster.add()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def jobs(elsewhere: Elsewhere) -> Iterator[Jobs]:
    """A page server's, with what its environment says of TLS."""
    dask, _ = (importlib.import_module(name) for name in ("dask", "distributed"))  # which brings its settings first
    made = Jobs(stand_ins.act, scheduler=elsewhere.address, limits=Limits(unseen=None))  # one is waited for at a time
    with dask.config.set(elsewhere.settings):
        yield made
        made.close()


def pids(view: JobView) -> list[int]:
    """The processes that told of the steps."""
    return [event["pid"] for event in view.events if event["kind"] == "progress"]


def test_runs_survive_a_worker_and_use_one_that_joins(jobs: Jobs, elsewhere: Elsewhere) -> None:
    runs = [jobs.submit(ENDLESS, owner=f"runner {n}") for n in range(3)]
    waiting = jobs.submit(("count", {"steps": 20}), owner="runner 3")
    views = [wait(jobs, run, lambda view: view.seen >= 15, patience=PATIENCE) for run in runs]
    workers = [pids(view)[-1] for view in views]
    assert len(set(workers)) == 3  # at once, each in a worker of its own
    assert jobs.look(waiting).state == "queued"
    added = elsewhere.add()
    assert set(pids(wait(jobs, waiting, patience=PATIENCE))) == {added.pid}
    os.kill(workers[0], signal.SIGKILL)
    moved = wait(jobs, runs[0], lambda view: pids(view)[-10:] == [added.pid] * 10, patience=PATIENCE)
    for run in runs:
        jobs.stop(run)
    assert [wait(jobs, run, patience=PATIENCE).state for run in runs] == ["stopped"] * 3
    told = steps(moved)
    assert told == list(range(1, len(told) + 1))
    began = [event["first"] for event in jobs.look(runs[0]).events if event["kind"] == "epoch"]
    assert began[0] == 0
    assert began[-1] >= 10  # it went on from a state that came through the scheduler


SERVER = """
import sys, time
from explorer.training.jobs import Jobs
from tests.training import stand_ins
if __name__ == "__main__":
    jobs = Jobs(stand_ins.act, scheduler=sys.argv[1])
    job = jobs.submit(("count", {"steps": 300, "pause": 0.02, "size": 5_000_000}), owner="a visitor")
    while jobs.look(job).seen < 25:
        time.sleep(0.02)
    print(job, flush=True)
    time.sleep(600)
"""


def test_a_run_survives_its_page_server_and_is_found_again(jobs: Jobs, elsewhere: Elsewhere, tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "server.py"), elsewhere.address]
    with subprocess.Popen(command, env=elsewhere.environment, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        job = server.stdout.readline().decode().strip()
        server.kill()
    with pytest.raises(UnknownJob):
        jobs.look(job)
    assert not jobs.find("no such run")
    assert jobs.find(job)
    assert jobs.list("a visitor") == (job,)
    view = wait(jobs, job, patience=PATIENCE)
    assert (view.state, steps(view)[-1]) == ("done", 300)
    assert {event["first"] for event in view.events if event["kind"] == "epoch"} == {0}  # it was never begun again
    assert len(view.events[-1]["weights"]) == 5_000_000
    jobs.forget(job)
    ends = time.monotonic() + PATIENCE  # the slot is given back a moment after the result
    while jobs.find(job) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not jobs.find(job)  # the scheduler holds on to nothing that was fetched


def test_a_run_that_is_stopped_elsewhere_hands_over_its_weights(jobs: Jobs) -> None:
    job = jobs.submit(ENDLESS, owner="one")
    wait(jobs, job, lambda seen: seen.seen > 12, patience=PATIENCE)
    assert jobs.state_of(job) is not None  # while it runs, too
    jobs.stop(job)
    view = wait(jobs, job, patience=PATIENCE)
    assert view.state == "stopped"
    assert "weights" in view.events[-1]


def test_a_real_run_comes_back_as_it_would_from_this_machine(jobs: Jobs, elsewhere: Elsewhere) -> None:
    spec = RunSpec("linear", {"latent_dim": 2}, {"epochs": 1}, "digits")
    real = Jobs(execute, scheduler=elsewhere.address)
    try:
        view = wait(real, real.submit(spec, owner="one"), patience=PATIENCE)
    finally:
        real.close()
    *_, here = execute(spec)
    assert view.state == "done", view.text
    assert view.events[-1]["card"]["figures"]["mse"] == pytest.approx(here["card"]["figures"]["mse"], rel=1e-3)


def test_runs_go_to_the_worker_with_a_gpu_first(jobs: Jobs, elsewhere: Elsewhere) -> None:
    elsewhere.add("--resources", "GPU=1")
    device, ends = "cpu", time.monotonic() + PATIENCE
    while device != "cuda" and time.monotonic() < ends:  # until it has joined
        device = wait(jobs, jobs.submit(("placed", 0.0), owner="one"), patience=PATIENCE).events[-1]["device"]
    assert device == "cuda"
    first = jobs.submit(("placed", 600.0), owner="one")
    wait(jobs, first, lambda seen: seen.seen > 0, patience=PATIENCE)
    second = jobs.submit(("placed", 0.0), owner="two")
    assert wait(jobs, second, patience=PATIENCE).events[-1]["device"] == "cpu"
    jobs.stop(first)
    assert wait(jobs, first, patience=PATIENCE).events[-1]["device"] == "cuda"
    assert wait(jobs, jobs.submit_task(stand_ins.square, 3.0, owner="three")).events[-1]["result"] == 9.0
