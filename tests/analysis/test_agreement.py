"""Agreement of two spaces, held to scikit-learn, to brute force and to what must be so."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness as sklearn_trustworthiness
from torch import Tensor

from explorer.analysis.agreement import MOST, by_chance, distances, neighbours, overlap, trustworthiness

N = 400


def rows(columns: int, seed: int = 0, n: int = N) -> Tensor:
    return torch.randn(n, columns, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("k", [1, 12, 40])
def test_trustworthiness_is_that_of_scikit_learn(k: int) -> None:
    truth = rows(10)
    for flat in (truth[:, :2], truth[:, :2] + 0.3 * rows(2, seed=1), rows(2, seed=2)):
        mine = trustworthiness(distances(truth), neighbours(distances(flat)), k)
        assert mine == pytest.approx(sklearn_trustworthiness(truth.numpy(), flat.numpy(), n_neighbors=k), abs=1e-12)


def test_a_map_that_is_the_truth_can_be_trusted_and_a_random_one_is_worth_a_half() -> None:
    truth = distances(rows(2))
    assert trustworthiness(truth, neighbours(truth)) == 1
    assert trustworthiness(truth, neighbours(distances(rows(2, seed=1)))) == pytest.approx(0.5, abs=0.03)


def test_trustworthiness_does_not_mind_a_turned_and_stretched_map() -> None:
    truth = rows(2)
    turned = 7 * truth @ torch.tensor([[0.6, -0.8], [0.8, 0.6]]) + 100
    assert trustworthiness(distances(truth), neighbours(distances(turned))) == 1


def test_overlap_is_what_sets_say() -> None:
    truth = rows(6)
    a, b = (neighbours(distances(points)) for points in (truth, truth[:, :3]))
    found = overlap(a, b)
    for k in (1, 2, 10, MOST):
        shared = [len({*one[:k]} & {*two[:k]}) for one, two in zip(a.tolist(), b.tolist(), strict=True)]
        assert float(found[k - 1]) == pytest.approx(np.mean(shared), abs=1e-6)


def test_a_space_shares_all_neighbours_with_itself_and_as_many_as_chance_with_noise() -> None:
    a, b = (neighbours(distances(rows(3, seed, n=1000))) for seed in (0, 1))
    assert overlap(a, a).tolist() == pytest.approx(list(range(1, MOST + 1)))
    assert float(overlap(a, b)[-1]) == pytest.approx(by_chance(MOST, 1000), rel=0.1)


def test_distances_are_those_of_numpy_and_nobody_is_a_neighbour_of_its_own() -> None:
    points = rows(5) + 1000
    found = distances(points)
    exact = np.square(points.double().numpy()[:, None] - points.double().numpy()[None]).sum(axis=2)
    off = ~np.eye(N, dtype=bool)
    assert np.allclose(found.numpy()[off], exact[off], rtol=1e-6)
    assert not (neighbours(found) == torch.arange(N)[:, None]).any()


def test_few_rows_have_few_neighbours() -> None:
    assert neighbours(distances(rows(2, n=5))).shape == (5, 4)


@pytest.mark.parametrize("k", [0, 51])
def test_a_k_that_the_map_does_not_have_is_refused(k: int) -> None:
    truth = distances(rows(2))
    with pytest.raises(ValueError, match="k must lie between 1 and 50"):
        trustworthiness(truth, neighbours(truth), k)


def test_what_has_no_neighbours_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3 rows, got 2"):
        distances(rows(2, n=2))
    with pytest.raises(ValueError, match="not finite"):
        distances(torch.full((9, 2), torch.nan))
    with pytest.raises(ValueError, match="as many neighbours"):
        overlap(torch.zeros(5, 4), torch.zeros(5, 3))
