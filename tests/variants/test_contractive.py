"""The Jacobian penalty against automatic differentiation."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.func import jacrev, vmap

from explorer.models.variants.contractive import Contractive
from tests.cases import images, model_of, seeded, trained


def contractive(depth: int = 0, weight: float = 1.0, latent_dim: int = 6) -> Contractive:
    model = model_of("contractive", latent_dim=latent_dim, depth=depth, weight=weight)
    assert isinstance(model, Contractive)
    return model


def exact(model: Contractive, x: Tensor) -> Tensor:
    """Each image's ||dz/dx||_F^2 by differentiating every number of the code."""
    jacobian = vmap(jacrev(lambda image: model.encode(image[None])[0]))(x)  # (N, D, 1, 28, 28)
    size: Tensor = jacobian.square().flatten(1).sum(dim=1).detach()
    return size


def test_the_closed_form_is_the_jacobian() -> None:
    model, x = contractive(), images(4)
    torch.testing.assert_close(model(x, seeded(0)).jacobian.detach(), exact(model, x), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("depth", [1, 2])
def test_the_probe_is_right_on_average(depth: int) -> None:
    model, x = contractive(depth), images(3)
    many = x.repeat_interleave(800, dim=0)  # 800 probes of each image
    probes = model(many, seeded(1)).jacobian.detach().reshape(3, 800)
    error = probes.std(dim=1) / 800**0.5
    assert bool(((probes.mean(dim=1) - exact(model, x)).abs() < 3 * error).all())
    assert float((probes.std(dim=1) / probes.mean(dim=1)).min()) > 0.1, "one probe alone is only an estimate"


@pytest.mark.parametrize("training", [True, False])
def test_a_deep_encoder_is_probed_without_gradients_too(training: bool) -> None:
    model, x = contractive(depth=2).train(training), images(2)
    with torch.no_grad():
        quiet = model(x, seeded(1))
    with torch.inference_mode():
        inside = model(x, seeded(1)).jacobian.clone()
    assert torch.equal(quiet.jacobian, model(x, seeded(1)).jacobian)
    assert torch.equal(quiet.jacobian, inside)
    assert not quiet.latent.requires_grad


def test_the_penalty_is_counted_per_pixel() -> None:
    model, x = contractive(weight=0.5), images(4)
    penalty = model.loss(x, model(x, seeded(0)))["contraction"].item()
    assert penalty == pytest.approx(0.5 * exact(model, x).mean().item() / 784, rel=1e-4)


@pytest.mark.parametrize("depth", [0, 2])
def test_the_penalty_reaches_every_weight_of_the_encoder(depth: int) -> None:
    model, x = contractive(depth), images(4)
    model.loss(x, model(x, seeded(0)))["contraction"].backward()  # type: ignore[no-untyped-call]
    gradients = [layer.get_parameter("weight").grad for layer in list(model.encoder)[::2]]
    assert all(gradient is not None and bool(gradient.any()) for gradient in gradients)
    assert all(parameter.grad is None for parameter in model.decoder.parameters())


@pytest.mark.parametrize("depth", [0, 1])
def test_a_price_makes_the_code_calm(depth: int) -> None:
    free, priced = (trained(contractive(depth, weight, latent_dim=16), steps=80) for weight in (0.0, 1.0))
    assert isinstance(free, Contractive)
    assert isinstance(priced, Contractive)
    assert float(exact(priced, images(20)).mean()) < 0.5 * float(exact(free, images(20)).mean())
