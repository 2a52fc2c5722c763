"""The KL penalty against torch.distributions."""

from __future__ import annotations

import torch
from torch.distributions import Bernoulli, kl_divergence

from explorer.models.variants.sparse_kl import SparseKL, SparseKLConfig, coin_divergence


def test_the_distance_of_two_coins_is_the_one_of_the_library() -> None:
    activity = torch.linspace(0.01, 0.99, 25)
    expected = kl_divergence(Bernoulli(torch.tensor(0.05)), Bernoulli(activity))
    torch.testing.assert_close(coin_divergence(0.05, activity), expected)


def test_the_penalty_is_zero_exactly_at_the_wish() -> None:
    assert float(coin_divergence(0.2, torch.tensor(0.2))) == 0
    assert float(coin_divergence(0.2, torch.tensor(0.0))) > 1  # a dead unit costs, and stays finite


def test_units_start_near_the_wish() -> None:
    model = SparseKL(SparseKLConfig())
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    assert 0.05 < model.encode(torch.zeros(2, 1, 28, 28)).mean().item() < 0.2
