"""Ways to damage a picture: Gaussian noise, random pixels, missing pixels.

Each takes pictures (N, 1, 28, 28) in [0, 1], how strongly to damage them, as one number or one for each image (N,),
and a generator of the CPU. The same seed damages the same pixels on every device, and a larger share damages the
same pixels and more, so that a slider moves the damage instead of redrawing it.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

Strength = Tensor | float


def gaussian(x: Tensor, sigma: Strength, generator: Generator) -> Tensor:
    r"""Noise on every pixel, $\min(1, \max(0,\, x + \sigma\,\varepsilon))$ with $\varepsilon \sim \mathcal N(0, 1)$.

    Raises ValueError for a sigma below 0 or not finite.
    """
    sigma = _per_image(x, sigma, "sigma", limit=float("inf"))
    noise = torch.randn(x.shape, generator=generator).to(x.device, x.dtype)
    return (x + sigma * noise).clamp(0.0, 1.0)


def random_pixels(x: Tensor, share: Strength, generator: Generator) -> Tensor:
    r"""Salt and pepper: with probability ``share`` a pixel forgets its value and becomes 0 or 1, either equally often.

    The expected picture is $(1 - p)\,x + p/2$. Raises ValueError for a share outside [0, 1].
    """
    share = _per_image(x, share, "share", limit=1.0)
    hit = torch.rand(x.shape, generator=generator).to(x.device) < share
    salt = (torch.rand(x.shape, generator=generator) < 0.5).to(x.device, x.dtype)
    return torch.where(hit, salt, x)


def dropout(x: Tensor, share: Strength, generator: Generator) -> Tensor:
    r"""Missing pixels: with probability ``share`` a pixel becomes 0; the others stay as they are, not scaled up.

    The expected picture is $(1 - q)\,x$. Raises ValueError for a share outside [0, 1].
    """
    share = _per_image(x, share, "share", limit=1.0)
    hit = torch.rand(x.shape, generator=generator).to(x.device) < share
    return x.masked_fill(hit, 0.0)


def _per_image(x: Tensor, strength: Strength, name: str, limit: float) -> Tensor:
    """One number for all or (N,) numbers, checked, in a shape that multiplies (N, 1, 28, 28)."""
    strength = torch.as_tensor(strength, dtype=x.dtype, device=x.device)
    if strength.dim() not in (0, 1) or (strength.dim() == 1 and len(strength) != len(x)):
        raise ValueError(f"{name} must be one number or one for each of {len(x)} images, got {tuple(strength.shape)}")
    if not bool(((strength >= 0.0) & (strength <= limit) & strength.isfinite()).all()):
        bounds = "at least 0" if limit == float("inf") else f"between 0 and {limit:g}"
        raise ValueError(f"{name} must be finite and {bounds}, got {strength.min():g} to {strength.max():g}")
    return strength.reshape(-1, 1, 1, 1)  # (N, 1, 1, 1) or (1, 1, 1, 1)
