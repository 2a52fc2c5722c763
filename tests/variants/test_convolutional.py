"""The convolutional autoencoder: sizes counted by hand, scipy's correlation, and what a shift of the image does."""

from __future__ import annotations

import numpy as np
import torch
from scipy.signal import correlate2d
from torch import Tensor, nn

from explorer.models.variants.convolutional import Convolutional
from tests.cases import images, model_of


def convolutional(**settings: int) -> Convolutional:
    model = model_of("convolutional", **settings).eval()
    assert isinstance(model, Convolutional)
    return model


def features(model: Convolutional, x: Tensor) -> Tensor:
    """What the code is computed from: (N, 32, 7, 7)."""
    maps: Tensor = model.encoder[:4](x)
    return maps


def test_the_parameters_are_as_many_as_counted_by_hand() -> None:
    there = (16 * 1 * 9 + 16) + (32 * 16 * 9 + 32) + (32 * 49 * 32 + 32)
    back = (32 * 32 * 49 + 32 * 49) + (32 * 16 * 16 + 16) + (16 * 1 * 16 + 1)
    count = sum(p.numel() for p in convolutional().parameters())
    deep = sum(p.numel() for p in model_of("dense", depth=2).parameters())
    assert count == there + back == 115_217
    assert round(deep / count) == 10, "the lesson says a tenth"


def test_maps_shrink_to_14_and_7_and_grow_back() -> None:
    model = convolutional(channels=8)
    sides = [tuple(model.encoder[:n](images(2)).shape[1:]) for n in (1, 3)]
    z = model.encode(images(2))
    sides += [tuple(model.decoder[:n](z).shape[1:]) for n in (3, 4, 6)]
    assert sides == [(8, 14, 14), (16, 7, 7), (16, 7, 7), (8, 14, 14), (1, 28, 28)]


def test_a_filter_is_a_strided_correlation() -> None:
    model, x = convolutional(), images(1)
    filters, found = model.encoder[0].get_parameter("weight").detach().numpy(), model.encoder[0](x)[0].detach().numpy()
    for filter_, answer in zip(filters, found, strict=True):
        everywhere = correlate2d(np.pad(x[0, 0].numpy(), 1), filter_[0], mode="valid")  # (28, 28), bias starts at zero
        np.testing.assert_allclose(answer, everywhere[::2, ::2], atol=1e-5)


def test_a_stroke_moved_by_four_pixels_moves_its_features_by_one() -> None:
    model, x = convolutional(), torch.zeros(1, 1, 28, 28)
    x[:, :, 10:14, 8:16] = torch.rand(4, 8, generator=torch.Generator().manual_seed(0))
    for down, right in ((4, 0), (0, 4), (4, -4)):
        moved = features(model, x.roll((down, right), dims=(2, 3)))
        assert torch.allclose(moved, features(model, x).roll((down // 4, right // 4), dims=(2, 3)), atol=1e-6)


def test_the_decoder_too_draws_the_same_thing_elsewhere() -> None:
    draw = nn.Sequential(*list(convolutional().decoder)[3:])
    cells = torch.zeros(1, 32, 7, 7)
    cells[0, :, 2, 2] = torch.rand(32, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(draw(cells.roll(2, dims=3)), draw(cells).roll(8, dims=3), atol=1e-6)


def test_untrained_it_answers_dark_and_not_black() -> None:
    pixels = convolutional()(images(50), torch.Generator()).reconstruction.detach()
    assert 0.05 < float(pixels.mean()) < 0.35
