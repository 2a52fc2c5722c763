"""Damage without chance, against SciPy and NumPy; and all kinds together, from one seed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from explorer.data.corruption import Corruption, blur, occlude, rotate, shift
from explorer.data.dataset import Dataset


@pytest.fixture
def x(digits: Dataset) -> Tensor:
    return torch.tensor(digits.test_images[:5]).float() / 255


@pytest.mark.parametrize("degrees", [-170, -30, 10, 45, 77.5, 135])
def test_a_turn_is_scipys(x: Tensor, degrees: float) -> None:
    expected = ndimage.rotate(x.numpy(), degrees, axes=(3, 2), reshape=False, order=1, mode="grid-constant")
    np.testing.assert_allclose(rotate(x, degrees).numpy(), expected, atol=1e-4)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4, -1])
def test_quarter_turns_move_pixels_to_pixels(x: Tensor, quarters: int) -> None:
    np.testing.assert_array_equal(rotate(x, 90 * quarters), np.rot90(x.numpy(), quarters, axes=(2, 3)))


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-5, 7), (14, -14), (28, 0)])
def test_a_shift_is_scipys(x: Tensor, right: int, down: int) -> None:
    expected = ndimage.shift(x.numpy(), (0, 0, down, right), order=0)
    np.testing.assert_array_equal(shift(x, right, down), expected)


def test_a_blur_keeps_the_ink_of_a_digit_far_from_the_edge() -> None:
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 14, 14] = 1.0
    blurred = blur(x, 1.5)
    assert float(blurred.sum()) == pytest.approx(1.0, abs=1e-5)
    across = (torch.arange(28.0) - 14).square()
    assert float((blurred[0, 0].sum(dim=0) * across).sum()) == pytest.approx(1.5**2, rel=0.01)  # its variance


def test_a_block_hides_as_many_pixels_as_it_covers() -> None:
    white = torch.ones(2, 1, 28, 28)
    assert (occlude(white, 3, 5, 6) == 0).sum() == 2 * 36
    assert (occlude(white, 25, 24, 6) == 0).sum() == 2 * 3 * 4  # the rest is beyond the edge
    assert torch.equal(occlude(white, 0, 0, 0), white)


def test_no_damage_leaves_the_picture_as_it_is(x: Tensor) -> None:
    assert torch.equal(Corruption()(x, 3), x)


def test_the_seed_alone_decides_what_is_drawn(x: Tensor) -> None:
    flat = torch.full_like(x, 0.5)
    few = Corruption(missing=0.3)(flat, 7) == 0
    many = Corruption(noise=0.05, missing=0.3)(flat, 7) == 0
    assert torch.equal(few, many), "another kind of damage must not move the holes"
    assert not torch.equal(few, Corruption(missing=0.3)(flat, 8) == 0)
    assert not torch.equal(few, Corruption(random=0.3)(flat, 7) != 0.5), "each kind has its own draws"


def test_the_block_goes_over_the_moved_digit_and_noise_over_the_block(x: Tensor) -> None:
    covered = Corruption(right=4, block=28)
    assert not covered(x, 0).any()
    noise = replace(covered, noise=0.2)(x, 0)
    assert float((noise > 0).float().mean()) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Corruption(turn=math.nan), "the angle must be finite, got nan"),
        (Corruption(right=29), "a shift must lie between -28 and 28"),
        (Corruption(blur=-1), "the blur must lie between 0 and 10"),
        (Corruption(top=28, block=2), "the block's corner must lie in the picture"),
        (Corruption(block=-2), "the block's side must be at least 0"),
        (Corruption(noise=-0.1), "sigma must be finite and at least 0"),
        (Corruption(random=1.1), "share must be finite and between 0 and 1"),
    ],
)
def test_impossible_damage_is_refused(x: Tensor, damage: Corruption, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        damage(x, 0)
