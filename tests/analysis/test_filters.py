"""Filters against SciPy, scikit-learn, and a picture whose total variation is minimised on paper."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from sklearn.decomposition import PCA
from torch import Tensor

from explorer.analysis.filters import COMPONENTS, SIDES, best, cleaned, median, total_variation, truncated
from explorer.analysis.projection import Pca
from explorer.data.corruption import blur, gaussian
from explorer.data.dataset import Dataset


@pytest.fixture
def noisy(digits: Dataset) -> Tensor:
    x = torch.tensor(digits.test_images[:6]).float() / 255
    return gaussian(x, 0.4, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("side", [*SIDES, 7])
def test_the_median_is_scipys(noisy: Tensor, side: int) -> None:
    expected = [ndimage.median_filter(picture[0], side, mode="constant") for picture in noisy.numpy()]
    np.testing.assert_array_equal(median(noisy, side)[:, 0], expected)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 3.0])
def test_the_blur_is_scipys(noisy: Tensor, sigma: float) -> None:
    expected = [ndimage.gaussian_filter(picture[0], sigma, mode="constant") for picture in noisy.numpy()]
    np.testing.assert_allclose(blur(noisy, sigma)[:, 0], expected, atol=1e-6)


def test_principal_components_are_those_of_scikit_learn(noisy: Tensor, digits: Dataset) -> None:
    train = digits.train_images.reshape(len(digits.train_images), -1) / 255
    few = [k for k in COMPONENTS if k < min(train.shape)]
    largest = few[-1]
    reference = PCA(largest, svd_solver="full").fit(train)
    own = Pca.fit(torch.tensor(train).float(), largest)
    codes = reference.transform(noisy.flatten(1).numpy())
    for k, rebuilt in zip(few, truncated(noisy, own), strict=False):
        expected = reference.mean_ + codes[:, :k] @ reference.components_[:k]
        np.testing.assert_allclose(rebuilt.flatten(1), expected.clip(0, 1), atol=2e-4)


@pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
def test_total_variation_moves_both_sides_of_a_straight_edge_together(weight: float) -> None:
    x = torch.zeros(1, 1, 28, 28)
    x[..., 14:] = 1.0  # each row costs weight times the step, and half a square for each of 14 pixels a side
    expected = torch.where(x > 0, 1 - weight / 14, weight / 14)
    torch.testing.assert_close(total_variation(x, torch.tensor([weight])), expected, atol=0.02, rtol=0)


def test_total_variation_is_that_of_scikit_image(noisy: Tensor) -> None:
    restoration = pytest.importorskip("skimage.restoration", reason="scikit-image is not installed")
    for weight in (0.1, 0.3):
        found = total_variation(noisy, torch.full((len(noisy),), weight))[:, 0].numpy()
        expected = [
            restoration.denoise_tv_chambolle(picture[0], weight=weight, eps=1e-9, max_num_iter=5000)
            for picture in noisy.double().numpy()
        ]
        assert np.sqrt(np.square(found - expected).mean()) < 0.01


def test_each_picture_gets_its_best_setting() -> None:
    clean = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1).expand(2, 1, 28, 28)
    dark, bright = torch.full_like(clean, 0.2), torch.full_like(clean, 0.9)
    found = best("lamp", clean, [dark, bright], ["low", "high"])
    assert found.settings == ("low", "high")
    assert found.images.mean(dim=(1, 2, 3)).tolist() == pytest.approx([0.2, 0.9])


def test_no_filter_makes_noise_worse(noisy: Tensor, digits: Dataset) -> None:
    clean = torch.tensor(digits.test_images[:6]).float() / 255
    train = torch.tensor(digits.train_images).flatten(1).float() / 255
    before = (noisy - clean).square().mean(dim=(1, 2, 3))
    answers = cleaned(noisy, clean, Pca.fit(train, min(784, len(train) - 1)))
    assert [one.name for one in answers] == ["median filter", "Gaussian blur", "PCA", "total variation"]
    for one in answers:
        assert bool(((one.images - clean).square().mean(dim=(1, 2, 3)) < before).all())


@pytest.mark.parametrize("side", [0, 2, 29, -3])
def test_a_window_without_a_middle_is_refused(noisy: Tensor, side: int) -> None:
    with pytest.raises(ValueError, match=f"odd side from 1 to 27 pixels, got {side}"):
        median(noisy, side)


@pytest.mark.parametrize("weights", [[0.1], [0.1, 0.2, 0.3, 0.0, 0.5, 0.6], [float("nan")] * 6])
def test_weights_that_fit_no_picture_are_refused(noisy: Tensor, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="6 images need as many weights above 0"):
        total_variation(noisy, torch.tensor(weights))
