"""New codes have the moments of those that they were fitted to, and lie where the formulas say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from explorer.analysis.generation import Gaussians, grid, mixture, one_gaussian, points_grid, prior_grid
from tests.cases import seeded

CODES = torch.randn(4000, 3, generator=seeded(0)) @ torch.tensor([[2.0, 0, 0], [1, 1, 0], [0, 0, 0.1]]) + 5


def test_one_gaussian_has_the_mean_and_the_covariance_of_the_codes() -> None:
    fitted = one_gaussian(CODES)
    np.testing.assert_allclose(fitted.means[0].numpy(), CODES.mean(dim=0).numpy(), rtol=1e-5)
    covariance = (fitted.factors[0] @ fitted.factors[0].T).numpy()
    np.testing.assert_allclose(covariance, np.cov(CODES.numpy().T), rtol=1e-3, atol=1e-4)
    drawn = fitted.sample(20_000, 1.0, seeded(1))
    np.testing.assert_allclose(np.cov(drawn.numpy().T), covariance, rtol=0.1, atol=0.05)


def test_a_mixture_finds_clouds_that_are_far_apart() -> None:
    centres = torch.tensor([[-20.0, 0, 0], [20, 0, 0], [0, 30, 0]])
    which = torch.randint(0, 3, (3000,), generator=seeded(2))
    codes = centres[which] + torch.randn(3000, 3, generator=seeded(3))
    fitted = mixture(codes, bells=3)
    found = fitted.means[fitted.means.argsort(dim=0)[:, 0]]
    np.testing.assert_allclose(found.numpy(), centres[[0, 2, 1]].numpy(), atol=0.2)
    drawn = fitted.sample(500, 1.0, seeded(4))
    assert float(torch.cdist(drawn, centres).min(dim=1).values.max()) < 6


def test_a_wide_mixture_stays_at_the_mean_outside_its_main_directions() -> None:
    codes = torch.cat((10 * torch.randn(500, 16, generator=seeded(5)), torch.full((500, 8), 0.25)), dim=1)
    drawn = mixture(codes, bells=2).sample(50, 1.0, seeded(6))
    torch.testing.assert_close(drawn[:, 16:], torch.full((50, 8), 0.25), rtol=0, atol=1e-3)


def test_temperature_scales_every_deviation_exactly() -> None:
    fitted = mixture(CODES, bells=4)
    cold, warm, hot = (fitted.sample(30, t, seeded(7)) for t in (0.0, 1.0, 2.0))
    torch.testing.assert_close(hot - cold, 2 * (warm - cold))
    assert {tuple(row) for row in cold.tolist()} <= {tuple(row) for row in fitted.means.tolist()}
    assert torch.equal(warm, fitted.sample(30, 1.0, seeded(7)))


def test_a_negative_temperature_is_refused() -> None:
    fitted = Gaussians(torch.ones(1), torch.zeros(1, 2), torch.eye(2)[None])
    for temperature in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="the temperature must be at least 0"):
            fitted.sample(1, temperature, seeded(0))
    with pytest.raises(ValueError, match="20 distributions need at least as many codes, got 3"):
        mixture(CODES[:3])


def test_the_grid_reads_like_a_page() -> None:
    places = grid(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0, 20.0]))
    assert places.tolist() == [[1, 20], [2, 20], [3, 20], [1, 10], [2, 10], [3, 10]]


def test_the_priors_grid_is_spaced_by_scipys_quantiles() -> None:
    places = prior_grid(20).reshape(20, 20, 2)
    expected = norm.ppf((np.arange(20) + 0.5) / 20)
    np.testing.assert_allclose(places[0, :, 0].numpy(), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(places[:, 0, 1].numpy(), expected[::-1], rtol=1e-4, atol=1e-6)


def test_each_column_of_a_grid_over_points_holds_as_many_of_them() -> None:
    points = torch.randn(5000, 2, generator=seeded(8)).exp()
    edges = np.quantile(points[:, 0].numpy(), np.linspace(0, 1, 11))
    columns = points_grid(points, 10).reshape(10, 10, 2)[0, :, 0].numpy()
    assert all(low < column < high for low, column, high in zip(edges, columns, edges[1:], strict=False))
