"""The U-Net: it corrects what it is given, joins levels of one size, and weighs small errors like large ones."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from explorer.data.corruption import damaged, gaussian
from explorer.models.base import Decoding, Output
from explorer.models.variants.unet import UNet
from explorer.training.evaluate import squared_error
from tests.cases import images, model_of, seeded, trained


def unet(**settings: object) -> UNet:
    model = model_of("unet", **settings)
    assert isinstance(model, UNet)
    return model


def test_before_training_it_changes_nothing() -> None:
    x = images(5)
    assert torch.equal(unet().eval()(x, seeded(0)).reconstruction, x)


def test_its_weights_are_those_of_convolutions_three_by_three_and_of_two_ways_up() -> None:
    few, some, many = 8, 16, 32
    three = [(1, few), (few, few), (few, some), (some, some), (some, many), (many, many)]
    three += [(2 * some, some), (2 * few, few), (few, 1)]
    count = sum(9 * a * b + b for a, b in three) + sum(16 * a * b + b for a, b in [(many, some), (some, few)])
    assert sum(p.numel() for p in unet().parameters()) == count == 34_161


def test_its_code_is_the_mean_of_each_of_the_deepest_maps() -> None:
    model, x = unet(latent_dim=16).eval(), images(3)
    deepest = model.small(model.middle(model.large(x)))
    assert deepest.shape == (3, 16, 7, 7)
    assert torch.equal(model.encode(x), deepest.flatten(2).mean(dim=2))
    assert not isinstance(model, Decoding)


@pytest.mark.parametrize("error", [1e-6, 1e-4, 1e-2, 0.25])
def test_ten_times_the_error_costs_about_as_much_wherever_it_starts(error: float) -> None:
    x = torch.zeros(2, 1, 28, 28)
    shown = Output(torch.full_like(x, math.sqrt(error)), torch.zeros(2, 32))
    (loss,) = unet().loss(x, shown).values()
    assert loss.item() == pytest.approx(math.log(1 + error / 1e-4), rel=1e-4)


def test_a_stroke_goes_round_the_deepest_level() -> None:
    model, x = trained(unet(), steps=3).eval(), images(4)
    whole = model(x, seeded(0)).reconstruction
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.startswith("small."):
                parameter.zero_()
    without = model(x, seeded(0)).reconstruction
    assert not torch.equal(whole, without)
    assert squared_error(x, without).max() < 0.02, "the picture is still there"


def test_only_training_damages() -> None:
    model, x = unet(), images(8)
    assert torch.equal(model.train()(x, seeded(3)).reconstruction, damaged(x, "mixed", 1.0, seeded(3)))
    assert torch.equal(model.eval()(x, seeded(3)).reconstruction, x)


def test_it_learns_to_mend_a_little_noise_within_a_few_steps() -> None:
    model = trained(unet(kind="gaussian", strength=0.2), steps=60).eval()
    x = images(40, start=1300)
    noisy: Tensor = gaussian(x, 0.1, seeded(1))
    with torch.no_grad():
        mended = model(noisy, seeded(0)).reconstruction
    assert squared_error(x, mended).mean() < 0.8 * squared_error(x, noisy).mean()
