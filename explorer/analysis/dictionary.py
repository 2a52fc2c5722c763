"""Decoders of one layer as a dictionary: each number of the code brings one picture, its atom, into the sum."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from explorer.models.base import PIXELS, SIDE


def atoms(chain: Sequence[nn.Module]) -> Tensor | None:
    """The columns of a decoder's only linear layer as pictures (D, 1, 28, 28), signed; None for a deeper decoder."""
    linear: list[nn.Linear] = [layer for layer in chain if isinstance(layer, nn.Linear)]
    others = [layer for layer in chain if list(layer.parameters()) and layer not in linear]
    if len(linear) != 1 or others or linear[0].out_features != PIXELS:
        return None
    columns: Tensor = linear[0].weight.detach().T.reshape(-1, 1, SIDE, SIDE)
    return columns


def contributions(z: Tensor, pictures: Tensor) -> Tensor:
    """How much each atom (D, 1, 28, 28) adds to the sum for a code (D,): |z_d| times the atom's length, (D,)."""
    lengths: Tensor = pictures.flatten(1).norm(dim=1)
    return z.abs() * lengths


def scaled(pictures: Tensor) -> Tensor:
    """Each picture divided by its largest pixel, so that a weak atom can be seen too; in [-1, 1]."""
    largest = pictures.flatten(1).abs().amax(dim=1).clamp_min(1e-12)
    return pictures / largest.reshape(-1, 1, 1, 1)


def most_used(codes: Tensor, pictures: Tensor, n: int) -> list[int]:
    """The n atoms that add most to the sum, on average over the codes (N, D)."""
    mean = codes.abs().mean(dim=0) * pictures.flatten(1).norm(dim=1)
    return [int(i) for i in mean.argsort(descending=True, stable=True)[:n]]


def is_dead(codes: Tensor) -> Tensor:
    """Which numbers are zero in every code (N, D): (D,) bool."""
    return torch.all(codes == 0, dim=0)
