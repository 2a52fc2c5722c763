"""New codes: from a bell curve fitted to the known ones, from a mixture of several, and on a grid over a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.projection import Pca, moments
from explorer.analysis.traversal import normal_quantiles

DIRECTIONS = 16  # in which a mixture is fitted; along all others its draws stay at the mean
BELLS = 20


@dataclass(frozen=True)
class Gaussians:
    """A mixture of K normal distributions: weights (K,), means (K, D), factors (K, D, R) with covariance F F^T."""

    weights: Tensor
    means: Tensor
    factors: Tensor

    def sample(self, n: int, temperature: float, generator: torch.Generator) -> Tensor:
        """n codes (n, D). The temperature multiplies every deviation from a mean; 1 is the fitted distribution.

        The same seed draws the same codes, only nearer to their means or further away, at every temperature. Raises
        ValueError for a temperature below 0.
        """
        if not temperature >= 0:  # true for NaN as well
            raise ValueError(f"the temperature must be at least 0, got {temperature}")
        which = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.factors.shape[2], generator=generator)
        return self.means[which] + temperature * torch.einsum("ndr,nr->nd", self.factors[which], noise)


def one_gaussian(codes: Tensor) -> Gaussians:
    """The normal distribution with the mean and the covariance of the codes (N, D). Raises ValueError for N < 2."""
    mean, covariance = moments([codes])
    variance, directions = torch.linalg.eigh(covariance)
    factor = directions * variance.clamp_min(0).sqrt()
    return Gaussians(torch.ones(1), mean.float()[None], factor.float()[None])


def mixture(codes: Tensor, bells: int = BELLS, seed: int = 0) -> Gaussians:
    """Several normal distributions, fitted to the codes (N, D) by expectation maximisation in their main directions.

    Dempster, Laird and Rubin 1977. Raises ValueError for fewer codes than distributions.
    """
    if len(codes) < bells:
        raise ValueError(f"{bells} distributions need at least as many codes, got {len(codes)}")
    from sklearn.mixture import GaussianMixture

    pca = Pca.fit(codes, min(DIRECTIONS, codes.shape[1]))
    points = pca.project(codes).double().numpy()
    floor = 1e-3 * float(pca.variance.mean())
    start = {"init_params": "k-means++", "random_state": seed, "reg_covar": max(floor, 1e-9)}
    fitted = GaussianMixture(bells, max_iter=30, tol=1e-2, **start).fit(points)
    factors = np.linalg.cholesky(fitted.covariances_)  # (K, k, k)
    return Gaussians(
        torch.from_numpy(fitted.weights_).float(),
        pca.lift(torch.from_numpy(fitted.means_).float()),
        torch.einsum("kd,nkr->ndr", pca.components, torch.from_numpy(factors).float()),
    )


def grid(across: Tensor, up: Tensor) -> Tensor:
    """Every pair of the values across (C,) and up (R,): (R * C, 2), in reading order, the largest of ``up`` first."""
    rows, columns = torch.meshgrid(up.flip(0), across, indexing="ij")
    return torch.stack((columns.flatten(), rows.flatten()), dim=1)


def middle_shares(n: int) -> tuple[float, ...]:
    """The middles of n equal shares of a distribution: 1/2n, 3/2n, ..."""
    return tuple((i + 0.5) / n for i in range(n))


def prior_grid(n: int) -> Tensor:
    """n x n codes of two numbers, as dense as a standard normal distribution: (n * n, 2). Kingma and Welling 2014."""
    values = normal_quantiles(middle_shares(n))
    return grid(values, values)


def points_grid(points: Tensor, n: int) -> Tensor:
    """n x n places, along each axis as dense as the points (N, 2) are: (n * n, 2)."""
    across, up = torch.quantile(points, torch.tensor(middle_shares(n)), dim=0).T
    return grid(across, up)
