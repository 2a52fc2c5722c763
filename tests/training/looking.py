"""Looking at jobs as a page does."""

from __future__ import annotations

import time
from collections.abc import Callable

from explorer.training.jobs import Jobs, JobView


def wait(
    jobs: Jobs, job: str, until: Callable[[JobView], bool] = lambda view: view.is_over, patience: float = 120
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
