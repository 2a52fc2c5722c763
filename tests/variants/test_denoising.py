"""The denoising autoencoder: damaged input, clean target."""

from __future__ import annotations

import pytest
import torch

from explorer.models.base import Output
from explorer.models.variants.denoising import Denoising, DenoisingConfig


def made(**settings: object) -> Denoising:
    model = Denoising(DenoisingConfig.from_dict(settings))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


def test_the_target_is_the_clean_image() -> None:
    x = torch.rand(2, 1, 28, 28)
    assert float(made().loss(x, Output(x, torch.zeros(2, 1)))["reconstruction"]) == 0


def test_only_training_damages() -> None:
    model, x = made(), torch.rand(8, 1, 28, 28)
    seen: list[torch.Tensor] = []
    model.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.eval()(x, torch.Generator().manual_seed(0))
    model.train()(x, torch.Generator().manual_seed(0))
    assert torch.equal(seen[0], x.flatten(1))
    assert not torch.equal(seen[1], x.flatten(1))


@pytest.mark.parametrize("kind", ["gaussian", "random pixels", "dropout", "mixed"])
def test_each_image_has_its_own_strength(kind: str) -> None:
    x = torch.full((64, 1, 28, 28), 0.5)
    damage = (made(kind=kind).corrupt(x, torch.Generator().manual_seed(0)) - x).abs().flatten(1).mean(dim=1)
    assert float(damage.std()) > 0.03
    assert float(damage.min()) < 0.05


def test_no_strength_is_no_damage() -> None:
    x = torch.rand(9, 1, 28, 28)
    assert torch.equal(made(strength=0.0).corrupt(x, torch.Generator().manual_seed(0)), x)
