"""How well a model cleans damaged images, in decibels."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from explorer.data.corruption import Strength
from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder
from explorer.training.evaluate import batches, reconstruct, squared_error

Damage = Callable[[Tensor, Strength, torch.Generator], Tensor]


def psnr(x: Tensor, other: Tensor) -> Tensor:
    """Peak signal-to-noise ratio 10 log10(1 / mse) of each image, in dB: (N, 1, 28, 28) twice, in [0, 1] -> (N,).

    Equal images give 100 dB, not infinity, so that a mean stays a number.
    """
    return -10 * squared_error(x, other).clamp_min(1e-10).log10()


def denoising_psnr(
    model: Autoencoder, images: Pixels, damage: Damage, strength: float, generator: torch.Generator
) -> tuple[float, float]:
    """Mean PSNR in dB against the clean uint8 images (N, 1, 28, 28): of the damaged images, and of what the model
    makes of them."""
    before, after = [], []
    with torch.inference_mode():
        for x in batches(images):
            damaged = damage(x, strength, generator)
            before.append(psnr(x, damaged))
            after.append(psnr(x, reconstruct(model, damaged, generator)))
    return float(torch.cat(before).mean()), float(torch.cat(after).mean())
