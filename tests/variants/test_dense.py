"""The dense autoencoder against sizes counted by hand and a forward pass written in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.models.variants.dense import Dense
from tests.cases import images, model_of, trained


def size(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_default_is_the_model_of_the_keras_tutorial() -> None:
    by_hand = (784 * 64 + 64) + (64 * 784 + 784)
    assert by_hand == 101_200
    assert size(model_of("dense")) == by_hand


def test_two_hidden_layers_give_512_and_256_units() -> None:
    model = model_of("dense", depth=2, code="linear")
    assert isinstance(model, Dense)
    there = [layer.out_features for layer in model.encoder if isinstance(layer, nn.Linear)]
    back = [layer.out_features for layer in model.decoder if isinstance(layer, nn.Linear)]
    assert (there, back) == ([512, 256, 64], [256, 512, 784])
    assert size(model) == 1_100_112


def test_each_hidden_layer_has_half_the_units_of_the_one_before() -> None:
    model = model_of("dense", depth=3, width=192, latent_dim=1, code="linear")
    assert isinstance(model, Dense)
    assert [layer.out_features for layer in model.encoder if isinstance(layer, nn.Linear)] == [192, 96, 48, 1]


def test_one_layer_is_relu_then_sigmoid() -> None:
    model = trained(model_of("dense"), steps=5).eval()
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    x = images(8).reshape(8, 784).double().numpy()
    z = np.maximum(0, x @ weights["encoder.0.weight"].T + weights["encoder.0.bias"])
    pixels = 1 / (1 + np.exp(-(z @ weights["decoder.0.weight"].T + weights["decoder.0.bias"])))
    with torch.no_grad():
        output = model(images(8), torch.Generator())
    np.testing.assert_allclose(output.latent.numpy(), z, atol=1e-5)
    np.testing.assert_allclose(output.reconstruction.reshape(8, 784).numpy(), pixels, atol=1e-5)
    error = model.loss(images(8), output)["reconstruction"].item()
    assert error == pytest.approx(((x - pixels) ** 2).mean(), rel=1e-5)


def test_a_code_of_two_numbers_works_at_every_depth() -> None:
    for depth in range(4):
        model = model_of("dense", latent_dim=2, depth=depth, code="linear").eval()
        assert model.encode(images(3)).shape == (3, 2)
        assert model(images(3), torch.Generator()).reconstruction.shape == (3, 1, 28, 28)


def test_a_relu_code_is_never_negative_and_a_linear_one_is() -> None:
    relu, linear = (model_of("dense", depth=1, code=code).encode(images(50)) for code in ("relu", "linear"))
    assert relu.min().item() == 0.0
    assert linear.min().item() < 0


def test_units_start_awake_and_the_empty_code_is_the_mean_image() -> None:
    model = model_of("dense")
    assert isinstance(model, Dense)
    assert float((model.encode(images(200)) > 0).any(dim=0).float().mean()) > 0.95
    mean = images(300).mean(dim=0)
    assert torch.allclose(model.decode(torch.zeros(1, 64))[0], mean.clamp(0.002, 0.998), atol=1e-6)
