"""A replay is recorded of the very run that made the weights beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.recording import recorded
from explorer.analysis.replay import from_bytes
from explorer.models.checkpoint import CheckpointError, load
from explorer.training.runs import RunSpec
from explorer.training.shipped import SHIPPED, Shipped

QUICK = RunSpec("linear", {"latent_dim": 2}, {"epochs": 1, "batch_size": 512}, "digits")


def test_what_is_made_anew_is_recorded_at_once_and_the_same_again_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shipped, "spec", lambda _: QUICK)
    replay = recorded("linear", tmp_path, anew=True)
    _, card = load(tmp_path, "linear")
    assert (card.title, card.settings["latent_dim"]) == (SHIPPED["linear"].title, 2)
    assert recorded("linear", tmp_path) == replay
    moments = from_bytes(replay)
    assert (moments[0].at, moments[-1].at) == (0.0, 1.0)
    assert moments[-1].error < moments[0].error


def test_other_weights_than_those_that_are_shipped_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shipped, "spec", lambda _: QUICK)
    recorded("linear", tmp_path, anew=True)
    other = replace(QUICK, training={**QUICK.training, "seed": 1})
    monkeypatch.setattr(Shipped, "spec", lambda _: other)
    with pytest.raises(CheckpointError, match="linear came out with other weights than those shipped"):
        recorded("linear", tmp_path)
