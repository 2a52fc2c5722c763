"""Codes of many images, in pieces that fit into memory."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder
from explorer.training.evaluate import batches, reconstruct, squared_error


def codes(model: Autoencoder, images: Pixels) -> Tensor:
    """uint8 images (N, 1, 28, 28) -> codes (N, D). The model must be in evaluation mode."""
    with torch.no_grad():  # not inference mode: a probe may be trained on codes
        return torch.cat([model.encode(x) for x in batches(images)])


def errors(model: Autoencoder, images: Pixels, seed: int = 0) -> Tensor:
    """Each image's mean squared error per pixel, pixels in [0, 1]: (N,). What is random is drawn with the seed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.inference_mode():
        return torch.cat([squared_error(x, reconstruct(model, x, generator)) for x in batches(images)])
