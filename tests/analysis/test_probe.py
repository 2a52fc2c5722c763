"""Simple readers of codes, against scikit-learn's."""

from __future__ import annotations

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from explorer.analysis.probe import knn_accuracy, linear_classifier_error
from explorer.data.dataset import Dataset, Pixels


def pixels(images: Pixels) -> Tensor:
    """(N, 784) in [0, 1]."""
    return torch.from_numpy(images.reshape(-1, 784).astype("float32") / 255)


def labels(given: Pixels) -> Tensor:
    """A copy that PyTorch may own."""
    return torch.from_numpy(given.copy())


def test_the_linear_classifier_is_as_good_as_scikit_learns(digits: Dataset) -> None:
    train, test = pixels(digits.train_images)[:, ::3], pixels(digits.test_images)[:, ::3]
    names = labels(digits.train_labels), labels(digits.test_labels)
    error = linear_classifier_error(train, names[0], test, names[1], seed=0, epochs=20)
    theirs = LogisticRegression(C=1.0, max_iter=1000).fit(train.numpy(), digits.train_labels)
    assert 1 - error == pytest.approx(theirs.score(test.numpy(), digits.test_labels), abs=0.015)


def test_raw_pixels_of_mnist_are_misread_as_often_as_published(mnist: Dataset) -> None:
    train, test = pixels(mnist.train_images), pixels(mnist.test_images)
    names = labels(mnist.train_labels), labels(mnist.test_labels)
    error = linear_classifier_error(train, names[0], test, names[1], seed=0, epochs=5)
    assert error == pytest.approx(0.074, abs=0.004)  # Makhzani and Frey 2014: 7.2 %


def test_far_clusters_are_told_apart_without_error(generator: torch.Generator) -> None:
    label = torch.arange(600) % 3
    codes = torch.eye(3)[label] * 50 + torch.randn(600, 3, generator=generator)
    assert linear_classifier_error(codes[:300], label[:300], codes[300:], label[300:], seed=0) == 0


def test_neither_the_unit_nor_the_origin_of_a_code_matters(digits: Dataset) -> None:
    train, test = pixels(digits.train_images)[:, ::7], pixels(digits.test_images)[:, ::7]
    names = labels(digits.train_labels), labels(digits.test_labels)
    plain = linear_classifier_error(train, names[0], test, names[1], seed=1, epochs=3)
    assert linear_classifier_error(train * 64, names[0], test * 64, names[1], seed=1, epochs=3) == plain
    moved = linear_classifier_error(train + 9, names[0], test + 9, names[1], seed=1, epochs=3)
    assert moved == pytest.approx(plain, abs=0.01)


def test_a_label_for_each_code_is_needed() -> None:
    with pytest.raises(ValueError, match="one label for each code"):
        linear_classifier_error(torch.zeros(3, 2), torch.zeros(2), torch.zeros(3, 2), torch.zeros(3), seed=0)


@pytest.mark.parametrize("k", [1, 5, 10])
def test_neighbours_vote_as_in_scikit_learn(k: int, digits: Dataset) -> None:
    codes, names = pixels(digits.train_images)[:1000], digits.train_labels[:1000]
    theirs = KNeighborsClassifier(k, algorithm="brute").fit(codes[:500].numpy(), names[:500])
    assert knn_accuracy(codes, labels(names), k) == pytest.approx(theirs.score(codes[500:].numpy(), names[500:]))


@pytest.mark.parametrize("k", [0, 3])
def test_more_neighbours_than_half_the_codes_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match="half of the 4 codes"):
        knn_accuracy(torch.zeros(4, 2), torch.zeros(4), k)
