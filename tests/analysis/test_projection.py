"""Maps: principal components against scikit-learn's, UMAP drawn twice, new codes on an old map."""

from __future__ import annotations

import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor

from explorer.analysis.projection import Pca, moments, place, umap_map
from explorer.data.dataset import Dataset


@pytest.fixture
def codes() -> Tensor:
    """Correlated codes (5000, 6) far from the origin: more than two pieces."""
    draw = torch.Generator().manual_seed(3)
    return torch.randn(5000, 6, generator=draw) @ torch.randn(6, 6, generator=draw) + 20


def test_components_and_variances_are_those_of_scikit_learn(codes: Tensor) -> None:
    mine, theirs = Pca.fit(codes, k=3), PCA(3).fit(codes.double().numpy())
    found = torch.from_numpy(theirs.components_).float()
    torch.testing.assert_close((mine.components * found).sum(dim=1).abs(), torch.ones(3))
    torch.testing.assert_close(mine.variance, torch.from_numpy(theirs.explained_variance_).float())
    torch.testing.assert_close(mine.mean, codes.mean(dim=0))


def test_the_largest_entry_of_every_direction_is_positive(codes: Tensor) -> None:
    components = Pca.fit(codes, k=6).components
    assert bool((components.amax(dim=1) == components.abs().amax(dim=1)).all())


def test_projecting_what_was_lifted_gives_the_point_back(codes: Tensor) -> None:
    pca, points = Pca.fit(codes), torch.tensor([[0.0, 0.0], [3.0, -2.0]])
    torch.testing.assert_close(pca.project(pca.lift(points)), points, atol=1e-4, rtol=0)
    torch.testing.assert_close(pca.lift(points)[0], pca.mean)


def test_points_on_the_map_are_uncorrelated_and_centred(codes: Tensor) -> None:
    pca = Pca.fit(codes)
    mean, covariance = moments([pca.project(codes)])
    torch.testing.assert_close(mean.float(), torch.zeros(2), atol=1e-3, rtol=0)
    torch.testing.assert_close(covariance.float(), pca.variance.diag(), atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("k", [0, 7])
def test_an_impossible_number_of_components_is_refused(codes: Tensor, k: int) -> None:
    with pytest.raises(ValueError, match=f"6 components, got k = {k}"):
        Pca.fit(codes, k=k)


def test_one_code_has_no_components() -> None:
    with pytest.raises(ValueError, match="at least 2 rows, got 1"):
        Pca.fit(torch.zeros(1, 3))


def test_a_code_that_is_on_the_map_lands_on_its_own_point(codes: Tensor) -> None:
    points = Pca.fit(codes).project(codes)
    torch.testing.assert_close(place(codes[100:110], codes, points), points[100:110], atol=1e-3, rtol=0)


def test_a_code_between_others_lands_nearer_to_the_nearer() -> None:
    codes, points = torch.tensor([[0.0], [4.0], [100.0]]), torch.tensor([[0.0, 0.0], [8.0, 4.0], [50.0, 50.0]])
    assert place(torch.tensor([[1.0]]), codes, points, k=2).tolist() == [[2.0, 1.0]]  # weights 3/4 and 1/4


@pytest.mark.parametrize("k", [0, 4])
def test_a_place_needs_as_many_neighbours_as_there_are(k: int) -> None:
    with pytest.raises(ValueError, match="between 1 and the map's 3 codes"):
        place(torch.zeros(1, 2), torch.zeros(3, 2), torch.zeros(3, 2), k=k)


@pytest.mark.slow
def test_umap_draws_the_same_map_twice_and_keeps_digits_together(digits: Dataset) -> None:
    pixels = torch.from_numpy(digits.test_images.reshape(-1, 784).astype("float32") / 255)
    points = umap_map(pixels, seed=4)
    assert points.shape == (300, 2)
    assert (points == umap_map(pixels, seed=4)).all()
    labels = torch.from_numpy(digits.test_labels.copy())
    nearest = torch.cdist(torch.from_numpy(points), torch.from_numpy(points)).topk(2, largest=False).indices[:, 1]
    assert float((labels[nearest] == labels).float().mean()) > 0.8
