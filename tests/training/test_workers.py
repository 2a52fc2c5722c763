"""The worker processes: how they start, what they are like, and that none is left over."""

from __future__ import annotations

import importlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from explorer.training import cluster
from explorer.training.jobs import Jobs, Limits
from explorer.training.worker import keep
from tests.training import stand_ins
from tests.training.looking import steps, wait

ROOT = Path(__file__).parents[2]


def test_importing_jobs_does_not_load_dask() -> None:
    command = "import sys, explorer.training.jobs; print({'distributed', 'dask', 'torch'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.strip() == "set()"


def test_workers_stand_back_and_share_the_cores(jobs: Jobs, owner: str) -> None:
    import torch

    view = wait(jobs, jobs.submit(("describe", torch.float32), owner=owner))
    told: dict[str, Any] = view.events[-1]
    assert told["niceness"] == min(19, os.nice(0) + 15)
    assert told["threads"] == max(1, len(os.sched_getaffinity(0)) // 2)
    assert told["tiny"] == 0.0  # denormals are flushed in the thread that computes


def test_idle_workers_have_no_pytorch_and_limits_hold() -> None:
    limits = Limits(unseen=1.0, alone=1.5, stopping=4.0)
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
        ends = time.monotonic() + 60
        while not jobs._board.known(unseen).is_over and time.monotonic() < ends:
            time.sleep(0.05)  # nobody looks at it
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
import json, psutil, signal, time
from explorer.training.jobs import Jobs
from tests.training import stand_ins
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background was started deaf to Ctrl-C
    jobs = Jobs(stand_ins.count)
    ids = [jobs.submit({"steps": 10**6, "pause": 0.01}, owner=owner) for owner in "ab"]
    while not all(jobs.look(job).seen > 15 for job in ids):
        time.sleep(0.05)
    print(json.dumps([child.pid for child in psutil.Process().children(recursive=True)]), flush=True)
    time.sleep(600)
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
        server.wait(timeout=90)  # by itself it would sleep for ten minutes
        end = time.monotonic() + 30
        while any(map(psutil.pid_exists, pids)) and time.monotonic() < end:
            time.sleep(0.05)
        assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    cluster.remove_orphans()  # as the next server does
    assert list(scratch.glob("explorer-jobs-*")) == []
