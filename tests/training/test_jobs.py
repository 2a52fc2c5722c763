"""Runs in real worker processes: every event arrives, and never more run at once than allowed."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from explorer.training.jobs import Jobs, UnknownJob
from explorer.training.worker import keep, state_file
from tests.training import stand_ins
from tests.training.looking import is_running, steps, wait


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
    view = wait(jobs, job)  # by itself it would run for a quarter of an hour
    assert view.state == "stopped"
    assert len(view.events[-1]["weights"]) == 8
    assert steps(view) == list(range(1, len(steps(view)) + 1))


def test_a_run_stopped_before_its_worker_begins_never_runs_on(jobs: Jobs, owner: str) -> None:
    for _ in range(5):
        job = jobs.submit(("count", {"steps": 100_000, "pause": 0.01}), owner=owner)
        jobs.stop(job)
        assert wait(jobs, job).state == "stopped"


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
    (told,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert "in fail" in caplog.text  # the traceback
    assert said.startswith("epochs") or str(told.args).strip("(),'") in view.text


def test_a_small_task_takes_the_same_way(jobs: Jobs, owner: str) -> None:
    view = wait(jobs, jobs.submit_task(stand_ins.square, 7, owner=owner))
    assert view.state == "done"
    assert [event["result"] for event in view.events] == [49]


def test_a_task_that_cannot_be_sent_fails(jobs: Jobs, owner: str) -> None:
    view = wait(jobs, jobs.submit_task(stand_ins.square, threading.Lock(), owner=owner))
    assert view.state == "failed"
    assert wait(jobs, jobs.submit_task(stand_ins.square, 2, owner=owner)).state == "done"


def test_a_small_task_that_takes_long_is_stopped_too(jobs: Jobs, owner: str) -> None:
    job = jobs.submit_task(stand_ins.sleep, 60, owner=owner)
    wait(jobs, job, is_running)
    jobs.stop(job)
    assert wait(jobs, job).state == "stopped"
    assert wait(jobs, jobs.submit_task(stand_ins.square, 3, owner=owner)).events[-1]["result"] == 9


def test_nobody_guesses_a_job(jobs: Jobs, owner: str) -> None:
    with pytest.raises(UnknownJob, match="no longer known"):
        jobs.look("A" * 22)
    job = jobs.submit(("count", {"steps": 1}), owner=owner)
    wait(jobs, job)
    jobs.forget(job)
    with pytest.raises(UnknownJob):
        jobs.state_of(job)


def test_no_run_begins_before_the_state_it_goes_on_from_lies_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, bool] = {}
    folders: list[Path] = []

    class Workers:
        is_local = is_connected = True

        def capacity(self) -> int:
            return 2

        def send(self, job: str, *_: object) -> None:
            begun[job] = state_file(folders[0], job).exists()

        def listen(self, _: object) -> None: ...

        def close(self) -> None: ...

    def connect(*given: Any) -> Workers:
        folders.append(given[-1])
        return Workers()

    def slow_disk(file: Path, state: bytes) -> bool:
        if len(ids) == 1:  # in the meantime another visitor goes on, too
            ids.append(jobs.submit(("count", {"steps": 3}), owner="b", state=b"half"))
        return keep(file, state)

    monkeypatch.setattr("explorer.training.jobs.Cluster", connect)
    monkeypatch.setattr("explorer.training.attendant.keep", slow_disk)
    jobs = Jobs(stand_ins.act)
    ids: list[str] = []
    try:
        ids.append(jobs.submit(("count", {"steps": 3}), owner="a", state=b"half"))
        ends = time.monotonic() + 60
        while len(begun) < 2 and time.monotonic() < ends:
            time.sleep(0.01)
        assert begun == dict.fromkeys(ids, True)
    finally:
        jobs.close()
