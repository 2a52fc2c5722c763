"""Side by side: the rows that the page shows, and what its controls refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.data.digits import embedded
from explorer.training.store import RunStore
from explorer.ui.gallery import Gallery
from explorer.ui.session import Current
from explorer.ui.views.compare import damaged_input, row_of


@pytest.fixture
def current(tmp_path: Path) -> Current:
    gallery = Gallery(RunStore(tmp_path))
    return Current(gallery.open("linear", embedded()), embedded(), 3, "", "label", gallery)


def test_a_row_holds_the_models_own_figures(current: Current) -> None:
    row = row_of(current.exhibit, current, current.x)
    model = current.exhibit.model
    with torch.no_grad():
        reconstruction = model(current.x, torch.Generator()).reconstruction.clamp(0, 1)
    assert row["mse"] == pytest.approx(float((reconstruction - current.x).square().mean()), rel=1e-5)
    assert (row["numbers"], row["bytes"]) == (16, 64)
    assert row["parameters"] == 2 * 16 * 784 + 16 + 784
    assert row["code"] == pytest.approx(model.encode(current.x)[0].tolist(), abs=0.006)
    assert (row["id"], row["mine"]) == ("linear", False)


def test_the_same_damage_for_all_and_more_of_it_for_more_strength(current: Current) -> None:
    assert torch.equal(damaged_input(current.x, "none", 0.7), current.x)
    weak, strong = (damaged_input(current.x, "missing pixels", share) for share in (0.2, 0.8))
    assert torch.equal(weak, damaged_input(current.x, "missing pixels", 0.2))
    assert strong.sum() < weak.sum() < current.x.sum()
    assert bool(((weak == 0) <= (strong == 0)).all()), "what a weak damage hides a strong one hides too"


@pytest.mark.parametrize(
    ("kind", "share", "words"),
    [
        ("rain", 0.5, "the damage must be one of none, Gaussian noise"),
        ("Gaussian noise", float("nan"), "the strength must lie between 0 and 1, got nan"),
        ("Gaussian noise", 1.5, "between 0 and 1, got 1.5"),
        ("Gaussian noise", True, "got True"),
        (None, 0.5, "got None"),
    ],
)
def test_bad_controls_are_refused(current: Current, kind: object, share: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        damaged_input(current.x, kind, share)
