"""Damage follows its formula, starts from the given seed and is as strong as was asked."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Generator, Tensor

from explorer.data.corruption import dropout, gaussian, random_pixels
from explorer.data.dataset import Dataset

Corruption = Callable[[Tensor, Tensor | float, Generator], Tensor]
ALL: list[Corruption] = [gaussian, random_pixels, dropout]
every_corruption = pytest.mark.parametrize("corrupt", ALL, ids=lambda corrupt: corrupt.__name__)


def grey(value: float, images: int = 200) -> Tensor:
    """Pictures of one grey, (N, 1, 28, 28): 156,800 pixels to take a mean over."""
    return torch.full((images, 1, 28, 28), value)


def seeded(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def test_gaussian_noise_has_its_standard_deviation(generator: Generator) -> None:
    noise = gaussian(grey(0.5), 0.1, generator) - 0.5
    assert noise.mean().item() == pytest.approx(0.0, abs=0.001)
    assert noise.std().item() == pytest.approx(0.1, rel=0.01)
    assert (noise.abs() < 0.1).float().mean().item() == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.005)


@pytest.mark.parametrize("sigma", [0.1, 0.5])
def test_noise_on_black_is_cut_at_black(generator: Generator, sigma: float) -> None:
    noisy = gaussian(grey(0.0), sigma, generator)
    assert (noisy == 0).float().mean().item() == pytest.approx(0.5, abs=0.005)
    tail = 0.5 * math.erfc(1 / (sigma * math.sqrt(2)))  # what is cut at white
    density = (1 - math.exp(-1 / (2 * sigma**2))) / math.sqrt(2 * math.pi)
    assert noisy.mean().item() == pytest.approx(sigma * density + tail, rel=0.02)  # E[min(1, max(0, noise))]


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_random_pixels_are_half_black_and_half_white(generator: Generator, share: float) -> None:
    damaged = random_pixels(grey(0.25), share, generator)
    for value, expected in ((0.0, share / 2), (1.0, share / 2), (0.25, 1 - share)):
        assert (damaged == value).float().mean().item() == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_dropped_pixels_are_black_and_the_others_untouched(generator: Generator, share: float) -> None:
    damaged = dropout(grey(0.75), share, generator)
    assert (damaged == 0).float().mean().item() == pytest.approx(share, abs=0.005)
    assert bool(((damaged == 0) | (damaged == 0.75)).all())


@every_corruption
def test_no_strength_changes_nothing(corrupt: Corruption) -> None:
    x = torch.rand(8, 1, 28, 28, generator=seeded(1))
    torch.testing.assert_close(corrupt(x, 0.0, seeded()), x, rtol=0, atol=0)


@every_corruption
def test_the_picture_stays_in_range_and_the_given_one_as_it_was(corrupt: Corruption) -> None:
    x = torch.rand(8, 1, 28, 28, generator=seeded(1))
    before = x.clone()
    damaged = corrupt(x, 1.0, seeded())
    assert damaged.shape == x.shape
    assert damaged.dtype == x.dtype
    assert damaged.min() >= 0
    assert damaged.max() <= 1
    assert torch.equal(x, before)


@every_corruption
def test_each_image_may_have_its_own_strength(corrupt: Corruption) -> None:
    x = grey(0.5, images=3)
    together = corrupt(x, torch.tensor([0.0, 0.3, 1.0]), seeded())
    for image, strength in enumerate((0.0, 0.3, 1.0)):
        assert torch.equal(together[image], corrupt(x, strength, seeded())[image])


@every_corruption
def test_the_same_seed_does_the_same_damage(corrupt: Corruption) -> None:
    x = grey(0.5, images=2)
    assert torch.equal(corrupt(x, 0.5, seeded(7)), corrupt(x, 0.5, seeded(7)))
    assert not torch.equal(corrupt(x, 0.5, seeded(7)), corrupt(x, 0.5, seeded(8)))


@pytest.mark.parametrize("corrupt", [random_pixels, dropout])
def test_a_larger_share_damages_the_same_pixels_and_more(corrupt: Corruption) -> None:
    x = grey(0.5, images=2)
    little, much = corrupt(x, 0.2, seeded()), corrupt(x, 0.6, seeded())
    damaged = little != x
    assert torch.equal(little[damaged], much[damaged])
    assert (much != x).sum() > damaged.sum()


@every_corruption
@pytest.mark.parametrize("strength", [-0.1, math.nan, math.inf])
def test_an_impossible_strength_is_refused(corrupt: Corruption, strength: float) -> None:
    with pytest.raises(ValueError, match="must be finite and"):
        corrupt(grey(0.5, images=2), strength, seeded())


@pytest.mark.parametrize("corrupt", [random_pixels, dropout])
def test_more_than_all_pixels_is_refused(corrupt: Corruption) -> None:
    with pytest.raises(ValueError, match=r"share must be finite and between 0 and 1, got 0.5 to 1.5"):
        corrupt(grey(0.5, images=2), torch.tensor([0.5, 1.5]), seeded())


@every_corruption
def test_strengths_for_another_number_of_images_are_refused(corrupt: Corruption) -> None:
    with pytest.raises(ValueError, match=r"one for each of 2 images, got \(3,\)"):
        corrupt(grey(0.5, images=2), torch.zeros(3), seeded())


@pytest.mark.parametrize(
    ("corrupt", "strength", "decibels"),
    [
        (gaussian, 0.1, 22.7),
        (gaussian, 0.25, 14.9),
        (gaussian, 0.5, 9.4),
        (gaussian, 1.0, 6.0),
        (random_pixels, 0.1, 13.2),
        (random_pixels, 0.3, 8.4),
        (random_pixels, 0.5, 6.2),
        (dropout, 0.3, 15.0),
        (dropout, 0.5, 12.8),
        (dropout, 0.75, 11.0),
    ],
)
def test_mnist_is_damaged_by_as_many_decibels_as_was_measured(
    mnist: Dataset, corrupt: Corruption, strength: float, decibels: float
) -> None:
    x = torch.tensor(mnist.test_images) / 255
    error = (corrupt(x, strength, seeded()) - x).square().mean(dim=(1, 2, 3))
    assert (-10 * error.log10()).mean().item() == pytest.approx(decibels, abs=0.11)
