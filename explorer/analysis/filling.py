"""Filling the holes of a picture: what any model makes of one with hidden patches, and what needs no model.

A masking model leaves hidden patches out. Any other is given black in their place, and cannot tell a hole from paper
without ink. Masks are (N, patches), True for hidden; a picture's patches are a square, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from explorer.analysis.masked import ConditionalMean, Guess, MeanImage, nearest_visible
from explorer.analysis.patterns import randomly, spread
from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder, Decoding, Masking
from explorer.models.knobs import shown
from explorer.training.evaluate import batches

SIDE = 7  # patches in a row, for models that know no patches
MODEL = "this model"
TURNS = 16  # random masks of an error curve


@runtime_checkable
class Attending(Protocol):
    """A masking model that can say where its decoder looks."""

    def attention(self, x: Tensor, mask: Tensor) -> Tensor:
        """Who looks at whom: (N, patches, patches), rows sum to 1."""


def patches_in_a_row(model: Autoencoder) -> int:
    """Into how many patches a row of the picture is cut for this model."""
    return math.isqrt(model.patches) if isinstance(model, Masking) else SIDE


def fill(model: Autoencoder, x: Tensor, mask: Tensor) -> Tensor:
    """The model's raw answer to pictures with holes, (N, 1, 28, 28) in [0, 1]; what x holds there does not matter.

    Raises ValueError if a masking model would have nothing to see.
    """
    with torch.inference_mode():
        if isinstance(model, Masking):
            return model.fill(x, mask).clamp(0, 1)
        answer: Tensor = model(with_holes(x, mask), torch.Generator().manual_seed(0)).reconstruction
        return answer.clamp(0, 1)


def with_holes(x: Tensor, mask: Tensor) -> Tensor:
    """The pictures (N, 1, 28, 28) with their hidden patches black."""
    return x.masked_fill(spread(mask), 0.0)


def paste(x: Tensor, answer: Tensor, mask: Tensor) -> Tensor:
    """The pictures with their hidden patches from the answer, (N, 1, 28, 28); visible pixels stay bit for bit."""
    return torch.where(spread(mask), answer, x)


def hidden_error(x: Tensor, answer: Tensor, mask: Tensor) -> Tensor:
    """Each picture's mean squared error per hidden pixel: (N,). Raises ValueError where nothing is hidden."""
    hidden = spread(mask).flatten(1)
    if not bool(hidden.any(dim=1).all()):
        raise ValueError("nothing is hidden, so there is no error to measure")
    squares = (x - answer).square().flatten(1)
    return squares.masked_fill(~hidden, 0).sum(dim=1) / hidden.sum(dim=1)


def guesses(images: Pixels) -> dict[str, Guess]:
    """What can be had without a network, learnt from training images (N, 1, 28, 28) uint8."""
    linear = ConditionalMean.fit(images)
    return {
        "best linear guess": linear,
        "mean image": MeanImage(linear.mean),
        "nearest visible pixel": nearest_visible,
    }


def random_masks(count: int, side: int, hidden: int, generator: torch.Generator) -> Tensor:
    """Masks that hide as many patches each, any of them equally likely: (count, side * side)."""
    return torch.stack([randomly(side, hidden, generator).flatten() for _ in range(count)])


@dataclass(frozen=True)
class Guessed:
    """One picture filled under many masks: the pasted pictures (N, 1, 28, 28), and each one's error at its holes (N,).

    ``deviation`` (1, 1, 28, 28): how much the answers for a pixel differ, as the standard deviation over the masks
    that hide it; 0 where fewer than two do.
    """

    pictures: Tensor
    errors: Tensor
    deviation: Tensor


def fill_under(model: Autoencoder, x: Tensor, masks: Tensor) -> Guessed:
    """One picture (1, 1, 28, 28) under masks (N, patches). Raises ValueError where nothing or all is hidden."""
    many = x.expand(len(masks), -1, -1, -1)
    answers, hidden = fill(model, many, masks), spread(masks)
    count = hidden.sum(dim=0, keepdim=True)
    mean = answers.masked_fill(~hidden, 0).sum(dim=0, keepdim=True) / count.clamp_min(1)
    squares = (answers - mean).square().masked_fill(~hidden, 0).sum(dim=0, keepdim=True)
    return Guessed(
        paste(many, answers, masks), hidden_error(many, answers, masks), (squares / count.clamp_min(1)).sqrt()
    )


def iterate(model: Decoding, x: Tensor, mask: Tensor, steps: int) -> Tensor:
    """Fill one picture (1, 1, 28, 28) again and again, its visible pixels put back each time: (steps + 1, 1, 28, 28).

    The first has black holes; each further one is the one before it, encoded and decoded, with what is visible pasted
    in. It looks for a picture that the model can draw and that agrees with what is seen; for a linear model it ends at
    the code that fits the visible pixels best. Rezende, Mohamed and Wierstra 2014, who draw the code where this takes
    the mean.
    """
    pictures = [with_holes(x, mask)]
    with torch.inference_mode():
        for _ in range(steps):
            answer = model.decode(model.encode(pictures[-1])).clamp(0, 1)
            pictures.append(paste(x, answer, mask))
    return torch.cat(pictures)


def error_curve(
    model: Autoencoder,
    images: Pixels,
    counts: Iterable[int],
    others: Mapping[str, Guess],
    generator: torch.Generator,
) -> dict[str, list[float]]:
    """Mean squared error per hidden pixel for each count of hidden patches: of the model, and of guesses without one.

    The images take turns with some random masks, the same for all. Raises ValueError for a count that hides nothing
    or all.
    """
    side = patches_in_a_row(model)
    curves: dict[str, list[float]] = {MODEL: [], **{name: [] for name in others}}
    x = torch.cat(list(batches(images)))
    for count in counts:
        if not 0 < count < side * side:
            raise ValueError(f"from 1 to {side * side - 1} patches can be hidden, got {shown(count)}")
        masks = random_masks(TURNS, side, count, generator)[torch.arange(len(x)) % TURNS]
        answers = {MODEL: fill(model, x, masks), **{name: other(x, spread(masks)) for name, other in others.items()}}
        for name, answer in answers.items():
            curves[name].append(float(hidden_error(x, answer, masks).mean()))
    return curves
