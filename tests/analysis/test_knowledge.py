"""Readers of codes, against scikit-learn's, and what must not matter to them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from explorer.analysis.clusters import ari, label_counts, nmi
from explorer.analysis.knowledge import LINEAR, PRICE, Linear, Space, answers, counts_of, draws_of, labelled
from explorer.analysis.reports import labels_of, pixels, space_of
from explorer.data.dataset import Dataset
from tests.cases import seeded


@pytest.fixture(scope="module")
def space(digits: Dataset) -> Space:
    return space_of(pixels, digits, 100, 3)


def test_as_many_of_each_digit_are_told_and_each_draw_is_another(digits: Dataset) -> None:
    labels, _ = labels_of(digits)
    which = labelled(labels, 100, 0)
    assert labels[which].tolist() == [digit for digit in range(10) for _ in range(10)]
    assert len(set(which.tolist())) == 100
    assert torch.equal(which, labelled(labels, 100, 0))
    assert not torch.equal(which, labelled(labels, 100, 1))
    assert set(labelled(labels, 10, 0).tolist()) < set(which.tolist()), "few labels are some of the many"


def test_no_more_labels_are_offered_than_there_are(digits: Dataset) -> None:
    assert counts_of(labels_of(digits)[0]) == (10, 100, 1000)
    assert counts_of(torch.arange(60_000) % 10) == (10, 100, 1000, 10_000)
    assert (draws_of(1000), draws_of(10_000)) == (5, 1)


@pytest.mark.parametrize("count", [0, 15, 310])
def test_labels_that_cannot_be_drawn_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"a multiple of 10, up to 300, got {count}"):
        labelled(torch.arange(300) % 10, count, 0)


def test_the_linear_classifier_finds_the_weights_of_scikit_learn(space: Space) -> None:
    rows = space.train[:, ::7].double()
    ours = Linear.fit(rows, space.train_labels)
    x = ((rows - ours.middle) / ours.size).numpy()
    theirs = LogisticRegression(C=1 / (2 * PRICE), max_iter=5000, tol=1e-8).fit(x, space.train_labels.numpy())
    assert np.abs(ours.weight.numpy().T - theirs.coef_).max() < 0.02 * np.abs(theirs.coef_).max()
    test = space.test[:, ::7].double()
    same = ours.read(test).numpy() == theirs.predict(((test - ours.middle) / ours.size).numpy())
    assert same.mean() > 0.99


def test_neither_unit_nor_origin_nor_rotation_of_a_code_matters(space: Space) -> None:
    turn = torch.linalg.qr(torch.randn(784, 784, generator=seeded(0), dtype=torch.float64)).Q
    rows, test = space.train.double(), space.test.double()
    plain = answers(Space(rows, space.train_labels, test, space.test_labels))
    moved = answers(Space(rows @ turn * 40 + 7, space.train_labels, test @ turn * 40 + 7, space.test_labels))
    for reader, given in plain.items():
        assert float((given == moved[reader]).double().mean()) > 0.99, reader


@pytest.mark.parametrize("k", [1, 3, 5, 10])
def test_neighbours_vote_as_in_scikit_learn_where_the_nearer_of_equals_wins(k: int, space: Space) -> None:
    weights = 1 + torch.arange(k, 0, -1).numpy() / 1000
    voters = KNeighborsClassifier(k, algorithm="brute", weights=lambda away: np.tile(weights, (len(away), 1)))
    theirs = voters.fit(space.train.numpy(), space.train_labels.numpy()).predict(space.test.numpy())
    ours = answers(space, [str(k)])[str(k)]
    assert float((ours == torch.from_numpy(theirs)).float().mean()) > 0.99  # but for ties in float32


def test_a_vote_asks_no_more_neighbours_than_a_digit_has(digits: Dataset) -> None:
    few = answers(space_of(pixels, digits, 10, 0))
    assert torch.equal(few["1"], few["10"])


def test_heaps_that_lie_apart_are_read_without_error_by_everybody() -> None:
    labels = torch.arange(300) % 10
    rows = 50 * torch.eye(10)[labels] + torch.randn(300, 10, generator=seeded(1))
    found = answers(Space(rows[:100], labels[:100], rows[100:], labels[100:]))
    assert all(torch.equal(given, labels[100:]) for given in found.values())
    assert set(found) == {LINEAR, "1", "3", "5", "10"}


def test_a_code_that_says_nothing_is_read_by_chance() -> None:
    labels = torch.arange(200) % 10
    found = answers(Space(torch.ones(100, 4), labels[:100], torch.ones(100, 4), labels[100:]))
    assert all(float((given == labels[100:]).float().mean()) == pytest.approx(0.1) for given in found.values())


def groupings() -> list[tuple[Tensor, Tensor]]:
    labels = torch.randint(0, 10, (500,), generator=seeded(2))
    noise = torch.randint(0, 10, (500,), generator=seeded(3))
    mixed = torch.where(torch.rand(500, generator=seeded(4)) < 0.6, (labels + 1) % 10, noise)
    return [(mixed, labels), (noise, labels), ((labels + 4) % 10, labels), (labels // 3, labels)]


@pytest.mark.parametrize("pair", range(4))
def test_agreement_is_that_of_scikit_learn(pair: int) -> None:
    which, labels = groupings()[pair]
    counts = label_counts(which, labels, 10)
    assert nmi(counts) == pytest.approx(normalized_mutual_info_score(labels, which), abs=1e-9)
    assert ari(counts) == pytest.approx(adjusted_rand_score(labels, which), abs=1e-9)


def test_one_heap_for_all_says_nothing_of_ten_digits() -> None:
    counts = label_counts(torch.zeros(100, dtype=torch.int64), torch.arange(100) % 10, 10)
    assert (nmi(counts), ari(counts)) == (0, 0)
