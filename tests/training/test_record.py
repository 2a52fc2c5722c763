"""What is told of a run: it comes back from the disk and from a browser as it was, or is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from explorer.models.checkpoint import CheckpointError, pack
from explorer.training.record import CURVE_POINTS, Curve, Record, thinned, titled
from explorer.training.store import RunStore
from tests.cases import CASES, card_for

CASE = CASES[0]
WEIGHTS = pack(CASE.model())
CARD = card_for(CASE, WEIGHTS)
RECORD = Record("a" * 22, CARD, "stopped", 1.7e9)


def test_a_curve_comes_back_as_it_was() -> None:
    curve = Curve("paused", 1.7e9, ((0.1, {"reconstruction": 0.5, "KL": 2.0}), (0.2, {"reconstruction": 0.25})))
    assert Curve.from_bytes(curve.to_bytes()) == curve


def test_a_long_curve_keeps_its_ends_and_few_points_between() -> None:
    points = [(float(i), {"loss": 1.0 / (1 + i)}) for i in range(100_000)]
    kept = thinned(points)
    assert len(kept) == CURVE_POINTS
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    gaps = {b[0] - a[0] for a, b in pairwise(kept)}
    assert max(gaps) - min(gaps) <= 1
    assert thinned(points[:7]) == points[:7]
    assert thinned([]) == []
    assert len(Curve(points=tuple(points)).to_bytes()) < 20_000


def test_infinities_of_a_diverged_run_are_left_out() -> None:
    curve = Curve("diverged", 0.0, ((0.1, {"a": 1.0}), (0.2, {"a": math.inf, "b": math.nan})))
    assert Curve.from_bytes(curve.to_bytes()).points == ((0.1, {"a": 1.0}), (0.2, {}))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"points": []}', b'{"status": "won", "ended": 0, "points": []}', b"[" * 100_000]
)
def test_what_is_no_curve_is_refused(content: bytes) -> None:
    with pytest.raises(CheckpointError):
        Curve.from_bytes(content)


def test_a_browser_gives_a_record_back() -> None:
    assert Record.from_dict(json.loads(json.dumps(RECORD.as_dict()))) == RECORD


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"run": "../../etc/passwd"}, "22 letters and digits"),
        ({"run": 7}, "22 letters and digits, got 7"),
        ({"status": "won"}, "done, paused, stopped, diverged, got 'won'"),
        ({"status": ["done"]}, "must have ended as one of"),
        ({"ended": True}, "seconds since 1970, got True"),
        ({"ended": float("nan")}, "seconds since 1970, got nan"),
        ({"ended": -1}, "got -1"),
        ({"card": None}, "the card is not a JSON object"),
        ({"card": {**RECORD.as_dict()["card"], "title": "x" * 41}}, "1 to 40 letters"),
        ({"card": {**RECORD.as_dict()["card"], "variant": "none"}}, "none"),
        ({"card": {**RECORD.as_dict()["card"], "settings": {"latent_dim": 10**9}}}, "latent_dim must lie between"),
        ({"card": {**RECORD.as_dict()["card"], "training": {"epochs": 0}}}, "epochs must lie between"),
        ({"card": {**RECORD.as_dict()["card"], "figures": {"x" * 5000: 1.0}}}, "longer than 4,000 characters"),
        ({"more": 1}, "a record must have a run, a card"),
    ],
)
def test_what_is_no_record_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Record.from_dict({**RECORD.as_dict(), **changed})


@pytest.mark.parametrize("title", ["", "   ", "x" * 41, "two\nlines", "\u202eright to left", None, 7, ["x"]])
def test_a_title_is_short_and_can_be_read(title: object) -> None:
    with pytest.raises(ValueError, match="a name must have 1 to 40 letters"):
        titled(title)


def test_a_title_loses_only_the_spaces_around_it() -> None:
    assert titled('  λ = 0.1, <b>"mine"</b> ') == 'λ = 0.1, <b>"mine"</b>'


def test_the_store_keeps_how_a_run_went(tmp_path: Path) -> None:
    store, curve = RunStore(tmp_path), Curve("diverged", 5.0, ((0.1, {"loss": 2.0}),))
    run = store.keep(WEIGHTS, CARD, b"", b"", curve.to_bytes())
    assert store.curve(run) == curve
    assert store.record(run) == Record(run, CARD, "diverged", 5.0)
    store.drop(run)
    assert [*tmp_path.iterdir()] == []
    with pytest.raises(CheckpointError, match="no longer kept"):
        store.record(run)


def test_a_run_that_was_kept_without_a_curve_is_told_by_its_card(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    cut, whole = (store.keep(WEIGHTS, replace(CARD, epochs=n), b"") for n in (1, CARD.training["epochs"]))
    assert [store.record(run).status for run in (cut, whole)] == ["stopped", "done"]
    with pytest.raises(CheckpointError):
        store.curve(cut)


def test_another_title_changes_nothing_else(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = store.keep(WEIGHTS, CARD, b"maps", b"", Curve().to_bytes())
    assert store.rename(run, "best").card == replace(CARD, title="best")
    assert store.read(run) == (replace(CARD, title="best"), WEIGHTS, b"maps")
    with pytest.raises(CheckpointError, match="no longer kept"):
        store.rename("b" * 22, "best")
