"""Which numbers of a code work."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from explorer.analysis.neurons import active_units, awake_share, dead_units, kl_per_dimension


def test_a_unit_is_active_when_its_mean_varies_by_more_than_the_threshold() -> None:
    sign = torch.tensor([-1.0, 1.0]).repeat(500)  # variance 1 up to the factor 1000 / 999
    mean = torch.stack((0.0999 * sign, 0.1001 * sign, 0.0 * sign + 5.0), dim=1)
    assert active_units(mean).tolist() == [False, True, False]
    assert active_units(mean, threshold=0.0).tolist() == [True, True, False]


def test_activity_needs_two_images() -> None:
    with pytest.raises(ValueError, match="at least 2 images, got 1"):
        active_units(torch.zeros(1, 4))


def test_nats_of_each_dimension_are_the_divergence_from_the_prior(generator: torch.Generator) -> None:
    mean, log_variance = torch.randn(2, 50, 4, generator=generator)
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0)).mean(dim=0)
    torch.testing.assert_close(kl_per_dimension(mean, log_variance), expected)
    assert kl_per_dimension(torch.zeros(3, 2), torch.zeros(3, 2)).tolist() == [0.0, 0.0]


def test_awake_is_what_is_not_exactly_zero() -> None:
    assert awake_share(torch.tensor([[0.0, 1e-9, -2.0, 0.0]])) == 0.5


def test_a_unit_is_dead_when_it_says_the_same_for_every_image() -> None:
    codes = torch.tensor([[0.0, 0.7, 0.0], [0.0, 0.7, 0.0], [0.0, 0.7, 0.1]])
    assert dead_units(codes).tolist() == [True, True, False]
    with pytest.raises(ValueError, match="at least 2 images, got 1"):
        dead_units(codes[:1])
