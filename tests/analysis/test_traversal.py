"""Which numbers of a code matter, and which values they take: against torch.distributions, scipy and numpy."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import norm
from torch.distributions import Normal, kl_divergence

from explorer.analysis.traversal import (
    QUANTILES,
    by_strength,
    kl_per_dimension,
    normal_quantiles,
    quantiles,
    traverse,
)
from tests.cases import seeded


def test_the_price_of_a_number_is_the_kl_divergence() -> None:
    mean, log_variance = torch.randn(2, 40, 5, generator=seeded(0))
    posterior = Normal(mean, (0.5 * log_variance).exp())
    reference = kl_divergence(posterior, Normal(0.0, 1.0)).mean(dim=0)
    torch.testing.assert_close(kl_per_dimension(mean, log_variance), reference)


def test_a_number_that_says_nothing_costs_nothing() -> None:
    free = kl_per_dimension(torch.zeros(9, 2), torch.zeros(9, 2))
    assert free.tolist() == [0.0, 0.0]


def test_strong_numbers_come_first_and_ties_keep_their_order() -> None:
    assert by_strength(torch.tensor([1.0, 3.0, 1.0, 2.0, 3.0])) == [1, 4, 3, 0, 2]


def test_quantiles_of_the_prior_are_scipys() -> None:
    np.testing.assert_allclose(normal_quantiles().numpy(), norm.ppf(QUANTILES), rtol=1e-5, atol=1e-6)


def test_quantiles_of_codes_are_numpys() -> None:
    codes = torch.randn(101, 6, generator=seeded(1))
    expected = np.quantile(codes[:, [4, 0]].numpy(), QUANTILES, axis=0).T
    np.testing.assert_allclose(quantiles(codes, [4, 0]).numpy(), expected, rtol=1e-5)


def test_a_traversal_changes_one_number_and_nothing_else() -> None:
    z = torch.arange(4.0)
    codes = traverse(z, [2, 0], torch.tensor([[10.0, 20.0, 30.0], [-1.0, -2.0, -3.0]]))
    assert codes.tolist() == [
        [0, 1, 10, 3],
        [0, 1, 20, 3],
        [0, 1, 30, 3],
        [-1, 1, 2, 3],
        [-2, 1, 2, 3],
        [-3, 1, 2, 3],
    ]
    assert z.tolist() == [0, 1, 2, 3]
