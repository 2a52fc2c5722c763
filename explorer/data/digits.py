"""The stand-in for MNIST on a machine without network: the 1,797 digits that come with scikit-learn, made alike.

They were scanned at 8 x 8 pixels in 17 greys. Each is cropped to its ink, enlarged to 20 pixels, sharpened and placed
by its centre of mass, as MNIST's digits were; they stay narrower and bolder than those, and a 1 carries a flag.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.data.dataset import Dataset, Pixels, pixel_hash
from explorer.data.drawing import BOX, first_row

TEST_DIGITS = 30  # of every label, for testing
INK = 0.1  # what is not brighter is paper


@cache
def embedded() -> Dataset:
    """The stand-in digits, split once: 1,497 to train with, 300 to test with, 30 of every label."""
    scans, labels = _scans()
    images = np.stack([_mnist_like(scan) for scan in scans])[:, None]  # (1797, 1, 28, 28)
    is_test = _for_testing(labels)
    train_images, train_labels, test_images, test_labels = (
        _read_only(array) for array in (images[~is_test], labels[~is_test], images[is_test], labels[is_test])
    )
    sha256 = pixel_hash(train_images, test_images)
    return Dataset("digits", "stand-in digits", train_images, train_labels, test_images, test_labels, sha256)


def _mnist_like(scan: NDArray[np.float32]) -> Pixels:
    """A scan (8, 8) in [0, 1], the ink bright -> (28, 28) in MNIST's size, place and contrast."""
    rows, columns = np.nonzero(scan > INK)
    ink = scan[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    height, width = (max(1, round(side * BOX / max(ink.shape))) for side in ink.shape)
    large = np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.BICUBIC))
    sharp = np.clip((large - 0.3) * 2.0, 0.0, 1.0)
    top = first_row(sharp.sum(axis=1))
    left = first_row(sharp.sum(axis=0))
    image = np.zeros((28, 28), np.uint8)
    image[top : top + height, left : left + width] = np.round(sharp * 255.0)
    return image


def _read_only(array: Pixels) -> Pixels:
    array.flags.writeable = False
    return array


def _scans() -> tuple[NDArray[np.float32], Pixels]:
    """The (1797, 8, 8) scans in [0, 1] and their labels.

    The file behind ``sklearn.datasets.load_digits`` is read by itself: importing scikit-learn takes 1.6 seconds.
    """
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("the stand-in digits come with scikit-learn, which is not installed")
    table = np.loadtxt(Path(package.submodule_search_locations[0], "datasets/data/digits.csv.gz"), delimiter=",")
    return (table[:, :64] / 16.0).reshape(-1, 8, 8).astype(np.float32), table[:, 64].astype(np.uint8)


def _for_testing(labels: Pixels) -> NDArray[np.bool_]:
    """Which digits are for testing: as many of every label, the same ones always."""
    draw = np.random.default_rng(0)
    is_test = np.zeros(len(labels), np.bool_)
    for label in range(10):
        members = draw.permutation(np.flatnonzero(labels == label))
        is_test[members[:TEST_DIGITS]] = True
    return is_test
