"""Slow motion of a network that reads an image row by row, and writes it row by row."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.analysis.moments import Moment, Picture, drawn, ink, verdict
from explorer.analysis.operations import Operation, linear, watched
from explorer.models.base import SIDE
from explorer.models.variants.sequence import Sequence

CELLS = ("gru", "lstm")
START = (
    "28 rows of 28 pixels, from black 0 to white 1. The model reads them one after another, like the lines of a text."
)
READING = (
    "Two readers, one from the top and one from the bottom, each with a memory of {width} numbers. After each row the "
    "memory is a mixture of what it was and what was read; one line of a picture is the memory after that row."
)
LAST = "Of all that only the last memory of each reader is kept: {width} numbers of the one and {width} of the other."
WRITING = (
    "The writer has a memory of {width} numbers. In each row it is told the code and the row's number, and turns its "
    "memory into 28 pixels: a weighted sum for each, squeezed in between 0 and 1."
)
FED = " It is also told the row that it wrote before."


def row_by_row(model: Sequence, x: Tensor) -> list[Moment]:
    """The moments of one image x (1, 1, 28, 28); two of them have a frame for each row."""
    z, reading = watched(model.encode, x)
    result, writing = watched(model.decode, z)
    down, up = memory(reading).chunk(2, dim=1)
    written = memory(writing)
    width = written.shape[1]
    image, marked = ink("input", x[0]), ink("input", x[0], marks=("down", "up"))
    readers = _growing("memory from the top", down, "down"), _growing("memory from the bottom", up, "up")
    last, code = drawn("last memories", torch.cat((down[-1], up[0]))), drawn("code z", z[0])
    words = f"{linear(_named(reading, 'linear')[-1])} They are all that the writer is given."
    pages = code, _growing("memory", written, "down"), ink("what is written", result[0], uncovers="down")
    told = WRITING.format(width=width) + (FED if model.config.teacher_forcing else "")
    return [
        Moment("encoder", "The input", START, (image,)),
        Moment("encoder", "Reading", READING.format(width=width), (marked, *readers), "→&", frames=SIDE),
        Moment("encoder", "What is remembered", LAST.format(width=width), (*readers_done(down, up), last), "&→"),
        Moment("code", "The code", words, (last, code), "→"),
        Moment("decoder", "Writing", told, pages, "→→", frames=SIDE),
        Moment("decoder", "The reconstruction", verdict(x, result), (image, ink("reconstruction", result[0])), "≈"),
    ]


def readers_done(down: Tensor, up: Tensor) -> tuple[Picture, Picture]:
    """Both memories after all rows, with the row marked that is kept."""
    return drawn("memory from the top", down), drawn("memory from the bottom", up)


def memory(operations: list[Operation]) -> Tensor:
    """What the cell remembers after each row of one image: (28, width), two directions side by side."""
    return torch.cat([one.result[0] for one in _named(operations, *CELLS)], dim=1)[0]


def _named(operations: list[Operation], *names: str) -> list[Operation]:
    return [one for one in operations if one.name in names]


def _growing(name: str, values: Tensor, uncovers: str) -> Picture:
    """A matrix (28, width) that comes to sight row by row."""
    return Picture(name, values, values[None], uncovers=uncovers)
