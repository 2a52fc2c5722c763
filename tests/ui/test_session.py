"""What a browser remembers of a visit is taken back with care: it may be old, damaged or somebody's invention."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.data.digits import embedded
from explorer.models.checkpoint import pack
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.session import MINE, Session, recalled
from tests.cases import CASES, Case, card_for


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(RunStore(tmp_path / "runs"))


def kept(gallery: Gallery, case: Case = CASES[0]) -> str:
    """A visitor's model in the store: its id."""
    weights = pack(case.model())
    assert hashlib.sha256(weights).hexdigest() == card_for(case, weights).weights_sha256
    return gallery.store.keep(weights, card_for(case, weights), b"")


def test_a_visit_is_recalled_as_it_was(gallery: Gallery) -> None:
    mine = kept(gallery)
    drawn = bytes(range(256)) * 3 + bytes(16)
    session = replace(Session(), model=mine, index=12, mine=(mine,), own=drawn)
    memory = json.loads(json.dumps(session.memory))
    back = recalled(memory, gallery, embedded())
    assert (back.model, back.index, back.mine, back.own) == (mine, 12, (mine,), drawn)


def test_models_that_are_gone_are_left_out(gallery: Gallery) -> None:
    mine, gone = kept(gallery), kept(gallery)
    gallery.store.drop(gone)
    back = recalled({"model": gone, "index": 3, "mine": [gone, mine]}, gallery, embedded())
    assert (back.model, back.mine, back.index) == (Session().model, (mine,), 3)


def test_only_the_newest_models_are_recalled(gallery: Gallery) -> None:
    mine = [kept(gallery) for _ in range(MINE + 2)]
    assert recalled({"mine": mine}, gallery, embedded()).mine == tuple(mine[2:])


@pytest.mark.parametrize(
    "memory",
    [
        None,
        [],
        "dense",
        {},
        {"model": 7, "index": "12", "mine": "abc"},
        {"model": "../../etc/passwd", "index": -1, "mine": [None, {}, "../x", "a" * 22]},
        {"model": "no such model", "index": 10**9, "mine": [["x"]]},
        {"index": True},
        {"own": "AAAA"},
        {"own": ["no", "picture"]},
        {"index": float("nan")},
    ],
)
def test_nonsense_gives_the_first_view(gallery: Gallery, memory: object) -> None:
    assert recalled(memory, gallery, embedded()) == Session(has_arrived=True)


def test_a_model_that_is_not_ones_own_is_not_opened(gallery: Gallery) -> None:
    other = kept(gallery)
    assert recalled({"model": other, "mine": []}, gallery, embedded()).model == Session(has_arrived=True).model
