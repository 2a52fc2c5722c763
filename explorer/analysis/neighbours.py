"""Which test digits lie nearest: in code space, where the model decides what is alike, and in pixel space."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.models.knobs import shown

DISTANCES = ("Euclid", "cosine")


def nearest(
    query: Tensor, rows: Tensor, k: int, distance: str = "Euclid", *, leave_out: int | None = None
) -> tuple[Tensor, Tensor]:
    """The k rows (N, D) nearest to the query (D,), nearest first: their numbers (k,) and distances (k,).

    Euclid is the length of the difference, cosine one minus the cosine of the angle, 1 for a row of zeros. Row
    ``leave_out``, usually the query itself, does not count. Raises ValueError for another distance, or for k that is
    not between 1 and the number of rows that count.
    """
    if distance not in DISTANCES:
        raise ValueError(f"the distance must be one of {', '.join(DISTANCES)}, got {shown(distance)}")
    most = len(rows) - (leave_out is not None)
    if not 1 <= k <= most:
        raise ValueError(f"k must lie between 1 and {most}, got {k}")
    if distance == "cosine":
        away = 1 - F.cosine_similarity(rows, query[None], dim=1)
    else:
        away = (rows - query).square().sum(dim=1)
    if leave_out is not None:
        away[leave_out] = torch.inf
    found = away.topk(k, largest=False)
    values = found.values if distance == "cosine" else found.values.sqrt()
    return found.indices, values


def vote(labels: Tensor) -> tuple[int, int]:
    """The commonest label among (k,), the smallest of several, and how many there are of it."""
    counts = torch.bincount(labels.long(), minlength=10)
    winner = int(counts.argmax())
    return winner, int(counts[winner])


def voted(codes: Tensor, known: Tensor, labels: Tensor, k: int = 10) -> list[tuple[int, int]]:
    """For each code (M, D) the commonest label among the k nearest known codes (N, D), and how many of k have it."""
    which = torch.cdist(codes, known).topk(k, dim=1, largest=False).indices
    return [vote(labels[row]) for row in which]
