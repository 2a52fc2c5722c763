"""From one code to another: straight ahead, or around the origin; and sums of codes."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.models.knobs import shown

WAYS = ("linear", "slerp")
STRAIGHT = 1e-4  # radians: with a smaller angle, or as close to a half turn, there is no arc to follow


def path(start: Tensor, end: Tensor, steps: int, way: str = "linear") -> Tensor:
    """Codes from start (D,) to end (D,), both included: (steps, D).

    ``linear`` goes straight. ``slerp`` follows the great circle, and the length changes evenly; it goes straight where
    there is no arc: from or to zero, between codes of one direction or of opposite ones. Shoemake 1985, White 2016.
    Raises ValueError for fewer than 2 steps or another way.
    """
    if way not in WAYS:
        raise ValueError(f"the way must be one of {', '.join(WAYS)}, got {shown(way)}")
    if steps < 2:
        raise ValueError(f"a path needs at least 2 steps, got {steps}")
    t = torch.linspace(0, 1, steps, dtype=start.dtype)[:, None]
    straight = (1 - t) * start + t * end
    lengths = start.norm(), end.norm()
    if way == "linear" or min(lengths) == 0:
        return straight
    from_, to = start / lengths[0], end / lengths[1]
    angle = torch.atan2((from_ - to).norm(), (from_ + to).norm()) * 2  # exact for small angles too
    if angle < STRAIGHT or torch.pi - angle < STRAIGHT:
        return straight
    direction = (torch.sin((1 - t) * angle) * from_ + torch.sin(t * angle) * to) / torch.sin(angle)
    codes: Tensor = direction * ((1 - t) * lengths[0] + t * lengths[1])
    return codes


def arithmetic(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """a - b + c: what leads from b to a, added to c; each (D,). Mikolov et al. 2013; Radford et al. 2016."""
    return a - b + c


def mean_codes(codes: Tensor, labels: Tensor) -> Tensor:
    """The mean of the codes (N, D) of each label: (10, D). NaN for a label that does not occur."""
    return torch.stack([codes[labels == label].mean(dim=0) for label in range(10)])
