"""The twenty models that know only some digits: what they are trained on, and what their files say of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.data.dataset import of_digits
from explorer.data.digits import embedded
from explorer.models.checkpoint import load
from explorer.training import anomaly
from explorer.training.anomaly import FOLDER, KNOWERS, ONLY, Knower, train

LARGEST = 9_000_000  # bytes of all twenty


def test_there_are_two_for_each_digit() -> None:
    assert len(KNOWERS) == 20
    assert KNOWERS["only-3"].digits == (3,)
    assert KNOWERS["without-3"].digits == (0, 1, 2, 4, 5, 6, 7, 8, 9)


def test_choosing_digits_leaves_only_those_to_train_on_and_all_to_test() -> None:
    whole = embedded()
    some = of_digits(whole, (3, 8))
    assert set(some.train_labels.tolist()) == {3, 8}
    assert len(some.train_images) == np.isin(whole.train_labels, (3, 8)).sum()
    assert some.test_images is whole.test_images
    assert some.sha256 not in (whole.sha256, of_digits(whole, (3,)).sha256)
    with pytest.raises(ValueError, match="no training image shows one of the digits"):
        of_digits(whole, ())


def test_the_ordinary_run_trains_them_with_these_digits_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(anomaly.TRAINING, ONLY, {"epochs": 1, "batch_size": 64})
    whole = embedded()
    monkeypatch.setattr(anomaly, "loaded", lambda _: whole)
    card = train("only-3", tmp_path)
    model, kept = load(tmp_path, "only-3")
    assert kept == card
    assert card.title == "trained on 3 alone"
    assert card.dataset_sha256 == of_digits(whole, (3,)).sha256
    assert not model.training
    pixels = whole.train_images.copy()
    pixels[whole.train_labels != 3] = 77
    pixels.flags.writeable = False
    monkeypatch.setattr(anomaly, "loaded", lambda _: replace(whole, train_images=pixels))
    assert train("only-3", tmp_path).weights_sha256 == card.weights_sha256, "no other digit has a say"


@pytest.mark.parametrize("knower", KNOWERS.values(), ids=lambda knower: knower.name)
def test_the_shipped_files_are_those_of_their_recipe(knower: Knower) -> None:
    _, card = load(FOLDER, knower.name)
    config, training = knower.spec().checked()
    assert (card.settings, card.training) == (config.as_dict(), training.as_dict())
    assert card.title == f"trained on {', '.join(map(str, knower.digits))} alone"
    assert card.dataset == "mnist"


def test_all_files_together_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= LARGEST
