"""The file of figures that is shipped: it holds every shipped model, and anybody can measure them again."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import torch

from explorer.analysis.codes import codes
from explorer.analysis.knowledge import COUNTS, READERS, answers, draws_of
from explorer.analysis.reports import (
    FILE,
    PIXEL_SPACE,
    measure_in_worker,
    measured_space,
    pca_space,
    pixels,
    read_reports,
    space_of,
)
from explorer.data.dataset import Dataset
from explorer.models.checkpoint import load, pack
from explorer.training.shipped import FAILURES

SHIPPED = Path(__file__).parents[2] / "pretrained"
NAMES = [card.stem for card in sorted(SHIPPED.glob("*.json")) if card.stem not in FAILURES]
REPORTS = json.loads((SHIPPED / FILE).read_bytes())["reports"]


@pytest.mark.parametrize("name", NAMES)
def test_each_shipped_model_has_its_figures_and_those_it_is_compared_with(name: str) -> None:
    model, card = load(SHIPPED, name)
    report = REPORTS[card.weights_sha256]  # missing? python -m explorer.analysis.reports
    assert report["size"] == model.encode(torch.zeros(1, 1, 28, 28)).shape[1]
    for one in (report, REPORTS[pca_space(report["size"])], REPORTS[PIXEL_SPACE]):
        assert {int(count) for count in one["right"]} == set(COUNTS)
        for count in COUNTS:
            assert set(one["right"][str(count)]) == set(READERS)
            assert all(len(right) == draws_of(count) for right in one["right"][str(count)].values())


@pytest.mark.parametrize(("name", "count", "seed"), [("linear", 1000, 2), ("variational", 100, 4), ("dense-2d", 10, 0)])
def test_the_shipped_figures_can_be_measured_again(mnist: Dataset, name: str, count: int, seed: int) -> None:
    model, card = load(SHIPPED, name)
    space = space_of(partial(codes, model), mnist, count, seed)
    for reader, given in answers(space).items():
        right = int((given == space.test_labels).sum())
        told = REPORTS[card.weights_sha256]["right"][str(count)][reader][seed]
        assert abs(right - told) <= 3, reader  # of 10,000: another processor may round a tie the other way


def test_all_components_of_pca_are_as_good_as_the_pixels_themselves() -> None:
    ours, theirs = REPORTS["pca-784"], REPORTS[PIXEL_SPACE]
    for count in map(str, COUNTS):
        for reader in READERS:
            gaps = [
                abs(a - b) for a, b in zip(ours["right"][count][reader], theirs["right"][count][reader], strict=True)
            ]
            assert max(gaps) <= 20, "a rotation changes no distance, and rounding few of 10,000 votes"


def test_a_worker_measures_what_the_page_cannot_wait_for(digits: Dataset) -> None:
    model, card = load(SHIPPED, "linear")
    found = json.loads(measure_in_worker(card.to_json(), pack(model), "digits", (PIXEL_SPACE, "pca-16")))
    assert set(found) == {card.weights_sha256, PIXEL_SPACE, "pca-16"}
    assert found[PIXEL_SPACE] == measured_space(PIXEL_SPACE, digits), "the same seed, the same figures"
    space = space_of(pixels, digits, 100, 1)
    right = int((answers(space)["5"] == space.test_labels).sum())
    assert found[PIXEL_SPACE]["right"]["100"]["5"][1] == right
    assert all(0 <= found["pca-16"][name] <= 1 for name in ("purity", "nmi", "ari"))


def test_figures_of_other_digits_are_not_shown(digits: Dataset, tmp_path: Path) -> None:
    assert read_reports(SHIPPED, digits) == {}
    assert read_reports(tmp_path, digits) == {}
