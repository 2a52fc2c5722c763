"""The stand-in digits look like MNIST's and are split fairly."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from explorer.data.dataset import Dataset, Pixels
from explorer.data.digits import _scans


@pytest.fixture(scope="module")
def images(digits: Dataset) -> Pixels:
    """All of them, (1797, 28, 28)."""
    return np.concatenate([digits.train_images, digits.test_images])[:, 0]


def centres(images: Pixels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre of mass of each picture, down and across, counting pixels from 0."""
    ink = images.sum(axis=(1, 2), dtype=np.float64)
    steps = np.arange(28)
    return images.sum(axis=2) @ steps / ink, images.sum(axis=1) @ steps / ink


def test_the_scans_are_those_of_scikit_learn() -> None:
    scans, labels = _scans()
    original = load_digits()
    np.testing.assert_array_equal(scans * 16, original.images)
    np.testing.assert_array_equal(labels, original.target)


def test_every_label_has_thirty_digits_for_testing(digits: Dataset) -> None:
    assert (len(digits.train_images), len(digits.test_images)) == (1497, 300)
    assert np.bincount(digits.test_labels).tolist() == [30] * 10
    original = np.bincount(load_digits().target)
    np.testing.assert_array_equal(np.bincount(digits.train_labels), original - 30)


def test_no_digit_is_in_both_halves(digits: Dataset) -> None:
    train = {image.tobytes() for image in digits.train_images}
    assert not any(image.tobytes() in train for image in digits.test_images)


def test_the_pictures_have_the_contrast_that_was_measured(images: Pixels) -> None:
    assert images.mean() / 255 == pytest.approx(0.1445, abs=5e-5)
    assert np.mean((images > 25.5) & (images < 229.5)) == pytest.approx(0.107, abs=5e-4)


def test_every_digit_fits_a_box_of_twenty_pixels(images: Pixels) -> None:
    heights, widths = (images.any(axis=axis).sum(axis=1) for axis in (2, 1))
    assert np.maximum(heights, widths).max() <= 20
    assert np.median(np.maximum(heights, widths)) == 20


def test_the_centres_of_mass_lie_where_mnists_lie(images: Pixels) -> None:
    for centre in centres(images):
        assert np.abs(centre - 14).max() <= 0.51  # whole pixels cannot be placed better, but for rounding to greys


def test_mnists_centres_of_mass_lie_at_fourteen(mnist: Dataset) -> None:
    for centre in centres(mnist.test_images[:, 0]):
        assert centre.mean() == pytest.approx(14.0, abs=0.01)


def test_the_stand_in_says_so(digits: Dataset) -> None:
    assert (digits.name, digits.title, digits.is_stand_in) == ("digits", "stand-in digits", True)


def test_they_are_loaded_without_importing_scikit_learn() -> None:
    code = "import sys; from explorer.data import digits; digits.embedded(); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
