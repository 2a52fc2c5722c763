"""How well a model cleans damaged images, in decibels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.filters import cleaned
from explorer.analysis.projection import Pca
from explorer.analysis.quality import psnr
from explorer.data.corruption import Corruption, Strength
from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder
from explorer.training.evaluate import batches, reconstruct

Damage = Callable[[Tensor, Strength, torch.Generator], Tensor]
STRENGTHS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)  # of a curve, as shares of the strongest


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


def ever_more(x: Tensor, kind: str, strongest: float, seed: int) -> Tensor:
    """Images (N, 1, 28, 28) under one kind of damage, a field of ``Corruption``, ever stronger: (S, N, 1, 28, 28)."""
    doses: list[dict[str, Any]] = [{kind: strongest * share} for share in STRENGTHS]
    return torch.stack([Corruption(**dose)(x, seed) for dose in doses])


def model_curve(model: Autoencoder, clean: Tensor, damaged: Tensor, generator: torch.Generator) -> list[float]:
    """Mean PSNR in dB of what a model makes of ever stronger damage, (S, N, 1, 28, 28), to clean (N, 1, 28, 28)."""
    with torch.inference_mode():
        answers = reconstruct(model, damaged.flatten(0, 1), generator).clamp(0, 1).reshape(damaged.shape)
        return curve(clean, list(answers))


def filter_curves(clean: Tensor, damaged: Tensor, pca: Pca) -> dict[str, list[float]]:
    """The same of doing nothing, and of each filter at the setting that suits each picture best."""
    with torch.inference_mode():
        answers = [cleaned(pictures, clean, pca) for pictures in damaged]
        best = {same[0].name: curve(clean, [one.images for one in same]) for same in zip(*answers, strict=True)}
        return {"doing nothing": curve(clean, list(damaged)), **best}


def curve(clean: Tensor, answers: Sequence[Tensor]) -> list[float]:
    """Mean PSNR in dB of several answers, each (N, 1, 28, 28) like the clean images."""
    return [float(psnr(clean, pictures).mean()) for pictures in answers]
