r"""Telling pictures that a model does not know from those that it does, by one number for each picture.

The larger the score, the more foreign. Whoever draws a threshold catches the foreign pictures above it, and raises a
false alarm for each normal one up there. The ROC curve shows both shares for every threshold; the area under it is the
chance that a random foreign picture scores higher than a random normal one (Hanley and McNeil 1982).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.analysis.codes import codes, errors
from explorer.analysis.likelihood import elbo
from explorer.data.dataset import Pixels
from explorer.models.base import Autoencoder, Generative
from explorer.models.knobs import shown
from explorer.training.evaluate import batches

PIECE = 1000  # codes compared at once
KNOWN = 3000  # normal training digits to whose codes a code's distance is measured
ERROR, PER_INK, BOUND, DISTANCE = "reconstruction error", "error per ink", "−ELBO", "distance between codes"
PER_ROOT = "error per root of ink"
SCORES: Mapping[str, str] = {
    ERROR: "mean squared error per pixel",
    PER_INK: "mean squared error over the mean square of the picture's own pixels",
    PER_ROOT: "mean squared error over the root of the mean square of the picture's own pixels",
    BOUND: "the negative evidence lower bound, in nats",
    DISTANCE: "distance to the nearest code of a normal training digit",
}


@dataclass(frozen=True)
class Counts:
    """What a threshold does: foreign pictures caught or missed, normal ones that raise a false alarm or pass."""

    caught: int
    missed: int
    false_alarms: int
    passed: int


def offered(model: Autoencoder) -> list[str]:
    """The scores that a model has: only a generative one has an evidence lower bound."""
    return [name for name in SCORES if name != BOUND or isinstance(model, Generative)]


def scorer(model: Autoencoder, score: str, known: Pixels, seed: int = 0) -> Callable[[Pixels], Tensor]:
    """How foreign the model finds images, as a function: uint8 (N, 1, 28, 28) -> (N,), larger for stranger ones.

    ``known``: training images that the code's distance is measured to, the first 3,000 of them. What is random is drawn
    with the seed. Raises ValueError for a score that the model does not have.
    """
    if score not in offered(model):
        raise ValueError(f"the score must be one of {', '.join(offered(model))}, got {shown(score)}")
    if score == DISTANCE:
        near = codes(model, known[:KNOWN])
        return lambda images: nearest_distance(codes(model, images), near)
    if score == PER_INK:
        return lambda images: errors(model, images, seed) / energy(images)
    if score == PER_ROOT:
        return lambda images: errors(model, images, seed) / energy(images).sqrt()
    if score == BOUND and isinstance(model, Generative):
        return lambda images: bounds(model, images, seed)
    return lambda images: errors(model, images, seed)


def bounds(model: Generative, images: Pixels, seed: int) -> Tensor:
    """The negative evidence lower bound of each image, one sample drawn for each: uint8 (N, 1, 28, 28) -> (N,)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.cat([-elbo(model, x, generator) for x in batches(images)])


def nearest_distance(z: Tensor, known: Tensor) -> Tensor:
    """The Euclidean distance of each code (N, D) to the nearest known one (M, D): (N,).

    Ramaswamy, Rastogi and Shim, *Efficient algorithms for mining outliers from large data sets*, 2000, with k = 1.
    """
    pieces = torch.split(z.float(), PIECE)
    return torch.cat([torch.cdist(piece, known.float()).amin(dim=1) for piece in pieces])


def energy(images: Pixels) -> Tensor:
    """Each image's mean squared pixel, pixels in [0, 1]: uint8 (N, 1, 28, 28) -> (N,); never 0."""
    return torch.cat([x.square().flatten(1).mean(dim=1) for x in batches(images)]).clamp_min(1e-6)


def ink(images: Pixels) -> Tensor:
    """Each image's mean pixel, in [0, 1]: uint8 (N, 1, 28, 28) -> (N,)."""
    return torch.cat([x.flatten(1).mean(dim=1) for x in batches(images)])


def counts(normal: Tensor, foreign: Tensor, threshold: float) -> Counts:
    """How many of the scores (N,) and (M,) lie above the threshold and how many do not; equal is not above."""
    alarms, caught = (int((side > threshold).sum()) for side in (normal, foreign))
    return Counts(caught, len(foreign) - caught, alarms, len(normal) - alarms)


def roc(normal: Tensor, foreign: Tensor) -> tuple[Tensor, Tensor]:
    """The curve of all thresholds from the strictest to none: shares of false alarms and of foreign pictures caught.

    Scores (N,) and (M,) -> twice (K,) float64, both from 0 to 1; equal scores are one step, so K is at most N + M + 1.
    Raises ValueError where a side is empty or a score is not a number.
    """
    if not len(normal) or not len(foreign):
        raise ValueError(f"a ROC curve needs both sides, got {len(normal)} normal and {len(foreign)} foreign scores")
    both = torch.cat((normal, foreign)).double()
    if bool(both.isnan().any()):
        raise ValueError("a score is not a number")
    values, group = torch.unique(both, return_inverse=True)
    sides = [torch.bincount(part, minlength=len(values)).flip(0) for part in group.split([len(normal), len(foreign)])]
    alarms, caught = (torch.cat((torch.zeros(1), side.cumsum(0).double() / side.sum())) for side in sides)
    return alarms, caught


def auroc(normal: Tensor, foreign: Tensor) -> float:
    """The area under the ROC curve: the share of pairs in which the foreign one scores higher, ties counting half.

    1: all told apart; 0.5: no better than a coin; below: the wrong way round. Raises ValueError as ``roc`` does.
    """
    alarms, caught = roc(normal, foreign)
    return float(torch.trapezoid(caught, alarms))


def rank_correlation(one: Tensor, other: Tensor) -> float:
    """Spearman's correlation of two rows of numbers (N,), from -1 to 1; 0 where one of them is constant."""
    ranks = torch.stack([mean_ranks(one), mean_ranks(other)])
    return float(torch.corrcoef(ranks)[0, 1].nan_to_num(0.0))


def mean_ranks(row: Tensor) -> Tensor:
    """The rank of each number (N,), from 1; equal ones share the mean of their ranks."""
    _, group, sizes = torch.unique(row, return_inverse=True, return_counts=True)
    ranks: Tensor = sizes.cumsum(0).double() - (sizes - 1) / 2
    return ranks[group]
