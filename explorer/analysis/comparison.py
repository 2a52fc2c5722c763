"""Many models on the same picture: what each makes of it, and what that costs."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.models.base import PIXELS, SIDE, Autoencoder, Masking
from explorer.models.variants.unet import UNet
from explorer.training.evaluate import reconstruct, squared_error

FLOAT_BYTES = 4  # a code is a row of 32-bit floats
LEAST = 1e-10  # squared error of a perfect picture, so that its PSNR is finite
REPEATS = 3


@dataclass(frozen=True)
class Comparison:
    """One model's answer to one picture.

    ``reconstruction`` (1, 1, 28, 28) in [0, 1]; ``code`` (D,); ``mse`` per pixel and ``psnr`` in dB, both against the
    clean picture; ``numbers``: how many pass from encoder to decoder; ``awake``: how many of the code are not zero.
    """

    reconstruction: Tensor
    code: Tensor
    mse: float
    psnr: float
    numbers: int

    @property
    def awake(self) -> int:
        return int((self.code != 0).sum())

    @property
    def size(self) -> int:
        """Bytes of what the decoder is given, as 32-bit floats."""
        return FLOAT_BYTES * self.numbers


def compared(model: Autoencoder, clean: Tensor, seen: Tensor, generator: torch.Generator) -> Comparison:
    """The model's answer to ``seen``, a damaged or unchanged copy of ``clean``, both (1, 1, 28, 28) in [0, 1].

    A masking model hides patches drawn from the generator. Raises ValueError for another shape.
    """
    if clean.shape != (1, 1, 28, 28) or seen.shape != clean.shape:
        raise ValueError(f"both pictures must be (1, 1, 28, 28), got {tuple(clean.shape)} and {tuple(seen.shape)}")
    with torch.inference_mode():
        code = model.encode(seen)[0]
        reconstruction = reconstruct(model, seen, generator).clamp(0, 1)
        mse = float(squared_error(clean, reconstruction))
    psnr = float(-10 * torch.tensor(max(mse, LEAST)).log10())
    return Comparison(reconstruction, code, mse, psnr, passed_on(model, len(code)))


def passed_on(model: Autoencoder, code: int) -> int:
    """How many numbers the decoder is given: the code, or all tokens of the patches that a masking model sees.

    A U-Net's way back is given the maps of every level, and the picture itself.
    """
    if isinstance(model, UNet):
        with torch.inference_mode():
            return PIXELS + sum(level.numel() for level in model.down(torch.zeros(1, 1, SIDE, SIDE)))
    if not isinstance(model, Masking):
        return code
    mask = model.random_mask(1, float(getattr(model.config, "mask_ratio", 0.75)), torch.Generator().manual_seed(0))
    return int((~mask).sum()) * code


def seconds_an_image(model: Autoencoder, x: Tensor) -> float:
    """The shortest of a few passes of one picture (1, 1, 28, 28) through encoder and decoder, on this machine."""
    times = []
    with torch.inference_mode():
        for _ in range(REPEATS):
            start = time.perf_counter()
            model(x, torch.Generator().manual_seed(0))
            times.append(time.perf_counter() - start)
    return min(times)
