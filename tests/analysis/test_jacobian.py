"""The encoder's Jacobian: against a closed form, against torch.func, and through a recurrent network."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd.functional import jacobian
from torch.func import jacrev, vmap

from explorer.analysis.jacobian import jacobian_norms, mean_jacobian_norm
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder
from explorer.models.registry import named
from tests.analysis.tiny import Copy, OneSigmoid


@pytest.fixture
def x(digits: Dataset) -> Tensor:
    """Six images."""
    return torch.from_numpy(digits.test_images[:6].astype("float32") / 255)


def untrained(name: str, **settings: object) -> Autoencoder:
    """A variant with its first weights."""
    model = named(name).model(named(name).config(**settings))
    model.initialise(torch.full((1, 28, 28), 0.13), torch.Generator().manual_seed(0))
    return model.eval()


def test_one_sigmoid_layer_has_the_closed_form(x: Tensor) -> None:
    model = OneSigmoid(9).eval()
    z = model.encode(x)
    squares = (z * (1 - z)) ** 2 @ (model.layer.weight**2).sum(dim=1)
    torch.testing.assert_close(jacobian_norms(model, x), squares.sqrt().detach())


def test_a_deep_encoder_agrees_with_torch_func(x: Tensor) -> None:
    model = untrained("contractive", latent_dim=12, depth=2)

    def encode(image: Tensor) -> Tensor:
        return model.encode(image[None])[0]

    expected = vmap(jacrev(encode))(x).flatten(1).norm(dim=1)
    torch.testing.assert_close(jacobian_norms(model, x), expected.detach())


@pytest.mark.parametrize("name", ["sequence", "masked", "k_sparse"])
def test_every_kind_of_encoder_agrees_with_one_image_at_a_time(name: str, x: Tensor) -> None:
    size = {"sequence": 5, "masked": 16, "k_sparse": 64}[name]
    model = untrained(name, latent_dim=size, **({"start_k": 30} if name == "k_sparse" else {}))
    expected = torch.stack([torch.linalg.vector_norm(jacobian(model.encode, image[None])) for image in x])  # type: ignore[no-untyped-call]
    torch.testing.assert_close(jacobian_norms(model, x), expected, rtol=1e-4, atol=1e-5)


def test_the_mean_is_over_images_and_not_over_pieces(digits: Dataset) -> None:
    assert mean_jacobian_norm(Copy(), digits.train_images[:3]) == 28  # the identity's norm: sqrt(784)
    model = OneSigmoid(2).eval()
    every = torch.from_numpy(digits.train_images[:501].astype("float32") / 255)  # one piece of 500 and one of 1
    assert mean_jacobian_norm(model, digits.train_images[:501]) == pytest.approx(
        float(jacobian_norms(model, every).mean()), rel=1e-5
    )


def test_it_works_where_gradients_are_switched_off(x: Tensor) -> None:
    model = OneSigmoid(4).eval()
    with torch.inference_mode():
        inside = jacobian_norms(model, x)
    assert torch.equal(inside, jacobian_norms(model, x))
    assert all(parameter.grad is None for parameter in model.parameters())
