"""Where a GPU is lent, runs are calls of one decorated generator; elsewhere nothing changes. With a stand-in."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import pytest

from explorer.training.jobs import Jobs
from explorer.training.lent import SECONDS, decorated, on_gpu
from tests.training import stand_ins
from tests.training.looking import steps, wait

Event = dict[str, Any]
visitor: ContextVar[str] = ContextVar("visitor", default="nobody")


class Refused(Exception):
    """As the platform words it: the sentence is in ``message``, with markup."""

    message = "You have exceeded your quota. <a href='#'>Sign up</a> for more."


class Platform(ModuleType):
    """Stands in for ``spaces``: what goes into a call and what comes out of it is pickled, as between processes."""

    def __init__(self) -> None:
        super().__init__("spaces")
        self.calls: list[tuple[str, float]] = []
        self.is_generous = True

    def GPU(self, task: Callable[..., Iterator[Event]], *, duration: float) -> Callable[..., Iterator[Event]]:  # noqa: N802
        def call(*arguments: Any) -> Iterator[Event]:
            self.calls.append((visitor.get(), duration))
            if not self.is_generous:
                raise Refused
            for event in task(*pickle.loads(pickle.dumps(arguments))):
                yield pickle.loads(pickle.dumps(event))

        return call


def act(spec: tuple[str, Any], *, device: str = "cpu", **keywords: Any) -> Iterator[Event]:
    """A stand-in of a run that tells where it computes."""
    for event in stand_ins.act(spec, **keywords):
        yield event | {"device": device}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    platform = Platform()
    monkeypatch.setitem(sys.modules, "spaces", platform)
    monkeypatch.setattr("explorer.training.lent.find_spec", lambda _: True)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    return platform


@pytest.fixture
def jobs(platform: Platform) -> Iterator[Jobs]:
    jobs = Jobs(act, workers=1, on_gpu=decorated())
    yield jobs
    jobs.close()


def test_elsewhere_nothing_is_decorated(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decorated() is not None
    monkeypatch.delenv("SPACES_ZERO_GPU")
    assert decorated() is None
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr("explorer.training.lent.find_spec", lambda _: None)
    assert decorated() is None


def test_a_run_stops_on_the_gpu_before_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.training.lent.MARGIN", SECONDS)
    told = list(on_gpu(lambda **asked: act(("count", {"steps": 50}), until_epoch=None, **asked), None, "nowhere"))
    assert told[-1]["status"] == "stopped"
    assert told[-1]["device"] == "cuda"


def test_runs_compute_on_the_gpu_and_small_tasks_on_a_worker(jobs: Jobs, platform: Platform) -> None:
    token = visitor.set("somebody")
    run = jobs.submit(("count", {"steps": 20}), owner="a")
    visitor.reset(token)
    view = wait(jobs, run)
    assert view.state == "done", view.text
    assert steps(view) == list(range(1, 21))
    assert {event.get("device") for event in view.events} == {"cuda"}
    assert platform.calls == [("somebody", SECONDS)]
    task = jobs.submit_task(stand_ins.square, 3.0, owner="a")
    assert wait(jobs, task).events[-1]["result"] == 9.0
    assert len(platform.calls) == 1


def test_a_run_can_be_stopped_and_goes_on_where_it_was(jobs: Jobs) -> None:
    run = jobs.submit(("count", {"steps": 2000, "pause": 0.01}), owner="a")
    wait(jobs, run, lambda view: len(view.events) > 20)
    jobs.stop(run)
    view = wait(jobs, run)
    assert view.state == "stopped", view.text
    state = jobs.state_of(run)
    reached = steps(view)[-1]
    again = jobs.submit(("count", {"steps": reached + 5}), owner="b", state=state)
    assert steps(wait(jobs, again)) == list(range(reached + 1, reached + 6))


def test_a_refusal_is_said_in_the_platforms_words(jobs: Jobs, platform: Platform) -> None:
    platform.is_generous = False
    view = wait(jobs, jobs.submit(("count", {"steps": 5}), owner="a"))
    assert (view.state, view.text) == ("failed", "You have exceeded your quota. Sign up for more.")


def test_a_run_that_fails_leaves_a_reference(jobs: Jobs) -> None:
    view = wait(jobs, jobs.submit(("fail", RuntimeError("secret")), owner="a"))
    assert view.state == "failed"
    assert "reference" in view.text
    assert "secret" not in view.text
