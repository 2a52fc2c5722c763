"""The same figures for every variant, on images that training never saw."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.models.base import Annealing, Autoencoder, Masking

BATCH = 500


def evaluate(model: Autoencoder, images: NDArray[np.uint8], seed: int = 0) -> dict[str, float]:
    """Figures on test images (N, 1, 28, 28) uint8.

    ``mse`` is the mean squared error per pixel, pixels in [0, 1], and ``psnr`` the mean of each image's
    10 log10(1 / mse), in dB, both of what the model gives outside training: clean input, nothing sampled. For a masking
    model they are those of the picture whose hidden patches were filled. The other entries are the terms of the
    objective, as training would see them (noise, masks and samples drawn with the seed). The model's mode is kept.
    """
    was_training = model.training
    generator = torch.Generator().manual_seed(seed)
    errors, terms = [], dict[str, float]()
    with torch.no_grad():
        for x in batches(images):
            model.eval()
            errors.append(squared_error(x, reconstruct(model, x, generator)))
            model.train()
            if isinstance(model, Annealing):
                model.anneal(1.0)
            for term, value in model.loss(x, model(x, generator)).items():
                terms[term] = terms.get(term, 0.0) + float(value) * len(x) / len(images)
    model.train(was_training)
    error = torch.cat(errors).clamp_min(1e-10)
    return {"mse": float(error.mean()), "psnr": float(-10 * error.log10().mean()), **terms}


def reconstruct(model: Autoencoder, x: Tensor, generator: torch.Generator) -> Tensor:
    """What the page shows as the reconstruction; for a masking model the input with its hidden patches filled in."""
    if isinstance(model, Masking):
        output = model(x, generator)
        return model.paste(x, output.reconstruction, output.mask)
    reconstruction: Tensor = model(x, generator).reconstruction
    return reconstruction


def squared_error(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Each image's mean squared error per pixel: (N, 1, 28, 28) twice -> (N,)."""
    return (x - reconstruction).square().flatten(1).mean(dim=1)


def batches(images: NDArray[np.uint8]) -> Iterator[Tensor]:
    """Float batches (B, 1, 28, 28) in [0, 1] of uint8 images, in order."""
    for start in range(0, len(images), BATCH):
        yield torch.from_numpy(images[start : start + BATCH].astype(np.float32) / 255)
