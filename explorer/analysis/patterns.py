"""Which patches of a picture are hidden: in patterns, as text, and as pixels. True is hidden; patches count row by row.

Pictures are cut into ``side`` x ``side`` patches, and ``side`` divides 28.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from explorer.models.base import SIDE
from explorer.models.knobs import shown


def pattern(name: object, side: int, share: object, generator: Generator) -> Tensor:
    """The mask of a pattern: (side * side,) bool.

    *Random* and *block* hide round(share * side * side) patches, the others as many as their name says; the generator
    draws the places. Raises ValueError for a name that is none of ``PATTERNS``, or a share outside [0, 1].
    """
    if not isinstance(name, str) or name not in PATTERNS:
        raise ValueError(f"the pattern must be one of {', '.join(PATTERNS)}, got {shown(name)}")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"the share of hidden patches must lie between 0 and 1, got {shown(share)}")
    return PATTERNS[name](side, round(share * side * side), generator).flatten()


def randomly(side: int, hidden: int, generator: Generator) -> Tensor:
    """That many patches, any of them equally likely: (side, side)."""
    order = torch.rand(side * side, generator=generator).argsort()
    return torch.zeros(side * side, dtype=torch.bool).scatter(0, order[:hidden], True).reshape(side, side)


def _block(side: int, hidden: int, generator: Generator) -> Tensor:
    """One piece, as square as that many patches can be; its last row may be short."""
    mask = torch.zeros(side, side, dtype=torch.bool)
    width = math.ceil(math.sqrt(hidden))
    height = math.ceil(hidden / width) if hidden else 0
    top, left = (_drawn(side - size + 1, generator) for size in (height, width))
    places = torch.arange(height * width).reshape(height, width)
    mask[top : top + height, left : left + width] = places < hidden
    return mask


def _half(side: int, _hidden: int, generator: Generator) -> Tensor:
    """The lower, left, upper or right half; of an odd number of rows the smaller half."""
    lower = torch.arange(side) >= side - side // 2
    return torch.rot90(lower[:, None].expand(side, side), -_drawn(4, generator))


def _stripes(side: int, _hidden: int, generator: Generator) -> Tensor:
    """Every second row, or every second column."""
    odd = torch.arange(side) % 2 == 1
    return torch.rot90(odd[:, None].expand(side, side), _drawn(2, generator))


def _checkerboard(side: int, _hidden: int, _generator: Generator) -> Tensor:
    lines = torch.arange(side)
    return (lines[:, None] + lines) % 2 == 1


def _one_visible(side: int, _hidden: int, generator: Generator) -> Tensor:
    return ~randomly(side, 1, generator)


def _one_hidden(side: int, _hidden: int, generator: Generator) -> Tensor:
    return randomly(side, 1, generator)


def _none(side: int, _hidden: int, _generator: Generator) -> Tensor:
    return torch.zeros(side, side, dtype=torch.bool)


PATTERNS: dict[str, Callable[[int, int, Generator], Tensor]] = {
    "random": randomly,
    "block": _block,
    "half": _half,
    "stripes": _stripes,
    "checkerboard": _checkerboard,
    "all but one": _one_visible,
    "only one": _one_hidden,
    "none": _none,
}
BY_SHARE = frozenset({"random", "block"})  # these hide as much as is asked for
UNDRAWN = frozenset({"checkerboard", "none"})  # these are the same whatever the generator says


def spread(mask: Tensor) -> Tensor:
    """A mask of patches (N, side * side) as a mask of pixels (N, 1, 28, 28)."""
    side = math.isqrt(mask.shape[1])
    squares = mask.reshape(-1, 1, side, side)
    return squares.repeat_interleave(SIDE // side, dim=2).repeat_interleave(SIDE // side, dim=3)


def as_text(mask: Tensor) -> str:
    """A mask (patches,) with one letter a patch, "1" for hidden."""
    return "".join("1" if hidden else "0" for hidden in mask)


def from_text(text: object, patches: int) -> Tensor:
    """The mask (patches,) that a text of "0" and "1" describes. Raises ValueError for another text."""
    if not isinstance(text, str) or len(text) != patches or not set(text) <= {"0", "1"}:
        raise ValueError(f"a mask must be {patches} letters, 0 or 1, got {shown(text)}")
    return torch.tensor([letter == "1" for letter in text])


def _drawn(below: int, generator: Generator) -> int:
    return int(torch.randint(below, (1,), generator=generator))
