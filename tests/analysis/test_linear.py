"""PCA's error and angles between subspaces, against numpy and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles

from explorer.analysis.linear import image_moments, pca_reconstruction_error, principal_angles
from explorer.analysis.projection import Pca
from explorer.data.dataset import Dataset


def test_the_error_of_pca_is_that_of_a_cut_singular_value_decomposition(digits: Dataset) -> None:
    few = digits.train_images[:200]
    pca, train = Pca.of(*image_moments(few), 16), few.reshape(-1, 784) / 255.0
    test = digits.test_images.reshape(-1, 784) / 255.0 - train.mean(axis=0)
    basis = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:16]
    rebuilt = test @ basis.T @ basis
    assert pca_reconstruction_error(pca, digits.test_images) == pytest.approx(((rebuilt - test) ** 2).mean(), rel=1e-4)
    clipped = np.clip(rebuilt + train.mean(axis=0), 0, 1) - train.mean(axis=0)
    error = pca_reconstruction_error(pca, digits.test_images, clip=True)
    assert error == pytest.approx(((clipped - test) ** 2).mean(), rel=1e-4)


def test_pca_of_mnist_has_the_known_errors(mnist: Dataset) -> None:
    mean, covariance = image_moments(mnist.train_images)
    for k, plain, clipped in ((2, 0.05567, 0.05547), (16, 0.02686, 0.02538), (64, 0.00905, 0.00775)):
        pca = Pca.of(mean, covariance, k)
        assert pca_reconstruction_error(pca, mnist.test_images) == pytest.approx(plain, abs=6e-6)
        assert pca_reconstruction_error(pca, mnist.test_images, clip=True) == pytest.approx(clipped, abs=6e-6)


@pytest.mark.parametrize(("k", "m"), [(3, 3), (5, 2), (2, 5)])
def test_angles_between_random_subspaces_are_scipys(k: int, m: int, generator: torch.Generator) -> None:
    a, b = torch.randn(20, k, generator=generator), torch.randn(20, m, generator=generator)
    theirs = np.degrees(subspace_angles(a.double().numpy(), b.double().numpy()))[::-1]
    np.testing.assert_allclose(principal_angles(a, b).numpy(), theirs, rtol=1e-5)


def test_a_tiny_angle_is_not_lost_in_its_cosine() -> None:
    a, b = torch.tensor([[1.0], [0.0]]).double(), torch.tensor([[1.0], [1e-6]]).double()
    assert float(principal_angles(a, b)) == pytest.approx(math.degrees(1e-6), rel=1e-5)


def test_a_basis_of_the_same_subspace_is_at_no_angle(generator: torch.Generator) -> None:
    a = torch.randn(30, 4, generator=generator).double()
    assert float(principal_angles(a, a @ torch.randn(4, 4, generator=generator).double()).max()) < 1e-4
    assert principal_angles(torch.eye(4)[:, :2], torch.eye(4)[:, 2:]).tolist() == [90.0, 90.0]


def test_bases_of_different_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="got 3 and 4 dimensions"):
        principal_angles(torch.eye(3), torch.eye(4))
