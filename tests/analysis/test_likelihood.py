"""Bounds on a likelihood whose integral over the code can be summed on a grid."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

from explorer.analysis.likelihood import binarise, elbo, importance_bound, nll
from explorer.data.dataset import Dataset
from explorer.models.registry import named
from tests.analysis.tiny import Coins

STEP = 0.2  # a sum over a grid is exact to many digits for functions as smooth as these


@pytest.fixture
def model() -> Coins:
    """Coins whose logits are linear in two numbers."""
    return Coins().eval()


@pytest.fixture
def x(model: Coins, generator: torch.Generator) -> Tensor:
    """Two images drawn from the model."""
    return binarise(model.decode(model.sample_prior(2, generator)), generator)


def grid() -> Tensor:
    """Codes (3600, 2) that hold all of the prior."""
    line = torch.arange(-6 + STEP / 2, 6, STEP, dtype=torch.float64)
    return torch.cartesian_prod(line, line)


def log_p_x_given(model: Coins, z: Tensor, x: Tensor) -> Tensor:
    """(G, 2) codes and one image -> (G,), in double precision and from logits."""
    logits = z @ model.direction.double() + model.offset.double()
    pixels = x.flatten().double().expand_as(logits)
    return -F.binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(dim=1)


def exact(model: Coins, x: Tensor) -> Tensor:
    """log p(x) of each image by summing over the grid: (N,)."""
    z = grid()
    log_prior = -0.5 * z.square().sum(dim=1) - math.log(2 * math.pi)
    log_cell = 2 * math.log(STEP)
    return torch.stack([(log_p_x_given(model, z, image) + log_prior + log_cell).logsumexp(dim=0) for image in x])


def test_with_many_samples_the_bound_is_the_integral(model: Coins, x: Tensor, generator: torch.Generator) -> None:
    bound = importance_bound(model, x, generator, samples=20_000)
    torch.testing.assert_close(bound.double(), exact(model, x), atol=0.02, rtol=0)


def test_more_samples_never_loosen_the_bound_on_average(model: Coins, x: Tensor, generator: torch.Generator) -> None:
    many = x.repeat(300, 1, 1, 1)
    means = [float(importance_bound(model, many, generator, samples=k).mean()) for k in (1, 5, 50)]
    assert means == sorted(means)
    assert means[-1] < float(exact(model, x).mean())


def test_the_elbo_is_the_integral_under_the_posterior(model: Coins, x: Tensor, generator: torch.Generator) -> None:
    z, (mean, log_variance) = grid(), model.posterior(x[:1])
    posterior = Normal(mean[0].double(), (log_variance[0].double() / 2).exp())
    density = -0.5 * ((z - posterior.mean) / posterior.stddev).square().sum(dim=1)
    weight = density.exp() / density.exp().sum()
    kl = kl_divergence(posterior, Normal(0.0, 1.0)).sum()
    expected = (weight * log_p_x_given(model, z, x[0])).sum() - kl
    samples = elbo(model, x[:1].repeat(2500, 1, 1, 1), generator)
    assert float(samples.mean()) == pytest.approx(float(expected), abs=4 * float(samples.std()) / 50)


def test_one_sample_of_the_bound_is_the_elbo_on_average(model: Coins, x: Tensor, generator: torch.Generator) -> None:
    many = x[:1].repeat(2500, 1, 1, 1)
    one, whole = importance_bound(model, many, generator, samples=1), elbo(model, many, generator)
    assert float(one.mean()) == pytest.approx(float(whole.mean()), abs=4 * float(one.std() + whole.std()) / 50)


def test_the_elbo_of_a_network_lies_below_its_importance_bound(digits: Dataset, generator: torch.Generator) -> None:
    variant = named("variational")
    model = variant.model(variant.config())
    model.initialise(torch.full((1, 28, 28), 0.13), generator)
    assert isinstance(model, variant.kind)
    negative = nll(model.eval(), digits.test_images[:50], generator, samples=50)  # type: ignore[arg-type]
    x = binarise(torch.from_numpy(digits.test_images[:50].astype("float32") / 255), generator)
    assert -float(elbo(model, x, generator).mean()) > float(negative.mean()) > 0  # type: ignore[arg-type]


def test_a_bound_comes_from_the_seed_alone(model: Coins, digits: Dataset) -> None:
    first, second = (nll(model, digits.test_images[:7], torch.Generator().manual_seed(5), samples=30) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (7,)


def test_drawn_pixels_are_white_as_often_as_they_are_bright(generator: torch.Generator) -> None:
    x = torch.tensor([0.0, 0.3, 1.0]).reshape(3, 1, 1, 1).expand(3, 1, 100, 100)
    drawn = binarise(x, generator)
    assert bool(((drawn == 0) | (drawn == 1)).all())
    torch.testing.assert_close(drawn.mean(dim=(1, 2, 3)), torch.tensor([0.0, 0.3, 1.0]), atol=0.02, rtol=0)


def test_grey_pixels_have_no_likelihood(model: Coins, generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match="pixels that are 0 or 1"):
        importance_bound(model, torch.full((1, 1, 28, 28), 0.5), generator)


def test_no_sample_gives_no_bound(model: Coins, x: Tensor, generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match="at least 1 sample, got 0"):
        importance_bound(model, x, generator, samples=0)
