"""PCA duel: what the page says of its curves, from curves made by hand, and the files that it serves."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.duel import Duel, columns
from explorer.analysis.projection import Pca
from explorer.data.digits import embedded
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.training.sweep import CODE_SIZES
from explorer.ui.duelled import bases_file, chart, crossings, duel_of, own_point, slant, verdict
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Gallery
from explorer.ui.library import Library
from explorer.ui.session import Current
from explorer.ui.views.duel import about, render

FLAT = [0.064, 0.032, 0.016, 0.008, 0.004, 0.002, 0.001, 0.0005]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return Gallery(RunStore(tmp_path_factory.mktemp("runs")))


def opened(gallery: Gallery, model: str) -> Current:
    return Current(gallery.open(model, embedded()), embedded(), 3, "", "label", gallery)


def by_hand(**curves: list[float]) -> Duel:
    pca = Pca(torch.zeros(784), torch.eye(784)[:129], torch.linspace(129, 1, 129))
    mse = {"pca": FLAT, "linear": FLAT, "dense": FLAT, "convolutional": FLAT, **curves}
    return Duel(pca, {}, mse, FLAT, [torch.linspace(0, 80, k) for k in CODE_SIZES])


def test_the_verdict_names_the_winner_and_how_much_it_wins_by() -> None:
    said = verdict(by_hand(dense=[error / 2 for error in FLAT], linear=[1.01 * error for error in FLAT]), 1)
    assert said.startswith(
        "With 2 numbers the deep dense autoencoder wins on the test digits: its error of 0.016 is 50%"
    )
    assert "the convolutional autoencoder 0.032" in said
    assert said.endswith("The linear autoencoder has 1.0100 times PCA's error.")


def test_where_pca_wins_it_is_said() -> None:
    worse = [2 * error for error in FLAT]
    said = verdict(by_hand(dense=worse, convolutional=worse), 0)
    assert said.startswith("With 1 number nobody beats PCA on the test digits: its error is 0.064.")


def test_crossings_are_read_off_the_curves() -> None:
    early = [0.008, 0.008, 0.008, 0.006, 0.004, 0.002, 0.001, 0.002]
    said = crossings(by_hand(convolutional=early))
    assert said == (
        "With 1 number the convolutional autoencoder is as good as PCA with 8 (0.008 and 0.008). "
        "PCA is better than the convolutional autoencoder at k = 128."
    )


def test_the_angles_are_counted_and_the_gap_in_variance_is_told() -> None:
    said = slant(by_hand(), 2)  # 0, 27, 53, 80 degrees; variances 129, 128, 127, 126, 125
    assert said.startswith("1 of 4 angles are below 5°, the largest is 80.0°.")
    assert "component 5, which PCA leaves out, 99% as much as along component 4" in said


def test_the_current_model_is_a_star_with_its_own_figures(gallery: Gallery) -> None:
    current = opened(gallery, "convolutional")
    figure = chart(by_hand(), current)
    star = figure["data"][-1]
    assert star["x"] == [32]
    assert star["y"] == [pytest.approx(float(current.exhibit.maps.error.mean()))]
    assert current.exhibit.card.title in star["hovertext"]


@pytest.mark.parametrize("model", ["masked", "unet", "k_sparse"])
def test_a_model_without_a_narrow_code_has_no_star_and_hears_why(gallery: Gallery, model: str) -> None:
    current = opened(gallery, model)
    assert own_point(current) is None
    assert len(chart(by_hand(), current)["data"]) == 5
    assert "has no place in the chart" in about(current)


def test_stand_in_digits_are_said_to_be_pcas_home(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    assert "PCA plays at home" in about(current)
    real = replace(current, dataset=replace(current.dataset, name="mnist"))
    assert "stand-ins" not in about(real)


def test_the_board_holds_the_input_and_every_answer(gallery: Gallery) -> None:
    current = opened(gallery, "linear")
    _, update, _ = render(current)
    board: dict[str, Any] = update["duel"]
    assert board["sides"][:2] == ["PCA", "linear autoencoder"]
    assert len(board["pictures"]) == 4 * -(-784 * (1 + 4 * 8) // 3)
    assert [len(angles) for angles in board["angles"]] == list(CODE_SIZES)
    assert np.array(board["mse"]).shape == np.array(board["test"]).shape == (4, 8)


def test_the_file_of_bases_holds_components_columns_and_turned_columns(gallery: Gallery, tmp_path: Path) -> None:
    def no_work(*_: Any, **__: Any) -> Any:
        raise AssertionError("nothing is trained here")

    library = Library()
    explorer = Explorer(library, gallery, Jobs(no_work))
    pictures = np.frombuffer(gzip.decompress(bases_file(explorer, "bases", "all")), np.int8).reshape(-1, 784)
    counts = [min(k, 32) for k in CODE_SIZES]
    assert len(pictures) == 32 + 2 * sum(counts)
    assert (np.abs(pictures.astype(int)).max(axis=1) == 64).all()
    duel = duel_of(library.dataset)
    found = columns(duel.models["linear"][1]).T.numpy()  # k = 2: behind the 32 components and twice k = 1
    expected = np.round(64 * found / np.abs(found).max(axis=1, keepdims=True))
    np.testing.assert_allclose(pictures[34:36], expected, atol=1)
