r"""What a code costs in bits once its numbers are rounded, and how few of them do.

A number becomes the index of one of $2^b$ equal cells, and comes back as the middle of that cell: wrong by at most half
a step $\Delta$, and by $\Delta^2 / 12$ on average where the numbers are spread evenly. Everything that is learnt here
(ranges, frequencies) is learnt from training digits and belongs to the decoder like its weights: it is the same for all
pictures, so no picture pays for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

MOST_BITS = 16
TAILS = (0.0, 0.001, 0.005, 0.02, 0.05, 0.1)  # shares of the codes beyond either end of a range that may be cut off
FEW_BITS = 8  # up to here something may be cut off; with more bits the cells are so narrow that it never pays
TRIED = 500  # codes on which the tails are tried
SPARSE = 0.5  # a code is sparse if more of its numbers are exactly 0
TABLED = 5  # bits of a number, the first ones, that the ideal coder knows frequencies of; the rest cost a bit each
UNSEEN = 0.5  # added to every count, so that what training never showed can still be written

Layout = Literal["plain", "bitmask", "list"]


@dataclass(frozen=True)
class Quantiser:
    """Rounds each number of a code (N, D) to the middle of one of 2^bits equal cells of its range [low, high], (D,).

    In a sparse code an exact 0 stays 0; each picture then says which numbers are awake, by a bit for each number
    ("bitmask") or by their places ("list"), and only those are written.
    """

    bits: int
    low: Tensor
    high: Tensor
    layout: Layout

    @property
    def is_sparse(self) -> bool:
        return self.layout != "plain"

    @property
    def step(self) -> Tensor:
        """The width of a cell: (D,)."""
        width: Tensor = (self.high - self.low) / 2**self.bits
        return width

    def cells(self, z: Tensor) -> Tensor:
        """(N, D) -> (N, D) whole numbers from 0 to 2^bits - 1; what lies beyond the range goes to its last cell."""
        place = (z - self.low) / self.step.clamp_min(torch.finfo(z.dtype).tiny)
        return place.floor_().clamp_(0, 2**self.bits - 1)

    def __call__(self, z: Tensor) -> Tensor:
        """The code (N, D) as it comes back."""
        back = self.low + (self.cells(z) + 0.5) * self.step
        return torch.where(z == 0, 0.0, back) if self.is_sparse else back

    def size(self, z: Tensor) -> Tensor:
        """Bits of each code (N, D) as it is written: (N,)."""
        return side_bits(z, self.layout) + self.bits * written(z, self.layout)


def written(z: Tensor, layout: Layout) -> Tensor:
    """How many numbers of each code (N, D) are written: (N,) float."""
    return torch.full((len(z),), float(z.shape[1])) if layout == "plain" else (z != 0).sum(dim=1).float()


def side_bits(z: Tensor, layout: Layout) -> Tensor:
    """Bits that say which numbers of each code (N, D) are awake: (N,).

    A list tells first how many there are, then the place of each.
    """
    dim = z.shape[1]
    if layout == "list":
        return math.ceil(math.log2(dim + 1)) + math.ceil(math.log2(dim)) * written(z, layout)
    return torch.full((len(z),), float(dim) if layout == "bitmask" else 0.0)


def layout_of(codes: Tensor) -> Layout:
    """How codes like these (N, D) are written: in full, or if they are sparse in the way that is shorter on average."""
    if float((codes == 0).float().mean()) <= SPARSE:
        return "plain"
    choices: tuple[Layout, Layout] = ("bitmask", "list")
    return min(choices, key=lambda layout: float(side_bits(codes, layout).mean()))


def fit(codes: Tensor, bits: list[int]) -> list[Quantiser]:
    """A quantiser for each number of bits, its ranges found on the codes (N, D) of training digits.

    A range from the least to the largest value wastes cells on rare values when there are few cells. So for each number
    of the code as much is cut off at both ends, of TAILS, as makes the squared error of these codes smallest: a
    tenth where there are two cells, nothing where there are many. Raises ValueError for no code, or for bits outside 1
    to 16.
    """
    if not len(codes) or not all(1 <= one <= MOST_BITS for one in bits):
        raise ValueError(f"needs codes and 1 to {MOST_BITS} bits a number, got {len(codes)} codes and bits {bits}")
    layout = layout_of(codes)
    awake = codes if layout == "plain" else codes.masked_fill(codes == 0, torch.nan)
    ends = torch.tensor([*TAILS, *(1 - tail for tail in TAILS)])
    found = torch.nanquantile(awake, ends, dim=0).nan_to_num(0.0)
    ranges = [*zip(found[: len(TAILS)], found[len(TAILS) :], strict=True)]
    offered = {one: ranges if one <= FEW_BITS else ranges[:1] for one in bits}
    return [_best([Quantiser(one, *pair, layout) for pair in offered[one]], codes[:TRIED]) for one in bits]


def _best(candidates: list[Quantiser], codes: Tensor) -> Quantiser:
    """For each number of the code the range of the candidate with the least squared error."""
    errors = torch.stack([(one(codes) - codes).square().mean(dim=0) for one in candidates])
    which = errors.argmin(dim=0, keepdim=True)
    low, high = (torch.stack([getattr(one, end) for one in candidates]).gather(0, which)[0] for end in ("low", "high"))
    return Quantiser(candidates[0].bits, low, high, candidates[0].layout)


@dataclass(frozen=True)
class IdealCoder:
    r"""What an ideal entropy coder writes: $-\log_2 p$ bits, with the frequencies $p$ of training digits.

    Each number by itself: whether it is awake (D, 2), then the first bits of its cell (D, cells).
    """

    quantiser: Quantiser
    waking: Tensor
    prices: Tensor

    @classmethod
    def fit(cls, quantiser: Quantiser, codes: Tensor) -> IdealCoder:
        """From the codes (N, D) of training digits."""
        awake = (codes != 0) | (not quantiser.is_sparse)
        counts = torch.zeros(codes.shape[1], 2 ** min(quantiser.bits, TABLED))
        counts.scatter_add_(1, _first_bits(quantiser, codes).T, awake.T.float())
        known = awake.sum(dim=0).float()
        waking = _price(torch.stack((len(codes) - known, known), dim=1))
        return cls(quantiser, waking if quantiser.is_sparse else torch.zeros_like(waking), _price(counts))

    def size(self, z: Tensor) -> Tensor:
        """Bits of each code (N, D): (N,)."""
        awake = (z != 0) | (not self.quantiser.is_sparse)
        of_cell = self.prices.gather(1, _first_bits(self.quantiser, z).T).T + max(0, self.quantiser.bits - TABLED)
        return (torch.where(awake, self.waking[:, 1] + of_cell, self.waking[:, 0])).sum(dim=1)


def _first_bits(quantiser: Quantiser, z: Tensor) -> Tensor:
    return quantiser.cells(z).long() >> max(0, quantiser.bits - TABLED)


def _price(counts: Tensor) -> Tensor:
    """Counts (..., S) of S symbols -> the bits that each costs."""
    smooth = counts + UNSEEN
    return -(smooth / smooth.sum(dim=-1, keepdim=True)).log2()
