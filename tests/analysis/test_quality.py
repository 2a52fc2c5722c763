"""Likeness of pictures: decibels worked out by hand, structure against scikit-image and against SciPy's windows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import uniform_filter
from torch import Tensor

from explorer.analysis.quality import psnr, ssim
from explorer.data.corruption import gaussian
from explorer.data.dataset import Dataset


@pytest.fixture
def pair(digits: Dataset, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    x = torch.tensor(digits.test_images[:20]).float() / 255
    return x, gaussian(x, torch.linspace(0.02, 0.9, 20), generator)


def test_decibels_of_known_differences() -> None:
    x = torch.zeros(4, 1, 28, 28)
    other = torch.tensor([1.0, 0.1, 0.01, 0.0]).reshape(4, 1, 1, 1).expand_as(x)
    expected = torch.tensor([0.0, 20.0, 40.0, 100.0])  # the last would be infinite
    torch.testing.assert_close(psnr(x, other), expected, atol=1e-4, rtol=1e-5)


def test_one_wrong_pixel_costs_its_share() -> None:
    x, other = torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 28, 28)
    other[0, 0, 3, 4] = 1.0
    assert float(psnr(x, other)) == pytest.approx(28.9432, abs=1e-4)  # 10 log10(784)


def test_decibels_and_structure_are_those_of_scikit_image(pair: tuple[Tensor, Tensor]) -> None:
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    x, y = (images[:, 0].double().numpy() for images in pair)
    decibels = [metrics.peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(x, y, strict=True)]
    likeness = [metrics.structural_similarity(a, b, data_range=1) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(psnr(*pair), decibels, atol=1e-3)
    np.testing.assert_allclose(ssim(*pair), likeness, atol=1e-5)


def test_structure_follows_its_formula(pair: tuple[Tensor, Tensor]) -> None:
    for a, b, found in zip(*(images[:, 0].double().numpy() for images in pair), ssim(*pair).tolist(), strict=True):
        covariance = [[49 / 48 * (mean(u * v) - mean(u) * mean(v)) for u in (a, b)] for v in (a, b)]
        top = (2 * mean(a) * mean(b) + 1e-4) * (2 * covariance[0][1] + 9e-4)
        bottom = (mean(a) ** 2 + mean(b) ** 2 + 1e-4) * (covariance[0][0] + covariance[1][1] + 9e-4)
        assert found == pytest.approx((top / bottom).mean(), abs=1e-5)


def mean(picture: np.ndarray) -> np.ndarray:
    """Over the 7 x 7 windows that lie within the picture."""
    whole: np.ndarray = uniform_filter(picture, 7)[3:-3, 3:-3]
    return whole


def test_equal_pictures_are_wholly_alike_and_opposite_ones_are_not(pair: tuple[Tensor, Tensor]) -> None:
    x, _ = pair
    torch.testing.assert_close(ssim(x, x), torch.ones(20))
    assert float(ssim(x, 1 - x).max()) < 0
