"""Nearest neighbours, against scikit-learn's search."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from explorer.analysis.neighbours import nearest, squared_lengths, vote, voted
from tests.cases import seeded

ROWS = torch.randn(300, 7, generator=seeded(0))


@pytest.mark.parametrize(("distance", "metric"), [("Euclid", "euclidean"), ("cosine", "cosine")])
def test_the_nearest_rows_are_scikit_learns(distance: str, metric: str) -> None:
    query = torch.randn(7, generator=seeded(1))
    which, away = nearest(query, ROWS, 12, distance)
    reference = NearestNeighbors(n_neighbors=12, metric=metric, algorithm="brute").fit(ROWS.numpy())
    expected, numbers = reference.kneighbors(query[None].numpy())
    assert which.tolist() == numbers[0].tolist()
    np.testing.assert_allclose(away.numpy(), expected[0], rtol=1e-4)


def test_the_query_itself_does_not_count() -> None:
    assert nearest(ROWS[5], ROWS, 1)[0].tolist() == [5]
    which, away = nearest(ROWS[5], ROWS, 3, leave_out=5)
    assert 5 not in which.tolist()
    assert float(away[0]) > 0


@pytest.mark.parametrize("distance", ["Euclid", "cosine"])
def test_rows_that_nearly_agree_are_told_apart(distance: str) -> None:
    away = torch.arange(1, 6, dtype=torch.float64).flip(0) * 3e-4  # their squares are lost beside a length of 1e4
    rows = torch.zeros(6, 3, dtype=torch.float64)
    rows[:, 0] = 100
    rows[:5, 1] = away
    which, gaps = nearest(rows[5].float(), rows.float(), 5, distance, leave_out=5)
    assert which.tolist() == [4, 3, 2, 1, 0]
    expected = away.flip(0) if distance == "Euclid" else (away.flip(0) / 100).square() / 2
    np.testing.assert_allclose(gaps.numpy(), expected.numpy(), rtol=1e-4)


def test_rows_of_bytes_are_searched_piece_by_piece() -> None:
    pixels = torch.randint(0, 256, (4500, 784), generator=seeded(4), dtype=torch.uint8)
    reference = NearestNeighbors(n_neighbors=9, algorithm="brute").fit(pixels.double().numpy())
    expected, numbers = reference.kneighbors(pixels[:1].double().numpy())
    for squares in (None, squared_lengths(pixels)):
        which, away = nearest(pixels[0], pixels, 9, squares=squares)
        assert which.tolist() == numbers[0].tolist()
        np.testing.assert_allclose(away.numpy(), expected[0], rtol=1e-6, atol=1e-9)


def test_a_row_of_zeros_is_at_cosine_distance_one() -> None:
    rows = torch.stack([torch.zeros(3), torch.tensor([1.0, 0, 0])])
    which, away = nearest(torch.tensor([2.0, 0, 0]), rows, 2, "cosine")
    assert which.tolist() == [1, 0]
    assert away.tolist() == pytest.approx([0, 1])


def test_votes_are_scikit_learns() -> None:
    labels = torch.randint(0, 10, (300,), generator=seeded(2))
    codes = torch.randn(20, 7, generator=seeded(3))
    reference = KNeighborsClassifier(n_neighbors=10).fit(ROWS.numpy(), labels.numpy())
    assert [label for label, _ in voted(codes, ROWS, labels)] == reference.predict(codes.numpy()).tolist()
    assert vote(torch.tensor([3, 3, 1, 1, 7])) == (1, 2)


@pytest.mark.parametrize(("k", "leave_out", "most"), [(0, None, 300), (301, None, 300), (300, 4, 299)])
def test_k_is_within_the_rows(k: int, leave_out: int | None, most: int) -> None:
    with pytest.raises(ValueError, match=f"k must lie between 1 and {most}, got {k}"):
        nearest(ROWS[0], ROWS, k, leave_out=leave_out)


def test_another_distance_is_refused() -> None:
    with pytest.raises(ValueError, match="the distance must be one of Euclid, cosine, got 'taxi'"):
        nearest(ROWS[0], ROWS, 3, "taxi")
