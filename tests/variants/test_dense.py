"""The dense autoencoder against the published model that it repeats."""

from __future__ import annotations

import pytest
import torch

from explorer.models.registry import named, parameter_count
from explorer.models.variants.dense import Dense, DenseConfig


def test_the_default_has_the_size_of_the_textbook_model() -> None:
    assert parameter_count(named("dense"), DenseConfig()) == 784 * 64 + 64 + 64 * 784 + 784


def test_depth_adds_the_layers_it_names() -> None:
    sizes = [layer.out_features for layer in Dense(DenseConfig(depth=2)).encoder if isinstance(layer, torch.nn.Linear)]
    assert sizes == [512, 256, 64]


@pytest.mark.parametrize(("code", "lowest"), [("relu", 0.0), ("linear", -1e9)])
def test_a_relu_code_is_never_negative(code: str, lowest: float) -> None:
    model = Dense(DenseConfig(code=code))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    z = model.encode(torch.rand(64, 1, 28, 28)).detach()
    assert float(z.min()) >= lowest
    assert (float(z.min()) < 0) == (code == "linear")


def test_no_unit_of_the_code_is_dead_at_the_start() -> None:
    model = Dense(DenseConfig())
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    assert bool((model.encode(torch.rand(256, 1, 28, 28)).amax(dim=0) > 0).all())
