r"""A picture as JPEG keeps it: cosines of 8 x 8 pixels, rounded ever more coarsely, and what they cost in bits.

The picture (28 x 28) gets a black border of two pixels, so that it falls into 16 blocks. Each block's cosine transform
is divided by a table of steps, coarse where eyes see little, and rounded; most of it becomes 0. The first number of a
block is kept as its difference from the block before, the others in a zigzag from slow waves to fast ones: how many
zeros, then how many bits the next number has, then those bits.

JPEG writes the pairs (zeros, bits) in a Huffman code. Here they cost what an *ideal* entropy coder needs, $-\log_2 p$
bits with the frequencies $p$ of training digits, and no picture pays for a header, a table or the name of its quality.

Wallace, *The JPEG still picture compression standard*, 1991; the table is that of ITU-T T.81, annex K.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.models.base import SIDE

BLOCK, BORDER = 8, 2
ROWS = (SIDE + 2 * BORDER) // BLOCK  # of blocks
QUALITIES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 27, 33, 40, 50, 60, 70, 80, 88, 94, 98)
STEPS = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
])  # fmt: skip
ENDS, MANY_ZEROS, FIRST = 0x00, 0xF0, 256  # symbols: nothing follows; 16 zeros; 256 + s: a first number of s bits
SYMBOLS = FIRST + 16
UNSEEN = 0.5  # added to every count, so that what training never showed can still be written


def cosines() -> Tensor:
    """The orthonormal matrix of the one-dimensional transform, a row for each wave: (8, 8)."""
    wave, place = torch.arange(BLOCK).unsqueeze(1), torch.arange(BLOCK)
    matrix = (math.pi * (2 * place + 1) * wave / (2 * BLOCK)).cos() * math.sqrt(2 / BLOCK)
    matrix[0] /= math.sqrt(2)
    return matrix


def transform(x: Tensor) -> Tensor:
    """Images (N, 1, 28, 28) in [0, 1] -> the cosines of their blocks, row by row, in grey values: (N, 16, 8, 8)."""
    grey = 255 * F.pad(x, (BORDER,) * 4) - 128
    blocks = grey.reshape(-1, ROWS, BLOCK, ROWS, BLOCK).transpose(2, 3).flatten(1, 2)
    matrix = cosines()
    return matrix @ blocks @ matrix.T


def inverse(coefficients: Tensor) -> Tensor:
    """The images (N, 1, 28, 28), cut off at black and white, of (N, 16, 8, 8)."""
    matrix = cosines()
    blocks = (matrix.T @ coefficients @ matrix).reshape(-1, ROWS, ROWS, BLOCK, BLOCK)
    whole = blocks.transpose(2, 3).reshape(-1, 1, ROWS * BLOCK, ROWS * BLOCK)
    return ((whole[..., BORDER:-BORDER, BORDER:-BORDER] + 128) / 255).clamp(0, 1)


def steps(quality: int) -> Tensor:
    """The table (8, 8) at a quality from 1 to 100, scaled as libjpeg does it. Raises ValueError for other qualities.

    Steps above 255, of which no ordinary JPEG file makes use, are allowed: they make the smallest pictures.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"the quality must lie between 1 and 100, got {quality}")
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return ((STEPS * scale + 50) // 100).clamp_min(1).float()


def zigzag() -> Tensor:
    """Where each of the 64 numbers of a block stands in the order from slow to fast: (64,) places, row by row."""
    cells = [(row, column) for row in range(BLOCK) for column in range(BLOCK)]
    cells.sort(key=lambda cell: (sum(cell), cell[0] if sum(cell) % 2 else cell[1]))
    return torch.tensor([row * BLOCK + column for row, column in cells])


def quantised(x: Tensor, quality: int) -> Tensor:
    """Images (N, 1, 28, 28) in [0, 1] -> whole numbers (N, 16, 64) in the zigzag's order."""
    return (transform(x) / steps(quality)).round().flatten(2)[..., zigzag()].long()


def restored(numbers: Tensor, quality: int) -> Tensor:
    """The images (N, 1, 28, 28) that whole numbers (N, 16, 64) stand for."""
    ordered = torch.zeros_like(numbers).scatter(2, zigzag().expand_as(numbers), numbers)
    return inverse(ordered.reshape(-1, ROWS**2, BLOCK, BLOCK) * steps(quality))


def symbols(numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers (N, 16, 64) -> of each picture how often each symbol comes (N, 272), and the bits beside (N,)."""
    count = torch.zeros(len(numbers), SYMBOLS)
    first = numbers[..., 0].diff(dim=1, prepend=torch.zeros(len(numbers), 1, dtype=torch.long))
    rest = numbers[..., 1:]
    picture, block, place = rest.nonzero(as_tuple=True)
    line = picture * numbers.shape[1] + block
    is_same = F.pad(line[1:] == line[:-1], (1, 0)) if len(line) else line.bool()
    zeros = place - torch.where(is_same, place.roll(1), -1) - 1
    length = bit_length(rest[picture, block, place])
    one = torch.ones(())
    count.index_put_((picture, (zeros % 16) * 16 + length), one, accumulate=True)
    count[:, MANY_ZEROS].index_put_((picture,), (zeros // 16).float(), accumulate=True)
    count[:, ENDS] += (rest[..., -1] == 0).sum(dim=1)
    of_first = bit_length(first)
    count.scatter_add_(1, FIRST + of_first, torch.ones(of_first.shape))
    beside = of_first.sum(dim=1).float().index_put((picture,), length.float(), accumulate=True)
    return count, beside


def bit_length(numbers: Tensor) -> Tensor:
    """How many bits each whole number has without its sign: 0 -> 0, ±1 -> 1, ±2 and ±3 -> 2."""
    return torch.frexp(numbers.double()).exponent.long()


@dataclass(frozen=True)
class CosineCoder:
    """One quality, and the bits that each symbol costs (272,)."""

    quality: int
    prices: Tensor

    @classmethod
    def fit(cls, x: Tensor, quality: int) -> CosineCoder:
        """From training images (N, 1, 28, 28)."""
        total = symbols(quantised(x, quality))[0].sum(dim=0) + UNSEEN
        kinds = total[:FIRST], total[FIRST:]
        return cls(quality, -torch.cat([kind / kind.sum() for kind in kinds]).log2())

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, 28, 28) -> as they come back, and their bits (N,)."""
        numbers = quantised(x, self.quality)
        count, beside = symbols(numbers)
        return restored(numbers, self.quality), count @ self.prices + beside
