"""The rules of the queue, with a clock that the tests turn."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.training.board import Board, Limits, UnknownJob
from explorer.training.job import EVENT_LIMIT, Job


def job(name: str, now: float = 0.0) -> Job:
    """A job of an owner of the same name."""
    return Job(name, name, lambda **_: iter([]), now)


def board(jobs: int, slots: int = 1, **limits: Any) -> Board:
    """A board with the jobs a, b, c and so on."""
    made = Board(slots, Limits(**limits))
    for number in range(jobs):
        made.add(job("abcdefgh"[number]))
    return made


def starts(made: Board, name: str, now: float = 0.0) -> Job:
    """Let a worker have taken the job."""
    found = made.known(name)
    found.is_sent = True
    made.tell({"job": name, "kind": "started", "worker": "w", "pid": 1}, now)
    return found


def test_first_come_first_served_and_everyone_sees_the_place() -> None:
    made = board(4)
    assert [made.look(name, 0, 0).state for name in "abcd"] == ["starting", "queued", "queued", "queued"]
    assert [made.look(name, 0, 0).place for name in "abcd"] == [0, 1, 2, 3]
    assert made.look("c", 0, 0).text == "number 2 in the queue"
    made.stop("b", 0)
    assert [made.look(name, 0, 0).place for name in "cd"] == [1, 2]
    made.release(made.known("a"))
    assert made.look("c", 0, 0).state == "starting"


def test_a_slot_is_free_only_when_the_work_is_really_over() -> None:
    made = board(3)
    running = starts(made, "a")
    made.stop("a", 0)
    made.forget("a", 0)
    assert made.busy() == [running]
    assert made.look("b", 0, 0).state == "queued"
    running.end("stopped", "", 1)
    made.release(running)
    assert made.look("b", 0, 0).state == "starting"


def beside(name: str, owner: str) -> Job:
    """One of several jobs that belong together."""
    return Job(name, owner, lambda **_: iter([]), 0.0, is_beside=True)


def test_an_owner_has_further_jobs_only_while_nobody_waits() -> None:
    made = board(1, slots=2)
    made.add(beside("second", "a"))
    made.add(beside("third", "a"))
    assert [made.look(name, 0, 0).state for name in ("second", "third")] == ["starting", "queued"]
    with pytest.raises(ValueError, match="one run at a time"):
        made.add(beside("fourth", "a"))
    made.add(beside("other", "b"))
    assert made.look("other", 0, 0).place == 2


def test_nobody_gives_way_to_a_further_job_of_his_own() -> None:
    made = board(1, running=10.0, unseen=None)
    starts(made, "a")
    made.add(beside("second", "a"))
    made.enforce(11.0)
    assert made.look("a", 0, 11.0).state == "running"
    made.add(job("b"))
    made.enforce(12.0)
    assert made.look("a", 0, 12.0).state == "stopping"


def test_an_owner_has_one_job_at_a_time() -> None:
    made = board(1)
    with pytest.raises(ValueError, match="one run at a time"):
        made.add(job("a"))
    made.stop("a", 0)
    again = job("a")
    again.id = "other"
    made.add(again)
    assert made.of("a") == ("a", "other")


def test_the_queue_has_an_end() -> None:
    made = board(3, waiting=2)
    with pytest.raises(ValueError, match="2 runs are waiting already"):
        made.add(job("d"))
    assert made.look("c", 0, 0).place == 2


def test_a_job_that_nobody_looks_at_is_stopped() -> None:
    made = board(3, unseen=10)
    starts(made, "a")
    made.look("c", 0, 8)
    made.enforce(11)
    assert made.look("a", 0, 11).state == "stopping"
    assert made.look("b", 0, 11).state == "stopped"
    assert "nobody was looking" in made.look("b", 0, 11).text
    assert made.look("c", 0, 11).place == 1


def test_a_job_stays_when_nobody_needs_to_look() -> None:
    made = board(1, unseen=None)
    made.enforce(1e6)
    assert made.look("a", 0, 1e6).state == "starting"


def test_a_run_ends_at_its_time_limit_and_says_so() -> None:
    made = board(1, alone=1800, unseen=None)
    run = starts(made, "a", now=100)
    made.enforce(1900)
    assert made.look("a", 0, 1900).state == "running"
    made.enforce(1901)
    assert made.look("a", 0, 1901).state == "stopping"
    run.finish({"kind": "finished", "status": "stopped", "text": "stopped", "weights": b"1"}, 1902)
    view = made.look("a", 0, 1902)
    assert (view.state, view.text) == ("stopped", "stopped at the time limit of 30 minutes")
    assert view.events[-1]["weights"] == b"1"


def test_results_are_not_kept_for_ever() -> None:
    made = board(2, slots=2, kept=600)
    for name in "ab":
        made.stop(name, 0)
    made.look("b", 0, 500)
    made.enforce(700)
    assert made.look("b", 0, 700).is_over
    with pytest.raises(UnknownJob, match="no longer known"):
        made.look("a", 0, 700)


def test_the_oldest_results_go_when_there_are_many() -> None:
    made = board(5, slots=5, results=2)
    for when, name in enumerate("abcde"):
        made.stop(name, when)
    made.look("b", 0, 4)
    made.enforce(5)
    assert [job.id for job in made.all()] == ["a", "c", "d", "e"]  # the other pages have not fetched theirs yet
    made.enforce(60)
    assert [job.id for job in made.all()] == ["d", "e"]


def test_a_result_stays_for_the_page_that_looked_while_it_was_being_noted() -> None:
    made = board(1, results=0)
    starts(made, "a")
    made.look("a", 0, 10.2)
    made.settle(made.known("a"), "done", "", 10.0)  # the attendant read the clock before it took the result back
    made.enforce(10.3)
    assert made.look("a", 0, 10.4).state == "done"
    made.enforce(10.5)
    with pytest.raises(UnknownJob):
        made.look("a", 0, 10.6)


@pytest.mark.parametrize("guess", ["", "a", "../../etc/passwd", "x" * 10_000])
def test_an_unknown_id_is_answered_with_a_sentence(guess: str) -> None:
    made = board(0)
    for ask in (lambda: made.look(guess, 0, 0), lambda: made.stop(guess, 0), lambda: made.forget(guess, 0)):
        with pytest.raises(ValueError, match="no longer known here"):
            ask()


def test_events_are_bounded_and_numbered_through() -> None:
    made = board(1)
    starts(made, "a")
    for step in range(1, 4 * EVENT_LIMIT):
        made.tell({"job": "a", "kind": "progress", "step": step, "epoch": step // 100}, 0)
        if step % 100 == 0:
            made.tell({"job": "a", "kind": "epoch", "epoch": step // 100}, 0)
    view = made.look("a", 0, 0)
    assert len(view.events) <= EVENT_LIMIT
    epochs = [event["epoch"] for event in view.events if event["kind"] == "epoch"]
    assert epochs == list(range(1, 4 * EVENT_LIMIT // 100))
    steps = [event["step"] for event in view.events if event["kind"] == "progress"]
    assert steps == sorted(steps)
    assert steps[-1] == 4 * EVENT_LIMIT - 1
    assert made.look("a", view.seen, 0).events == ()
    assert len(made.look("a", view.seen - 7, 0).events) == 7


def test_what_a_run_tells_again_after_a_death_is_left_out() -> None:
    made = board(1)
    run = starts(made, "a")
    for step in (1, 2, 3):
        made.tell({"job": "a", "kind": "progress", "step": step}, 0)
    run.dies(0)
    starts(made, "a")
    for step in (2, 3, 4):
        made.tell({"job": "a", "kind": "progress", "step": step}, 0)
    assert [event["step"] for event in made.look("a", 0, 0).events] == [1, 2, 3, 4]


def test_three_deaths_are_the_end() -> None:
    run = job("a")
    for _ in range(2):
        run.dies(0)
        assert (run.state, run.text) == ("starting", "the worker died; starting again")
    run.dies(0)
    assert run.state == "failed"
    assert "died 3 times" in run.text


def test_a_run_whose_worker_dies_while_it_stops_has_stopped() -> None:
    run = job("a")
    run.ask("", 0)
    run.dies(0)
    assert run.state == "stopped"
    assert "before it could hand over the weights" in run.text
