"""A class of thirty presses Train at once: everyone has a place, nobody has two, and a script does not get them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.models.checkpoint import CheckpointError, pack
from explorer.models.registry import named
from explorer.training.board import Board, Limits
from explorer.training.job import Job
from explorer.training.record import Record
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.pace import ADDRESS, VISITOR, Pace
from explorer.ui.session import Session, current, recalled
from tests.cases import CASES, card_for

CLASS = 30
SCHOOL = "192.0.2.1"


def test_thirty_sessions_have_one_place_each_and_all_come_to_their_turn() -> None:
    board, names = Board(2, Limits()), [f"visitor {number}" for number in range(CLASS)]
    for name in names:
        board.add(Job(name, name, lambda **_: iter([]), 0.0))
        again = Job(f"{name} again", name, lambda **_: iter([]), 0.0)
        with pytest.raises(ValueError, match="one run at a time"):
            board.add(again)
    assert [board.look(name, 0, 0.0).place for name in names] == [0, 0, *range(1, CLASS - 1)]
    served = []
    for now in range(CLASS):
        job = board.busy()[0]
        served.append(job.id)
        assert len(board.busy()) <= 2
        job.end("done", "", float(now))
        board.release(job)
    assert served == names
    assert board.is_idle


def test_a_run_gives_way_at_its_limit_only_when_others_wait() -> None:
    board = Board(1, Limits(running=120, alone=1800, unseen=None))
    runs = [Job(name, name, lambda **_: iter([]), 0.0) for name in "ab"]
    board.add(runs[0])
    runs[0].is_sent = True
    board.tell({"job": "a", "kind": "started", "worker": "w", "pid": 1}, 0.0)
    board.enforce(121.0)
    assert board.look("a", 0, 121.0).state == "running"
    board.add(runs[1])
    board.enforce(122.0)
    assert board.look("a", 0, 122.0).state == "stopping"
    runs[0].finish({"kind": "finished", "status": "stopped", "text": ""}, 123.0)
    assert board.look("a", 0, 123.0).text == "stopped at the time limit of 2 minutes, as others wait"


def test_a_class_behind_one_address_is_let_by_and_a_script_is_not() -> None:
    pace = Pace()
    for start in range(3):
        for number in range(CLASS):
            pace.admit(f"visitor {number}", SCHOOL, now=10.0 * start)
    pace = Pace()
    for _ in range(VISITOR):
        pace.admit("script", SCHOOL, now=1.0)
    with pytest.raises(
        ValueError, match=f"{VISITOR} trainings a minute .* one visitor may start: try again in a minute"
    ):
        pace.admit("script", SCHOOL, now=1.0)
    pace.admit("another visitor", SCHOOL, now=1.0)
    pace.admit("script", SCHOOL, now=61.0)


def test_a_script_with_many_names_is_still_one_address() -> None:
    pace = Pace()
    for number in range(ADDRESS):
        pace.admit(f"name {number}", SCHOOL, now=1.0)
    with pytest.raises(ValueError, match=f"{ADDRESS} trainings a minute is all that one address may start"):
        pace.admit("one more name", SCHOOL, now=1.0)
    pace.admit("somebody", "192.0.2.2", now=1.0)


def test_who_comes_back_to_a_model_that_had_to_go_is_told(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    gallery, library = Gallery(store), Library()
    weights = pack(CASES[0].model())
    card = card_for(CASES[0], weights)
    run = store.keep(weights, card, b"")
    visitor = replace(Session().with_run(Record(run, card, "done", 1.0)), model=run)
    store.limit = 1
    store.keep(weights, card, b"")  # somebody else's, for which there is no room otherwise
    back = recalled(visitor.memory, gallery, library.dataset)
    with pytest.raises(CheckpointError, match="no longer kept: the Scoreboard, under Train, trains it again"):
        current(back, gallery, library)
    assert named(back.records[0].card.variant).name == card.variant
