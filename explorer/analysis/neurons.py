"""Which numbers of a code work: how many carry information, how many are awake, how many are dead."""

from __future__ import annotations

import torch
from torch import Tensor


def active_units(mean: Tensor, threshold: float = 0.01) -> Tensor:
    """Which latent dimensions carry information: (N, D) posterior means -> (D,) bool.

    A dimension is active when its mean varies over the data by more than ``threshold`` (variance, in units of the
    prior). All False is posterior collapse. Raises ValueError for fewer than two images. Burda et al. 2016.
    """
    if len(mean) < 2:
        raise ValueError(f"a variance needs at least 2 images, got {len(mean)}")
    return mean.var(dim=0) > threshold


def kl_per_dimension(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Nats an image that each latent dimension tells beyond the prior N(0, 1): twice (N, D) -> (D,)."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0)


def awake_share(codes: Tensor) -> float:
    """Share of all entries of codes (N, D) that are not exactly zero."""
    return float((codes != 0).float().mean())


def dead_units(codes: Tensor) -> Tensor:
    """Which numbers of the code say the same for every image: (N, D) -> (D,) bool. Raises ValueError for N < 2."""
    if len(codes) < 2:
        raise ValueError(f"whether a unit ever changes takes at least 2 images, got {len(codes)}")
    return torch.amax(codes, dim=0) == torch.amin(codes, dim=0)
