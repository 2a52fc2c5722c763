"""The ELBO and its terms against torch.distributions."""

from __future__ import annotations

import math

import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from explorer.models.variants.variational import Variational, VariationalConfig, kl_to_prior


def made(**settings: object) -> Variational:
    model = Variational(VariationalConfig.from_dict({"latent_dim": 3, "width": 32, **settings}))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


def test_the_kl_term_is_the_one_of_the_library() -> None:
    mean, log_variance = torch.randn(4, 3), torch.randn(4, 3)
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(kl_to_prior(mean, log_variance), expected)


def test_the_reconstruction_term_is_a_log_probability_in_nats_an_image() -> None:
    model, x = made(pixels="binarised").train(), torch.rand(5, 1, 28, 28)
    output = model(x, torch.Generator().manual_seed(1))
    expected = -Bernoulli(output.reconstruction).log_prob(output.target).flatten(1).sum(dim=1).mean()
    torch.testing.assert_close(model.loss(x, output)["reconstruction"], expected, rtol=1e-4, atol=1e-3)


def test_the_elbo_lies_below_an_importance_weighted_bound() -> None:
    """Burda et al. 2016: averaging weights inside the logarithm can only raise the bound."""
    model, x = made(pixels="binarised"), (torch.rand(1, 1, 28, 28) > 0.8).float()
    mean, log_variance = model.posterior(x)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(4000, 3, generator=generator)
    z = mean + (log_variance / 2).exp() * noise
    likelihood = Bernoulli(model.decode(z)).log_prob(x.expand(4000, -1, -1, -1)).flatten(1).sum(dim=1)
    ratio = Normal(0.0, 1.0).log_prob(z).sum(dim=1) - Normal(mean, (log_variance / 2).exp()).log_prob(z).sum(dim=1)
    weights = likelihood + ratio
    bound = torch.logsumexp(weights, dim=0).item() - math.log(4000)
    elbo = (likelihood.mean() - kl_to_prior(mean, log_variance).sum()).item()
    assert elbo < bound
    assert abs(elbo - weights.mean().item()) < 0.5  # the closed-form KL agrees with the sampled one


def test_binarised_pixels_are_drawn_afresh_and_only_in_training() -> None:
    model, x = made(pixels="binarised"), torch.full((1, 1, 28, 28), 0.5)
    first, second = (model.train()(x, torch.Generator().manual_seed(s)).target for s in (0, 1))
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert not torch.equal(first, second)
    assert torch.equal(model.eval()(x, torch.Generator()).target, x)


def test_the_slow_start_raises_the_prior_to_beta() -> None:
    model = made(beta=4.0, warmup=0.5)
    weights = []
    for progress in (0.0, 0.25, 0.5, 1.0):
        model.anneal(progress)
        weights.append(model.prior_weight)
    assert weights == [0.0, 2.0, 4.0, 4.0]


def test_outside_training_the_code_is_the_mean() -> None:
    model, x = made().eval(), torch.rand(2, 1, 28, 28)
    output = model(x, torch.Generator())
    assert torch.equal(output.latent, output.mean)
    assert torch.equal(model.encode(x), output.mean)
