"""What every data set looks like here: two read-only arrays of pictures, 28 x 28, white on black, and their labels."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures (N, 1, 28, 28) from 0 black to 255 white, labels (N,) from 0 to 9; none of the arrays can be written.

    ``sha256`` is the hash of the pixels, training images before test images: it names the data on a model's card.
    Raises ValueError for another shape, another type or an array that can be written.
    """

    name: str
    title: str
    train_images: Pixels
    train_labels: Pixels
    test_images: Pixels
    test_labels: Pixels
    sha256: str

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            images, labels = getattr(self, f"{part}_images"), getattr(self, f"{part}_labels")
            if images.shape != (len(labels), 1, 28, 28) or labels.ndim != 1:
                raise ValueError(
                    f"{part} images must be (N, 1, 28, 28) with N labels, got {images.shape}, {labels.shape}"
                )
            if images.dtype != np.uint8 or labels.dtype != np.uint8:
                raise ValueError(f"{part} images and labels must be uint8, got {images.dtype} and {labels.dtype}")
            if images.flags.writeable or labels.flags.writeable:
                raise ValueError(f"{part} images and labels are shared by everyone and must be read-only")

    @property
    def is_stand_in(self) -> bool:
        """Whether these digits stand in for MNIST because it is not on this machine."""
        return self.name != "mnist"


def of_digits(dataset: Dataset, digits: Collection[int]) -> Dataset:
    """The same data with these digits alone to train on; all test images stay. Raises ValueError where none is left."""
    is_kept = np.isin(dataset.train_labels, list(digits))
    if not is_kept.any():
        raise ValueError(f"no training image shows one of the digits {sorted(digits)}")
    images, labels = dataset.train_images[is_kept], dataset.train_labels[is_kept]
    images.flags.writeable = labels.flags.writeable = False
    return replace(dataset, train_images=images, train_labels=labels, sha256=pixel_hash(images, dataset.test_images))


def pixel_hash(train_images: Pixels, test_images: Pixels) -> str:
    """SHA-256 of all pixels, training images first, as a card records it."""
    digest = hashlib.sha256(train_images.data)
    digest.update(test_images.data)
    return digest.hexdigest()
