"""What slow motion shows: the numbers inside a model as pictures, a few at a time, with their words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.training.evaluate import squared_error

PARTS = ("encoder", "code", "decoder")
FEW = 8  # numbers that stand in one row


@dataclass(frozen=True, eq=False)
class Picture:
    """Numbers of a model, and the grid of tiles that they are drawn as.

    ``values`` has the model's own shape, without the batch. ``tiles`` (T, rows, columns) holds the same numbers, NaN
    where there is none; ``across`` of them stand in a row. ``is_ink``: pixels from black 0 to white 1; otherwise
    colours of both signs. ``uncovers``: in a moment of several frames row after row comes to sight, "down" from the
    top or "up" from the bottom; empty: all is seen. ``marks``: the same, but rows are only marked.
    """

    name: str
    values: Tensor
    tiles: Tensor
    across: int = 1
    is_ink: bool = False
    uncovers: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """One step: a title, what happens in words, and pictures with a sign between each two of them.

    The last picture is what comes out. ``part`` is one of PARTS; ``frames`` is how many times the moment moves on.
    """

    part: str
    title: str
    words: str
    pictures: tuple[Picture, ...]
    signs: str = ""
    frames: int = 1


def ink(name: str, x: Tensor, marks: tuple[str, ...] = (), uncovers: str = "") -> Picture:
    """One image (1, 28, 28) in [0, 1]."""
    return Picture(name, x, x, is_ink=True, marks=marks, uncovers=uncovers)


def drawn(name: str, values: Tensor) -> Picture:
    """Whatever a layer gives: numbers (D,) as nearly a square, a matrix as it is, maps (C, h, w) as tiles."""
    if values.ndim == 1:
        return Picture(name, values, squared(values[None]))
    tiles = values.reshape(-1, *values.shape[-2:])
    return Picture(name, values, tiles, across=math.ceil(math.sqrt(len(tiles))))


def squared(rows: Tensor, few: int = FEW) -> Tensor:
    """Rows of numbers (T, D) as T squares, filled up with NaN; few numbers stay in one row."""
    size = rows.shape[1]
    columns = size if size <= few else math.ceil(math.sqrt(size))
    filled = rows.new_full((len(rows), columns * math.ceil(size / columns)), math.nan)
    filled[:, :size] = rows
    return filled.reshape(len(rows), -1, columns)


def about(picture: Picture) -> str:
    """A picture's size and the range of its numbers, in words."""
    values, shape = picture.values, " × ".join(f"{one:,}" for one in picture.values.shape)
    count = values.numel()
    if picture.is_ink and values.ndim == 3:
        return f"{values.shape[-2]} × {values.shape[-1]} pixels"
    known = values[values.isfinite()]
    size = f"{count:,} numbers" if values.ndim == 1 else f"{shape} = {count:,} numbers"
    if known.numel() < count:
        return f"{size}, {count - known.numel():,} of them overflowed"
    if count <= 4:
        return f"{size}: {', '.join(number(float(one)) for one in values.flatten())}"
    zeros = int((values == 0).sum())
    rest = f", {zeros:,} of them zero" if zeros else ""
    square = picture.tiles.shape[-2:] if values.ndim == 1 and count > FEW else ()
    how = f"; drawn as {square[0]} × {square[1]}" if square else ""
    return f"{size}, from {number(float(values.min()))} to {number(float(values.max()))}{rest}{how}"


def number(value: float) -> str:
    """A number as short as it can be said, with a real minus sign."""
    return f"{value:.3g}".replace("-", "−")


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same numbers in the same order, whatever their shape."""
    return torch.equal(one.flatten(), other.flatten())


def verdict(x: Tensor, result: Tensor) -> str:
    """What came out, in words; both images are (1, 1, 28, 28)."""
    error = number(float(squared_error(x, result)))
    return f"This is the reconstruction; per pixel it differs from the input by a mean squared error of {error}."
