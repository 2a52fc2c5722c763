"""The ELBO and its terms against torch.distributions."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Normal, kl_divergence

from explorer.models.base import GaussianOutput
from explorer.models.variants.variational import Variational, kl_to_prior
from tests.cases import images, model_of, seeded, trained


def variational(**settings: object) -> Variational:
    model = model_of("variational", **{"latent_dim": 3, "width": 32, **settings})
    assert isinstance(model, Variational)
    return model


def coins(x: Tensor) -> Tensor:
    """Black or white pixels."""
    return (x > 0.5).float()


def log_probability(distribution: Distribution, value: Tensor) -> Tensor:
    """Of each row, its numbers taken as independent: (N, ...) -> (N,)."""
    logarithms: Tensor = distribution.log_prob(value)
    return logarithms.flatten(1).sum(dim=1)


def log_weights(model: Variational, x: Tensor, n: int) -> Tensor:
    """log p(x | z) p(z) / q(z | x) for n draws of z from q: one image (1, 1, 28, 28) -> (n,)."""
    mean, log_variance = model.posterior(x)
    posterior = Normal(mean, (log_variance / 2).exp())
    z = mean + posterior.stddev * torch.randn(n, 3, generator=seeded(1))
    ratio = log_probability(Normal(0.0, 1.0), z) - log_probability(posterior, z)
    return log_probability(Bernoulli(model.decode(z)), x.expand(n, -1, -1, -1)) + ratio


def test_the_kl_term_is_the_one_of_the_library() -> None:
    mean, log_variance = 3 * torch.randn(2, 50, 3, generator=seeded(0))
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(kl_to_prior(mean, log_variance), expected, rtol=1e-4, atol=1e-5)


def test_the_terms_are_nats_an_image() -> None:
    model, x = variational(beta=2.5), coins(images(5))
    output = model(x, seeded(1))
    terms = model.loss(x, output)
    likelihood = log_probability(Bernoulli(output.reconstruction), x)
    posterior = Normal(output.mean, (output.log_variance / 2).exp())
    assert terms["reconstruction"].item() == pytest.approx(-likelihood.mean().item(), rel=1e-4)
    divergence = kl_divergence(posterior, Normal(0.0, 1.0)).sum(dim=1).mean().item()
    assert terms["β × KL divergence"].item() == pytest.approx(2.5 * divergence, rel=1e-4)


def test_on_grey_pixels_the_term_is_a_cross_entropy() -> None:
    model, x = variational(), images(5)
    output = model(x, seeded(1))
    p = output.reconstruction.detach().double()
    by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).sum().item() / 5
    assert model.loss(x, output)["reconstruction"].item() == pytest.approx(by_hand, rel=1e-4)


def test_the_elbo_lies_below_an_importance_weighted_bound() -> None:
    """Burda et al. 2016: averaging the weights inside the logarithm can only raise the bound."""
    model, x = trained(variational(), steps=20).train(), coins(images(1, start=1400))
    assert isinstance(model, Variational)
    with torch.no_grad():
        elbo = -torch.tensor([sum(model.loss(x, model(x, seeded(s))).values()) for s in range(400)])
        weights = log_weights(model, x, 4000)
    error = math.hypot(float(elbo.std()) / 400**0.5, float(weights.std()) / 4000**0.5)
    assert float(elbo.mean()) == pytest.approx(float(weights.mean()), abs=4 * error)
    assert float(elbo.mean()) < float(weights.logsumexp(dim=0)) - math.log(4000)


def test_with_more_samples_the_loss_is_the_importance_weighted_bound() -> None:
    """Against the weights of torch.distributions, drawn with the same noise, and between the ELBO and log p(x)."""
    model, x = trained(variational(samples=5), steps=20).train(), coins(images(3))
    assert isinstance(model, Variational)
    noise = torch.randn((3, 5, 3), generator=seeded(7))
    mean, log_variance = model.posterior(x)
    posterior = Normal(mean.unsqueeze(1), (log_variance / 2).exp().unsqueeze(1))
    z = posterior.mean + posterior.stddev * noise
    coin = Bernoulli(model.decode(z.flatten(0, 1)))
    likelihood = log_probability(coin, x.repeat_interleave(5, dim=0)).reshape(3, 5)
    ratio = log_probability(Normal(0.0, 1.0), z.flatten(0, 1)) - log_probability(
        Normal(posterior.mean.expand_as(z).flatten(0, 1), posterior.stddev.expand_as(z).flatten(0, 1)), z.flatten(0, 1)
    )
    weights = likelihood + ratio.reshape(3, 5)
    (found,) = model.loss(x, model(x, seeded(7))).values()
    assert found.item() == pytest.approx(-(weights.logsumexp(dim=1) - math.log(5)).mean().item(), rel=1e-4)
    assert found.item() < -weights.mean().item()


def test_codes_are_drawn_from_the_posterior() -> None:
    model, x = variational().train(), images(1).expand(5000, -1, -1, -1)
    output = model(x, seeded(2))
    standard = ((output.latent - output.mean) / (output.log_variance / 2).exp()).detach()
    assert standard.mean(dim=0).tolist() == pytest.approx([0.0] * 3, abs=4 / 5000**0.5)
    assert standard.std(dim=0).tolist() == pytest.approx([1.0] * 3, abs=0.05)


def test_the_gradient_goes_through_the_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    model = variational()
    mean, log_variance = torch.zeros(1, 3, requires_grad=True), torch.zeros(1, 3, requires_grad=True)
    monkeypatch.setattr(model, "posterior", lambda _: (mean, log_variance))
    output = model.train()(images(1), seeded(1))
    noise = (output.latent - mean).detach()
    output.latent.sum().backward()
    assert mean.grad is not None
    assert log_variance.grad is not None
    torch.testing.assert_close(mean.grad, torch.ones(1, 3))
    torch.testing.assert_close(log_variance.grad, noise / 2)  # d(mean + exp(v / 2) e)/dv at v = 0


def test_outside_training_the_code_is_the_mean() -> None:
    model, x = variational().eval(), images(2)
    output = model(x, seeded(0))
    assert isinstance(output, GaussianOutput)
    assert torch.equal(output.latent, output.mean)
    assert torch.equal(model.encode(x), output.mean)


def test_binarised_pixels_are_drawn_afresh_and_only_in_training() -> None:
    model, x = variational(pixels="binarised").train(), images(1).expand(2000, -1, -1, -1)
    first, second = (model(x, seeded(s)).target for s in (0, 1))
    assert set(first.unique().tolist()) == {0.0, 1.0}
    assert not torch.equal(first, second)
    assert torch.allclose(first.mean(dim=0), x[0], atol=0.06), "a pixel is white as often as it is bright"
    assert torch.equal(model.eval()(x, seeded(0)).target, x)


def test_the_encoder_sees_the_pixels_that_the_loss_compares_with() -> None:
    model, x = variational(pixels="binarised").train(), images(3)
    output = model(x, seeded(0))
    assert torch.equal(model.posterior(output.target)[0], output.mean)
    assert model.loss(torch.zeros_like(x), output) == model.loss(x, output)


def test_the_slow_start_raises_the_prior_to_beta() -> None:
    model, x = variational(beta=4.0, warmup=0.5), images(3)
    output, terms = model(x, seeded(0)), []
    for progress in (0.0, 0.25, 0.5, 1.0):
        model.anneal(progress)
        terms.append(model.loss(x, output)["β × KL divergence"].item())
    assert terms == pytest.approx([0.0, terms[3] / 2, terms[3], terms[3]])


def test_without_a_slow_start_the_prior_counts_at_once() -> None:
    model = variational(beta=4.0)
    model.anneal(0.0)
    assert model.prior_weight == 4.0


def test_the_prior_is_a_standard_normal() -> None:
    z = variational().sample_prior(20_000, seeded(0))
    assert z.mean(dim=0).tolist() == pytest.approx([0.0] * 3, abs=0.03)
    torch.testing.assert_close(z.T.cov(), torch.eye(3), rtol=0.0, atol=0.05)
