"""The Jacobian penalty against automatic differentiation."""

from __future__ import annotations

import torch
from torch.func import jacrev, vmap

from explorer.models.variants.contractive import Contractive, ContractiveConfig


def made(depth: int) -> Contractive:
    model = Contractive(ContractiveConfig(latent_dim=6, depth=depth, weight=1.0))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


def exact(model: Contractive, x: torch.Tensor) -> torch.Tensor:
    """Each image's ||dz/dx||_F^2 by differentiating every number of the code."""
    jacobian = vmap(jacrev(lambda image: model.encode(image[None])[0]))(x)  # (N, D, 1, 28, 28)
    return jacobian.square().flatten(1).sum(dim=1).detach()


def test_the_closed_form_is_the_jacobian() -> None:
    model, x = made(depth=0), torch.rand(3, 1, 28, 28)
    torch.testing.assert_close(model(x, torch.Generator()).jacobian.detach(), exact(model, x), rtol=1e-4, atol=1e-7)


def test_the_probe_is_right_on_average() -> None:
    model, x = made(depth=2), torch.rand(2, 1, 28, 28)
    generator = torch.Generator().manual_seed(1)
    probes = torch.stack([model(x, generator).jacobian.detach() for _ in range(600)])
    error = probes.std(dim=0) / 600**0.5
    assert bool(((probes.mean(dim=0) - exact(model, x)).abs() < 4 * error).all())


def test_the_penalty_is_counted_per_pixel() -> None:
    model, x = made(depth=0), torch.rand(3, 1, 28, 28)
    penalty = model.loss(x, model(x, torch.Generator()))["contraction"]
    torch.testing.assert_close(penalty.detach(), exact(model, x).mean() / 784, rtol=1e-4, atol=1e-9)


def test_a_deep_encoder_works_where_gradients_are_off() -> None:
    model, x = made(depth=1), torch.rand(2, 1, 28, 28)
    with torch.inference_mode():
        assert model(x, torch.Generator()).reconstruction.shape == x.shape
