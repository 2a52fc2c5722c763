"""Decibels: values worked out by hand, and a model that changes nothing."""

from __future__ import annotations

import pytest
import torch

from explorer.analysis.denoise import denoising_psnr
from explorer.analysis.quality import psnr
from explorer.data import corruption
from explorer.data.dataset import Dataset
from tests.analysis.tiny import Copy


def test_copying_gains_nothing(digits: Dataset, generator: torch.Generator) -> None:
    before, after = denoising_psnr(Copy(), digits.test_images, corruption.gaussian, 0.5, generator)
    assert before == after
    assert before == pytest.approx(9.4, abs=0.4)  # clipping at 0 halves the noise on black


def test_dropout_of_everything_leaves_the_black_image(digits: Dataset, generator: torch.Generator) -> None:
    before, _ = denoising_psnr(Copy(), digits.test_images, corruption.dropout, 1.0, generator)
    x = torch.from_numpy(digits.test_images.astype("float32") / 255)
    assert before == pytest.approx(float(psnr(x, torch.zeros_like(x)).mean()), rel=1e-6)


def test_the_same_seed_damages_alike(digits: Dataset) -> None:
    first, second = (
        denoising_psnr(Copy(), digits.test_images, corruption.random_pixels, 0.3, torch.Generator().manual_seed(2))
        for _ in range(2)
    )
    assert first == second
