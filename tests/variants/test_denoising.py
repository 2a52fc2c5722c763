"""The denoising autoencoder: damaged input, clean target."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from explorer.data.corruption import damaged
from explorer.models.base import Output
from explorer.models.variants.denoising import Denoising
from tests.cases import images, model_of, seeded

GREY = torch.full((300, 1, 28, 28), 0.5)  # on grey every kind of damage shows what it is


def denoising(**settings: object) -> Denoising:
    model = model_of("denoising", **settings)
    assert isinstance(model, Denoising)
    return model


def damage(kind: str, strength: float = 1.0) -> Tensor:
    """The grey pixels after the damage: (300, 784)."""
    return damaged(GREY, kind, strength, seeded(0)).flatten(1)


def fed(model: Denoising, x: Tensor) -> Tensor:
    """What the encoder is given in a pass over x."""
    seen: list[Tensor] = []
    with model.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0])):
        model(x, seeded(0))
    return seen[0].reshape(x.shape)


def test_the_target_is_the_clean_image() -> None:
    model, x = denoising(), images(4)
    assert model.loss(x, Output(x, torch.zeros(4, 128)))["reconstruction"].item() == 0
    damaged = fed(model, x)
    expected = (damaged - x).square().mean().item()
    assert model.loss(x, Output(damaged, torch.zeros(4, 128)))["reconstruction"].item() == pytest.approx(expected)
    assert expected > 0.01


def test_only_training_damages() -> None:
    model, x = denoising(), images(8)
    assert torch.equal(fed(model.eval(), x), x)
    assert not torch.equal(fed(model.train(), x), x)
    assert torch.equal(x, images(8)), "the clean image stays clean"


def test_no_strength_is_no_damage() -> None:
    assert torch.equal(damaged(images(9), "mixed", 0.0, seeded(0)), images(9))


@pytest.mark.parametrize(
    ("kind", "strongest", "answers"), [("random pixels", 0.6, {0.0, 1.0}), ("dropout", 0.8, {0.0})]
)
def test_the_share_of_lost_pixels_is_drawn_for_each_image_up_to_the_strongest(
    kind: str, strongest: float, answers: set[float]
) -> None:
    pixels = damage(kind)
    share = (pixels != 0.5).float().mean(dim=1)
    assert set(pixels[pixels != 0.5].tolist()) == answers
    assert float(share.mean()) == pytest.approx(strongest / 2, abs=0.05)  # uniform: half of the strongest on average
    assert float(share.std()) == pytest.approx(strongest / 12**0.5, abs=0.03)
    assert 0.9 * strongest < float(share.max()) < strongest + 0.06
    weaker = (damage(kind, strength=0.5) != 0.5).float().mean(dim=1)
    assert torch.allclose(weaker, share / 2, atol=0.09), "half the strength is half the share, image by image"


def test_gaussian_noise_has_a_deviation_of_its_own_in_each_image() -> None:
    pixels = damage("gaussian", strength=0.2)  # so weak that nothing is clipped: a deviation of 0.2 at most
    deviation = pixels.std(dim=1)
    assert float(pixels.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(deviation.mean()) == pytest.approx(0.1, abs=0.01)
    assert float(deviation.min()) < 0.01
    assert float(deviation.max()) == pytest.approx(0.2, abs=0.015)


def test_mixed_damage_gives_each_image_one_of_three_kinds() -> None:
    levels = [set(row.tolist()) for row in damage("mixed")]
    shot = sum(level == {0.0, 0.5, 1.0} for level in levels)
    lost = sum(level == {0.0, 0.5} for level in levels)
    noisy = sum(len(level) > 100 for level in levels)
    assert shot + lost + noisy == pytest.approx(300, abs=3)  # all but the hardly damaged
    assert all(count == pytest.approx(100, abs=25) for count in (shot, lost, noisy))
