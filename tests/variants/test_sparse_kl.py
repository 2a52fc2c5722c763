"""The KL-sparse autoencoder against torch.distributions."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Bernoulli, kl_divergence

from explorer.models.base import Output
from explorer.models.variants.sparse_kl import coin_divergence
from tests.cases import images, model_of, trained


@pytest.mark.parametrize("rho", [0.01, 0.05, 0.5])
def test_the_distance_between_two_coins_is_their_kl_divergence(rho: float) -> None:
    activity = torch.linspace(0.001, 0.999, 999)
    expected = kl_divergence(Bernoulli(torch.tensor(rho)), Bernoulli(activity))
    torch.testing.assert_close(coin_divergence(rho, activity), expected, rtol=1e-4, atol=1e-6)


def test_the_wish_is_met_only_where_activity_is_rho() -> None:
    activity = torch.linspace(0.01, 0.99, 99)
    distance = coin_divergence(0.05, activity)
    assert float(activity[distance.argmin()]) == pytest.approx(0.05)
    assert float(distance.min()) == pytest.approx(0.0, abs=1e-6)


def test_a_unit_that_never_or_always_sleeps_costs_a_finite_price() -> None:
    distance = coin_divergence(0.05, torch.tensor([0.0, 1.0]))
    expected = kl_divergence(Bernoulli(torch.tensor(0.05)), Bernoulli(torch.tensor([1e-6, 1 - 1e-6])))
    torch.testing.assert_close(distance, expected, rtol=0.02, atol=0.0)


def test_the_term_asks_for_the_mean_over_the_batch_and_nothing_of_one_image() -> None:
    model, x = model_of("sparse_kl", rho=0.5, beta=2.0), images(2)
    z = torch.zeros(2, 512)
    z[0, :256] = z[1, 256:] = 1.0  # the units take turns: each is awake for half of the images
    assert model.loss(x, Output(x, z))["sparsity"].item() == pytest.approx(0.0, abs=1e-6)
    one = kl_divergence(Bernoulli(torch.tensor(0.5)), Bernoulli(torch.tensor(0.25)))
    quarter = model.loss(x, Output(x, torch.full((2, 512), 0.25)))["sparsity"].item()
    assert quarter == pytest.approx(2.0 * 512 * one.item() / 784, rel=1e-5)


def test_units_start_near_the_wish_and_training_brings_them_nearer() -> None:
    model = model_of("sparse_kl", rho=0.05, beta=5.0)
    start = model.encode(images(300)).mean(dim=0).detach()
    assert 0.05 < float(start.mean()) < 0.25
    end = trained(model, steps=60).encode(images(300)).mean(dim=0).detach()
    assert float((end - 0.05).abs().mean()) < 0.3 * float((start - 0.05).abs().mean())
    assert bool((end > 0.005).all()), "units take turns and none dies"
