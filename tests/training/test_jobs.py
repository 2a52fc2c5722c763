"""Runs in real worker processes: nothing is lost, nothing is left over, and never more at once than allowed."""

from __future__ import annotations

import importlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from explorer.training import cluster
from explorer.training.jobs import Jobs, JobView, Limits, UnknownJob
from explorer.training.worker import keep
from tests.training import stand_ins

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    """Two workers that start with the first job and serve all tests of this file."""
    made = Jobs(stand_ins.act, workers=2)
    yield made
    made.close()


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> str:
    """Each test is a visitor."""
    return str(request.node.name)


def wait(
    jobs: Jobs, job: str, until: Callable[[JobView], bool] = lambda view: view.is_over, patience: float = 30
) -> JobView:
    """Look at a job as a page does, until something is so."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        view = jobs.look(job)
        if until(view):
            return view
        time.sleep(0.005)
    raise AssertionError(f"not within {patience} s: {view.state}, {view.text!r}, {view.seen} events")


def steps(view: JobView) -> list[int]:
    """The steps told."""
    return [event["step"] for event in view.events if event["kind"] == "progress"]


def is_running(view: JobView) -> bool:
    """A worker has begun."""
    return view.state == "running"


def test_importing_jobs_does_not_load_dask() -> None:
    command = "import sys, explorer.training.jobs; print({'distributed', 'dask', 'torch'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.strip() == "set()"


def test_the_page_never_waits_for_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow_start(*_: object) -> None:
        go_on.wait(timeout=60)
        raise OSError("no memory")

    monkeypatch.setattr("explorer.training.jobs.Cluster", slow_start)
    jobs = Jobs(stand_ins.act)
    try:
        ids = [jobs.submit(("count", {"steps": 3}), owner=owner, state=b"given") for owner in "abc"]
        assert [jobs.look(job).state for job in ids] == ["starting", "starting", "queued"]
        assert [len(job) for job in ids] == [22, 22, 22]  # 128 random bits
        assert jobs.state_of(ids[0]) == b"given"
        jobs.stop(ids[0])
        assert [jobs.look(job).state for job in ids] == ["stopped", "starting", "starting"]
        go_on.set()
        view = wait(jobs, ids[1])
        assert (view.state, view.text) == ("failed", "no worker could be started; the server's log says why")
    finally:
        go_on.set()
        jobs.close()


def test_every_event_arrives_once_and_in_order(jobs: Jobs, owner: str) -> None:
    job = jobs.submit(("count", {"steps": 400, "size": 5_000_000}), owner=owner)
    events: list[dict[str, Any]] = []
    seen = 0
    while not (view := jobs.look(job, seen)).is_over:
        events += view.events
        seen = view.seen
        time.sleep(0.001)
    events += view.events
    expected: list[tuple[str, int | None]] = []
    for step in range(1, 401):
        expected += [("progress", step)] + ([("epoch", step // 10)] if step % 10 == 0 else [])
    told = [(event["kind"], event.get("step", event.get("epoch"))) for event in events]
    assert told == [*expected, ("finished", None)]
    assert len(events[-1]["weights"]) == 5_000_000
    assert (view.state, view.text) == ("done", "done at 400")
    assert jobs.list(owner) == (job,)


def test_stop_acts_soon_and_keeps_the_weights(jobs: Jobs, owner: str) -> None:
    job = jobs.submit(("count", {"steps": 100_000, "pause": 0.01}), owner=owner)
    wait(jobs, job, lambda view: view.seen > 5)
    jobs.stop(job)
    view = wait(jobs, job, patience=10)  # by itself it would run for a quarter of an hour
    assert view.state == "stopped"
    assert len(view.events[-1]["weights"]) == 8
    assert steps(view) == list(range(1, len(steps(view)) + 1))


def test_a_run_stopped_before_its_worker_begins_never_runs_on(jobs: Jobs, owner: str) -> None:
    for _ in range(5):
        job = jobs.submit(("count", {"steps": 100_000, "pause": 0.01}), owner=owner)
        jobs.stop(job)
        assert wait(jobs, job, patience=10).state == "stopped"


def test_a_paused_run_goes_on_from_its_state(jobs: Jobs, owner: str) -> None:
    job = jobs.submit(("count", {"steps": 40}), owner=owner, until_epoch=2)
    assert wait(jobs, job).state == "paused"
    state = jobs.state_of(job)
    assert state is not None
    resumed = jobs.submit(("count", {"steps": 40}), owner=owner, state=state)
    view = wait(jobs, resumed)
    assert (view.state, steps(view)) == ("done", list(range(21, 41)))


def test_never_more_at_once_than_workers(jobs: Jobs, owner: str, tmp_path: Path) -> None:
    spec = ("count", {"steps": 25, "pause": 0.01, "folder": str(tmp_path)})
    counts: list[int] = []
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.002):
            counts.append(len(list(tmp_path.iterdir())))

    sampler = threading.Thread(target=sample)
    sampler.start()
    for number in range(10):
        job = jobs.submit(spec, owner=owner)
        time.sleep(0.03 * (number % 3))
        jobs.forget(job) if number % 2 else jobs.stop(job)
        if not number % 2:
            wait(jobs, job)
    together = [jobs.submit(spec, owner=f"{owner} {number}") for number in range(6)]
    ends = [wait(jobs, job).state for job in together]
    over.set()
    sampler.join()
    assert ends == ["done"] * 6
    assert max(counts) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_queue_is_served_in_order_and_shows_the_place(jobs: Jobs, owner: str) -> None:
    spec = ("count", {"steps": 20, "pause": 0.01})
    line = [jobs.submit(spec, owner=f"{owner} {number}") for number in range(6)]
    assert [jobs.look(job).place for job in line] == [0, 0, 1, 2, 3, 4]
    assert jobs.look(line[2]).text == "next in the queue"
    jobs.stop(line[3])
    assert jobs.look(line[3]).state == "stopped"
    assert jobs.look(line[5]).place == 3
    begun: list[str] = []
    while len(begun) < 5:
        begun += [job for job in line if job not in begun and job != line[3] and jobs.look(job).seen]
        time.sleep(0.002)
    assert set(begun[:2]) == set(line[:2])
    assert begun.index(line[5]) >= 3
    assert [wait(jobs, job).state for job in line] == ["done", "done", "done", "stopped", "done", "done"]


def test_one_job_an_owner(jobs: Jobs, owner: str) -> None:
    job = jobs.submit(("count", {"steps": 1000, "pause": 0.01}), owner=owner)
    with pytest.raises(ValueError, match="one run at a time"):
        jobs.submit(("count", {"steps": 1}), owner=owner)
    jobs.stop(job)
    wait(jobs, job)
    assert wait(jobs, jobs.submit(("count", {"steps": 1}), owner=owner)).state == "done"


def test_a_killed_worker_s_run_goes_on_from_its_last_state(jobs: Jobs, owner: str) -> None:
    job = jobs.submit(("count", {"steps": 150, "pause": 0.02}), owner=owner)
    os.kill(wait(jobs, job, lambda view: view.seen > 35).events[0]["pid"], signal.SIGKILL)
    said = wait(jobs, job, lambda view: "died" in view.text).text
    view = wait(jobs, job)
    assert view.state == "done"
    assert steps(view) == list(range(1, 151))
    assert len({event["pid"] for event in view.events if event["kind"] == "progress"}) == 2
    first = max(event["first"] for event in view.events if event["kind"] == "epoch")
    assert first >= 30  # it did not start again
    assert said == f"the worker died; going on from epoch {first // 10}"


def test_a_run_that_always_kills_its_worker_fails_and_others_go_on(jobs: Jobs, owner: str) -> None:
    other = jobs.submit(("count", {"steps": 150, "pause": 0.01}), owner=f"{owner} other")
    view = wait(jobs, jobs.submit(("vanish", None), owner=owner))
    assert view.state == "failed"
    assert "died 3 times" in view.text
    assert wait(jobs, other).state == "done"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("epochs must lie between 1 and 100, got 0"), "epochs must lie between 1 and 100, got 0"),
        (ValueError("no such file: /srv/app/data"), "the run failed for a reason that only the server's log tells"),
        (RuntimeError("shape mismatch at layer 3"), "the run failed for a reason that only the server's log tells"),
        (TimeoutError("slow"), "the run failed for a reason that only the server's log tells"),
    ],
)
def test_an_error_becomes_a_sentence_and_the_log_tells_more(
    jobs: Jobs, owner: str, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    view = wait(jobs, jobs.submit(("fail", error), owner=owner))
    assert view.state == "failed"
    assert view.text.startswith(said)
    assert "/" not in view.text
    reference = caplog.records[-1].args
    assert "in fail" in caplog.text  # the traceback
    assert said.startswith("epochs") or str(reference).strip("(),'") in view.text


def test_a_small_task_takes_the_same_way(jobs: Jobs, owner: str) -> None:
    view = wait(jobs, jobs.submit_task(stand_ins.square, 7, owner=owner))
    assert view.state == "done"
    assert [event["result"] for event in view.events] == [49]


def test_a_small_task_that_takes_long_is_stopped_too(jobs: Jobs, owner: str) -> None:
    job = jobs.submit_task(stand_ins.sleep, 60, owner=owner)
    wait(jobs, job, is_running)
    jobs.stop(job)
    assert wait(jobs, job, patience=10).state == "stopped"
    assert wait(jobs, jobs.submit_task(stand_ins.square, 3, owner=owner)).events[-1]["result"] == 9


def test_workers_stand_back_and_share_the_cores(jobs: Jobs, owner: str) -> None:
    import torch

    view = wait(jobs, jobs.submit(("describe", torch.float32), owner=owner))
    told: dict[str, Any] = view.events[-1]
    assert told["niceness"] == 15
    assert told["threads"] == max(1, len(os.sched_getaffinity(0)) // 2)
    assert told["tiny"] == 0.0  # denormals are flushed in the thread that computes


def test_nobody_guesses_a_job(jobs: Jobs, owner: str) -> None:
    with pytest.raises(UnknownJob, match="no longer known"):
        jobs.look("A" * 22)
    job = jobs.submit(("count", {"steps": 1}), owner=owner)
    wait(jobs, job)
    jobs.forget(job)
    with pytest.raises(UnknownJob):
        jobs.state_of(job)


def test_idle_workers_have_no_pytorch_and_limits_hold() -> None:
    limits = Limits(unseen=1.0, running=1.5, stopping=4.0)
    jobs = Jobs(stand_ins.act, workers=2, limits=limits)
    try:
        assert wait(jobs, jobs.submit(("loaded", None), owner="a")).events[-1]["torch"] is False
        stubborn = jobs.submit(("ignore", 60.0), owner="a")
        seen = jobs.submit(("count", {"steps": 10_000, "pause": 0.01}), owner="b")
        assert wait(jobs, seen).text == "stopped at the time limit of 1.5 s"
        assert jobs.look(seen).events[-1]["weights"] == bytes(8)
        unseen = jobs.submit(("count", {"steps": 10_000, "pause": 0.01}), owner="b")
        view = wait(jobs, stubborn)
        assert view.state == "stopped"
        assert "did not answer" in view.text
        time.sleep(1.5)
        assert wait(jobs, unseen).text.startswith("stopped: nobody was looking at it any more")
    finally:
        jobs.close()
    with pytest.raises(ValueError, match="shutting down"):
        jobs.submit(("loaded", None), owner="a")


def test_a_scheduler_elsewhere_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    distributed: Any = importlib.import_module("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=3, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as elsewhere:
        monkeypatch.setenv("EXPLORER_SCHEDULER", elsewhere.scheduler_address)
        jobs = Jobs(stand_ins.act, workers=1)
        try:
            spec = ("count", {"steps": 100_000, "pause": 0.01})
            at_once = [jobs.submit(spec, owner=owner) for owner in "abcd"]
            wait(jobs, at_once[2], lambda view: view.seen > 15)
            assert [jobs.look(job).state for job in at_once] == ["running"] * 3 + ["queued"]
            for job in at_once:
                jobs.stop(job)
            assert [wait(jobs, job).state for job in at_once] == ["stopped"] * 4
            resumed = jobs.submit(("count", {"steps": 40}), owner="a", state=struct.pack("<q", 20))
            assert steps(wait(jobs, resumed)) == list(range(21, 41))
        finally:
            jobs.close()


def test_a_state_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    assert keep(tmp_path / "a.state", b"1")
    assert not keep(tmp_path / "missing" / "a.state", b"1")
    assert [file.name for file in tmp_path.iterdir()] == ["a.state"]


SERVER = """
import json, psutil, time
from explorer.training.jobs import Jobs
from tests.training import stand_ins
if __name__ == "__main__":
    jobs = Jobs(stand_ins.count)
    ids = [jobs.submit({"steps": 10**6, "pause": 0.01}, owner=owner) for owner in "ab"]
    while not all(jobs.look(job).seen > 15 for job in ids):
        time.sleep(0.05)
    print(json.dumps([child.pid for child in psutil.Process().children(recursive=True)]), flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_server_that_ends_leaves_nothing_behind(
    ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, scratch = tmp_path / "server.py", tmp_path / "scratch"
    script.write_text(SERVER)
    scratch.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(scratch)}
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        pids = json.loads(server.stdout.readline())
        assert len(pids) >= 2
        if ending is signal.SIGINT:  # as Ctrl-C does: to the whole group
            os.killpg(server.pid, ending)
        else:
            server.send_signal(ending)
        server.wait(timeout=15)
        end = time.monotonic() + 3
        while any(map(psutil.pid_exists, pids)) and time.monotonic() < end:
            time.sleep(0.05)
        assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    cluster.remove_orphans()  # as the next server does
    assert list(scratch.glob("explorer-jobs-*")) == []
