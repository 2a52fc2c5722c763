"""A run that was cut by the server's end is found again by its visitor, and ends as if nothing had happened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from explorer.analysis.maps import execute_with_maps
from explorer.training import runs
from explorer.training.jobs import Jobs, JobView, UnknownJob, Unreachable
from explorer.training.runs import Event, RunSpec
from explorer.training.store import RunStore
from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.unfinished import found, mark
from explorer.ui.views.training import settled

SPEC = RunSpec("linear", {"latent_dim": 2}, {"epochs": 3, "batch_size": 256}, "digits")  # six steps an epoch


class Server(Jobs):
    """A job manager whose only worker works when it is asked to; it dies with its server."""

    def __init__(self) -> None:
        super().__init__(execute_with_maps)
        self.told: list[Event] = []
        self.state: bytes | None = None
        self.states = 0
        self.is_over = False
        self.work: Iterator[Event] = iter(())

    def submit(self, spec: Any, *, state: bytes | None = None, until_epoch: int | None = None, **_: Any) -> str:
        self.work, self.state = execute_with_maps(spec, state=state, until_epoch=until_epoch), state
        return "j" * 22

    def go_on(self, states: int = 10**9) -> None:
        """Work until so many states have been kept, or to the end."""
        for event in self.work:
            if event["kind"] == "state":
                self.states, self.state = self.states + 1, event["state"]
            else:
                self.told.append(event)
            self.is_over = event["kind"] == "finished"
            if self.states == states:
                return

    def look(self, job_id: str, since: int = 0) -> JobView:
        if not self.told:
            raise UnknownJob
        state, text = ("done", self.told[-1]["text"]) if self.is_over else ("running", "running")
        return JobView(state, 0, tuple(self.told[since:]), len(self.told), text, self.states)  # type: ignore[arg-type]

    def state_of(self, job_id: str) -> bytes | None:
        return self.state


@pytest.fixture(autouse=True)
def every_report_keeps_a_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(runs, "STATE_SECONDS", 0.0)
    yield
    torch.set_flush_denormal(False)


def started(folder: Path) -> Explorer:
    """A server with an empty memory, on the disk of the one before."""
    return Explorer(Library(), Gallery(RunStore(folder)), Server())


def working(explorer: Explorer) -> Server:
    assert isinstance(explorer.jobs, Server)
    return explorer.jobs


def watch(explorer: Explorer, desk: Desk) -> None:
    """What a page does when it looks at its run."""
    seen = explorer.jobs.look(desk.job, desk.seen)
    desk.take(seen)
    asyncio.run(settled(explorer, desk, seen) if seen.is_over else mark(explorer, desk))


def cut(folder: Path, states: int) -> Desk:
    """The desk of a run whose server was killed when the run had kept so many states, and a little later."""
    explorer, desk = started(folder), Desk()
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    asyncio.run(mark(explorer, desk))
    if states:
        working(explorer).go_on(states)
        watch(explorer, desk)
        kept = working(explorer).state
        working(explorer).go_on(states + 2)  # of which nobody heard: the state on the disk is the older one
        assert working(explorer).state != kept
    return desk


@pytest.mark.parametrize("states", [1, 9], ids="after {} states".format)
def test_a_cut_run_is_found_at_its_last_state_and_ends_the_same(states: int, tmp_path: Path) -> None:
    *_, whole = execute_with_maps(SPEC)
    curve = [[round(e["at"], 4), e["losses"]] for e in execute_with_maps(SPEC) if e["kind"] == "progress"]
    run = cut(tmp_path, states).run
    explorer = started(tmp_path)
    desk = found(explorer, run)
    assert desk is not None
    assert desk.shown_state == "paused"
    assert desk.text.startswith(f"interrupted at epoch {states // 6}")
    assert desk.points == curve[:states]
    desk.begin(explorer.jobs, SPEC, "someone else's session by now", one_epoch=False)
    working(explorer).go_on()
    watch(explorer, desk)
    assert desk.shown_state == "done"
    assert desk.points == curve
    assert explorer.gallery.store.read(desk.kept)[1] == whole["weights"]
    assert [moment.at for moment in desk.moments] == sorted({moment.at for moment in desk.moments})
    assert found(started(tmp_path), run) is None  # there is nothing left to go on with


def test_a_run_that_had_kept_no_state_starts_again_with_its_settings(tmp_path: Path) -> None:
    run = cut(tmp_path, 0).run
    explorer = started(tmp_path)
    desk = found(explorer, run)
    assert desk is not None
    assert (desk.shown_state, desk.points, desk.spec) == ("paused", [], SPEC)
    assert "starts it again" in desk.text
    other = RunSpec("dense", {}, {}, "digits")  # what the knobs say by now
    desk.begin(explorer.jobs, other, "someone", one_epoch=False)
    working(explorer).go_on()
    watch(explorer, desk)
    assert (desk.shown_state, len(desk.points)) == ("done", 18)


def test_a_page_that_is_loaded_again_finds_the_very_desk(tmp_path: Path) -> None:
    explorer, desk = started(tmp_path), Desk()
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    working(explorer).go_on(3)
    watch(explorer, desk)
    assert found(explorer, desk.run) is desk
    assert desk.is_busy
    run, seen, points = desk.run, desk.seen, desk.points
    del desk  # Gradio has forgotten the session, the worker goes on
    back = found(explorer, run)
    assert back is not None
    assert (back.is_busy, back.seen, back.points) == (True, seen, points)
    working(explorer).go_on()
    watch(explorer, back)
    assert (back.shown_state, len(back.points)) == ("done", 18)


def test_a_run_that_the_server_forgot_comes_back_from_its_bookmark_though_its_old_desk_lives(tmp_path: Path) -> None:
    explorer, desk = started(tmp_path), Desk()
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    working(explorer).go_on(7)
    watch(explorer, desk)
    working(explorer).told = []  # the page was closed for long
    back = found(explorer, desk.run)
    assert back is not None
    assert back is not desk
    assert (back.shown_state, back.epoch) == ("paused", 1)
    assert found(explorer, desk.run) is back  # by another page too


def test_a_run_that_failed_without_a_result_can_go_on_from_its_last_state(tmp_path: Path) -> None:
    curve = [[round(e["at"], 4), e["losses"]] for e in execute_with_maps(SPEC) if e["kind"] == "progress"]
    explorer, desk = started(tmp_path), Desk()
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    working(explorer).go_on(7)
    watch(explorer, desk)
    lost = JobView("failed", 0, (), desk.seen, "the workers are gone", 7)
    asyncio.run(settled(explorer, desk, lost))
    assert (desk.shown_state, desk.points) == ("paused", curve[:7])
    assert desk.text == "interrupted at epoch 1, because the workers are gone: Continue goes on with Linear from here"
    revived_desk = found(started(tmp_path), desk.run)  # after a restart too
    assert revived_desk is not None
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    working(explorer).go_on()
    watch(explorer, desk)
    assert (desk.shown_state, desk.points) == ("done", curve)


def test_a_run_whose_scheduler_does_not_answer_is_left_as_it_is(tmp_path: Path) -> None:
    run = cut(tmp_path, 2).run
    before = (tmp_path / "unfinished" / run).read_bytes()

    class Silent(Server):
        def find(self, job_id: str) -> bool:
            raise Unreachable("your run cannot be looked for just now")

    explorer = Explorer(Library(), Gallery(RunStore(tmp_path)), Silent())
    with pytest.raises(Unreachable):
        found(explorer, run)
    assert (tmp_path / "unfinished" / run).read_bytes() == before
    assert found(started(tmp_path), run) is not None


@pytest.mark.parametrize("run", [None, 7, "", "../../etc/passwd", "a" * 22, "a" * 10_000, {"run": "x"}], ids=repr)
def test_what_nobody_began_is_not_found(run: object, tmp_path: Path) -> None:
    assert found(started(tmp_path), run) is None


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"not JSON\n", b"\xff\xfe\n", b'{"job": 1}\nstate'])
def test_a_damaged_bookmark_is_as_none(content: bytes, tmp_path: Path) -> None:
    run = cut(tmp_path, 1).run
    (tmp_path / "unfinished" / run).write_bytes(content)
    assert found(started(tmp_path), run) is None


def test_a_damaged_state_is_as_none(tmp_path: Path) -> None:
    run = cut(tmp_path, 2).run
    file = tmp_path / "unfinished" / run
    file.write_bytes(file.read_bytes()[:-200])
    assert found(started(tmp_path), run) is None


def test_a_reset_forgets_the_run(tmp_path: Path) -> None:
    run = cut(tmp_path, 2).run
    explorer = started(tmp_path)
    desk = found(explorer, run)
    assert desk is not None
    desk.state = None
    asyncio.run(mark(explorer, desk))
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_a_full_disk_costs_the_bookmark_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def disk_is_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    explorer, desk = started(tmp_path), Desk()
    desk.begin(explorer.jobs, SPEC, "someone", one_epoch=False)
    working(explorer).go_on(1)
    with monkeypatch.context() as full:
        full.setattr("os.fsync", disk_is_full)
        watch(explorer, desk)
    assert "where a run stands could not be kept" in caplog.text
    working(explorer).go_on()
    watch(explorer, desk)
    assert desk.shown_state == "done"


def test_a_run_that_goes_on_elsewhere_is_followed_further_without_a_gap_or_a_double(tmp_path: Path) -> None:
    whole = list(execute_with_maps(SPEC))
    curve = [[round(e["at"], 4), e["losses"]] for e in whole if e["kind"] == "progress"]
    moments = [e["at"] for e in whole if e["kind"] == "moment"]
    before, desk = started(tmp_path), Desk()
    desk.begin(before.jobs, SPEC, "someone", one_epoch=False)
    asyncio.run(mark(before, desk))
    working(before).go_on(4)
    watch(before, desk)

    class Finding(Server):
        def find(self, job_id: str) -> bool:
            elsewhere = working(before)
            elsewhere.go_on(5)
            self.told, self.work = elsewhere.told[-8:], elsewhere.work  # the scheduler remembers so many
            return job_id == desk.job

    after = Explorer(Library(), Gallery(RunStore(tmp_path)), Finding())
    again = found(after, desk.run)
    assert again is not None
    assert again.shown_state == "running"
    watch(after, again)
    working(after).go_on()
    watch(after, again)
    assert again.shown_state == "done"
    assert again.points == curve
    assert [moment.at for moment in again.moments] == pytest.approx(moments, abs=1e-5)
    kept = after.gallery.store.read(again.kept)[1]
    assert kept == whole[-1]["weights"]
