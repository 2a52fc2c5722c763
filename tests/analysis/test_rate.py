"""Rate over distortion: what PCA promises it keeps, budgets are kept, and PNG files are files."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from explorer.analysis.projection import Pca
from explorer.analysis.rate import (
    FRAME,
    CosineLadder,
    ModelCoder,
    PcaCoder,
    Point,
    decoder_bytes,
    enough,
    png,
    png_bytes,
    size_at,
    within,
)
from explorer.data.dataset import Dataset
from explorer.models.base import Decoding
from explorer.models.registry import named
from explorer.training.evaluate import squared_error
from tests.analysis.tiny import Coins


@pytest.fixture
def x(digits: Dataset) -> Tensor:
    return torch.tensor(digits.test_images[:20]).float() / 255


@pytest.fixture
def pca(digits: Dataset) -> PcaCoder:
    train = torch.tensor(digits.train_images[:1000]).flatten(1).float() / 255
    return PcaCoder(Pca.fit(train, 40), digits.train_images[:1000])


class Crooked(Coins):
    """Its codes follow the picture."""

    def encode(self, x: Tensor) -> Tensor:
        return 10 * x.flatten(1)[:, 300:302] + x.mean(dim=(1, 2, 3)).unsqueeze(1)


def points(*decibels: float) -> list[Point]:
    return [Point(i + 1, 10.0 * (i + 1), 9.0 * (i + 1), one) for i, one in enumerate(decibels)]


def test_a_models_curve_counts_its_bytes_and_ends_at_the_unrounded_code(digits: Dataset, x: Tensor) -> None:
    model = Crooked()
    coder = ModelCoder(model, digits.train_images)
    curve = coder.curve(x)
    assert [point.size for point in curve] == [*(2 * bits / 8 for bits in range(1, 17)), 8.0]
    assert curve[15].decibels == pytest.approx(curve[16].decibels, abs=0.05)
    whole = -10 * squared_error(x, model.decode(model.encode(x))).log10()
    assert curve[16].decibels == pytest.approx(float(whole.mean()), abs=1e-3)
    assert all(point.ideal <= point.size * 1.1 for point in curve)


def test_codes_that_are_no_numbers_are_refused(digits: Dataset) -> None:
    class Broken(Coins):
        def encode(self, x: Tensor) -> Tensor:
            return torch.full((len(x), 2), float("nan"))

    with pytest.raises(ValueError, match="no numbers any more"):
        ModelCoder(Broken(), digits.train_images)


def test_pca_is_as_far_from_training_digits_as_it_reckons(pca: PcaCoder, digits: Dataset) -> None:
    train = torch.tensor(digits.train_images[:1000]).float() / 255
    for k, bits in [(0, 3), (5, 2), (40, 4), (17, 16)]:
        points_ = pca.quantisers[bits - 1](pca.pca.project(train.flatten(1)))[:, :k]
        unclipped = (pca.pca.mean + points_ @ pca.pca.components[:k]).reshape(train.shape)
        error = float(squared_error(train, unclipped).mean())
        assert float(pca.error[bits - 1, k]) == pytest.approx(error, rel=1e-3)
        assert float(squared_error(train, pca(train, k, bits)).mean()) <= error  # pixels have no values beyond black


@pytest.mark.parametrize("budget", [0.0, 2.0, 31.0, 77.5, 600.0])
def test_the_best_pca_is_the_best_that_the_budget_pays_for(pca: PcaCoder, budget: float) -> None:
    k, bits = pca.best(budget)
    assert k * bits <= budget
    affordable = [
        float(pca.error[b - 1, n]) for b in range(1, 17) for n in range(pca.error.shape[1]) if n * b <= budget
    ]
    assert float(pca.error[bits - 1, k]) == min(affordable)


def test_the_dct_gets_the_finest_quality_within_the_budget() -> None:
    bits = torch.tensor([[10.0, 10.0, 50.0], [20.0, 20.0, 40.0], [30.0, 30.0, 60.0]])
    assert within(bits, torch.tensor([25.0, 99.0, 5.0])).tolist() == [1, 2, 1]  # none is small enough: the smallest


def test_the_ladder_has_every_quality_of_every_picture(digits: Dataset, x: Tensor) -> None:
    ladder = CosineLadder(digits.train_images)
    pictures, bits = ladder(x)
    assert pictures.shape == (len(ladder.coders), 20, 1, 28, 28)
    curve = ladder.curve(x)
    assert [point.size for point in curve] == pytest.approx((bits.mean(dim=1) / 8).tolist())


def test_enough_is_where_the_curve_becomes_flat() -> None:
    assert enough(points(10, 15, 19.95, 20, 20.02, 20)).setting == 3
    assert enough(points(20, 20, 20)).setting == 1
    assert enough(points(10, 11, 12, 19)).setting == 3  # never: the most bits


def test_sizes_between_points_lie_on_the_line() -> None:
    curve = points(10, 20, 30)
    assert size_at(curve, 25) == 25
    assert size_at(curve, 9) == 10
    assert size_at(curve, 30) == 30
    assert size_at(curve, 31) is None


def test_png_files_can_be_read_and_are_counted(digits: Dataset) -> None:
    for picture, count in zip(digits.test_images[:5, 0], png_bytes(digits.test_images[:5]), strict=True):
        with Image.open(io.BytesIO(png(picture))) as opened:
            assert np.array_equal(np.asarray(opened), picture)
        assert count == len(png(picture))


def test_the_frame_of_a_png_is_all_but_its_data(digits: Dataset) -> None:
    content = png(digits.test_images[0, 0])
    at, data = 8, 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        data += length if content[at + 4 : at + 8] == b"IDAT" else 0
        at += 12 + length
    assert len(content) - data == FRAME


def test_only_the_decoders_weights_are_counted() -> None:
    dense = named("dense")
    model = dense.model(dense.config())
    assert isinstance(model, Decoding)
    dim = model.config.latent_dim  # type: ignore[attr-defined]
    layers = [layer for layer in model.chain() if list(layer.parameters())]
    assert decoder_bytes(model, dim) == 4 * sum(one.numel() for layer in layers for one in layer.parameters())
    assert all(weight.grad is None for weight in model.parameters())
