"""A data set holds what everything else relies on."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from explorer.data.dataset import Dataset, Pixels, pixel_hash


def zeros(*shape: int, writeable: bool = False) -> Pixels:
    array = np.zeros(shape, np.uint8)
    array.flags.writeable = writeable
    return array


def dataset(images: Pixels, labels: Pixels) -> Dataset:
    return Dataset("mnist", "MNIST", images, labels, images, labels, "")


def test_read_only_pictures_with_a_label_each_are_accepted() -> None:
    assert dataset(zeros(3, 1, 28, 28), zeros(3)).train_images.shape == (3, 1, 28, 28)


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 784), (4, 1, 28, 28), (3, 3, 28, 28), (3, 1, 32, 32)])
def test_pictures_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"train images must be \(N, 1, 28, 28\) with N labels"):
        dataset(zeros(*shape), zeros(3))


def test_arrays_that_somebody_could_write_are_refused() -> None:
    with pytest.raises(ValueError, match="must be read-only"):
        dataset(zeros(3, 1, 28, 28, writeable=True), zeros(3))
    with pytest.raises(ValueError, match="must be read-only"):
        dataset(zeros(3, 1, 28, 28), zeros(3, writeable=True))


def test_pictures_of_floats_are_refused() -> None:
    floats = np.zeros((3, 1, 28, 28))
    with pytest.raises(ValueError, match="must be uint8, got float64 and uint8"):
        Dataset("mnist", "MNIST", floats, zeros(3), floats, zeros(3), "")  # type: ignore[arg-type]


def test_the_hash_is_that_of_all_pixels_training_first() -> None:
    train, test = np.full((2, 1, 28, 28), 1, np.uint8), np.full((1, 1, 28, 28), 2, np.uint8)
    assert pixel_hash(train, test) == hashlib.sha256(b"\x01" * 2 * 784 + b"\x02" * 784).hexdigest()
