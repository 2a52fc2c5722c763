"""K-means and the purity of its clusters, against scikit-learn and against heaps that lie apart."""

from __future__ import annotations

import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics.cluster import contingency_matrix
from torch import Tensor

from explorer.analysis.clusters import best_labels, kmeans, label_counts, purity
from tests.cases import seeded


def heaps(*sizes: int) -> tuple[Tensor, Tensor]:
    """Rows (N, 5) in heaps of these sizes, far from each other and from the origin, shuffled; and each one's heap."""
    where = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    where = where[torch.randperm(len(where), generator=seeded(1))]
    middles = 1000 + 40 * torch.randn(len(sizes), 5, generator=seeded(2))
    return middles[where] + torch.randn(len(where), 5, generator=seeded(3)), where


def test_heaps_that_lie_apart_are_found_and_the_largest_comes_first() -> None:
    rows, where = heaps(200, 700, 50, 400)
    found = kmeans(rows, 4, seeded(0))
    assert torch.bincount(found.which).tolist() == [700, 400, 200, 50]
    for heap, cluster in ((0, 2), (1, 0), (2, 3), (3, 1)):
        assert bool((found.which[where == heap] == cluster).all())
        torch.testing.assert_close(found.centres[cluster], rows[where == heap].mean(dim=0), atol=1e-2, rtol=0)


def test_rows_without_heaps_are_cut_as_well_as_by_scikit_learn() -> None:
    rows = torch.randn(3000, 6, generator=seeded(4)) * torch.arange(1, 7)
    found = kmeans(rows, 10, seeded(0))
    theirs = KMeans(10, n_init=8, random_state=0).fit(rows.numpy())
    assert found.inertia == pytest.approx(theirs.inertia_, rel=0.02)
    assert found.inertia == pytest.approx(float((rows - found.centres[found.which]).square().sum()), rel=1e-3)


def test_every_row_is_with_its_nearest_centre() -> None:
    rows = torch.randn(500, 3, generator=seeded(5))
    found = kmeans(rows, 7, seeded(0))
    assert found.which.tolist() == torch.cdist(rows, found.centres).argmin(dim=1).tolist()


def test_the_same_seed_finds_the_same_clusters() -> None:
    rows = torch.randn(4000, 8, generator=seeded(6))
    assert kmeans(rows, 10, seeded(3)).which.tolist() == kmeans(rows, 10, seeded(3)).which.tolist()


def test_codes_that_are_all_the_same_are_one_cluster() -> None:
    found = kmeans(torch.full((50, 4), 0.25), 10, seeded(0))
    assert found.which.tolist() == [0] * 50
    assert found.inertia == pytest.approx(0, abs=1e-9)
    assert found.centres.shape == (10, 4)


def test_purity_is_that_of_scikit_learns_contingency_table() -> None:
    which, labels = (torch.randint(0, 10, (400,), generator=seeded(seed)) for seed in (7, 8))
    counts = label_counts(which, labels, 10)
    table = contingency_matrix(which.numpy(), labels.numpy())
    assert counts.tolist() == table.tolist()
    assert purity(counts) == pytest.approx(table.max(axis=1).sum() / 400)


def test_clusters_that_are_the_labels_are_pure() -> None:
    labels = torch.randint(0, 10, (300,), generator=seeded(9))
    assert purity(label_counts((labels + 3) % 10, labels, 10)) == 1


def test_clusters_that_are_the_labels_by_other_names_get_their_own_names_back() -> None:
    labels = torch.randint(0, 10, (300,), generator=seeded(9))
    assert best_labels(label_counts((labels + 3) % 10, labels, 10)).tolist() == [7, 8, 9, 0, 1, 2, 3, 4, 5, 6]


def test_the_matching_loses_little_where_the_nearest_name_is_taken() -> None:
    counts = torch.diag(torch.full((10,), 5))
    counts[0, 1], counts[1, 1], counts[1, 0] = 9, 8, 6  # both would be 1: 9 + 6 beats 5 + 8
    assert best_labels(counts).tolist()[:2] == [1, 0]


@pytest.mark.parametrize("k", [0, 31])
def test_an_impossible_number_of_clusters_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and 30, got {k}"):
        kmeans(torch.zeros(30, 2), k, seeded(0))


def test_codes_that_are_not_finite_have_no_clusters() -> None:
    with pytest.raises(ValueError, match="not finite"):
        kmeans(torch.tensor([[0.0], [float("nan")]]), 1, seeded(0))
