"""How far two pictures of the same digits agree: who stays a neighbour of whom, from one space to the other."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.models.knobs import shown

MOST = 50  # neighbours that are remembered of each row


def distances(rows: Tensor) -> Tensor:
    """All Euclidean distances, squared: (N, D) -> (N, N) float64. From a row to itself it is infinite.

    Raises ValueError for fewer than three rows, or for numbers that are not finite.
    """
    if len(rows) < 3:
        raise ValueError(f"neighbours need at least 3 rows, got {len(rows)}")
    if not bool(rows.isfinite().all()):
        raise ValueError("rows with numbers that are not finite have no neighbours")
    rows = rows.double() - rows.double().mean(dim=0)  # near the origin less is lost to rounding
    squares = rows.square().sum(dim=1)
    found = squares[:, None] + squares - 2 * rows @ rows.T
    return found.clamp_min_(0).fill_diagonal_(torch.inf)


def neighbours(distance: Tensor, k: int = MOST) -> Tensor:
    """The numbers of the k rows nearest to each, nearest first: (N, N) -> (N, k). At most N - 1 of them."""
    return distance.topk(min(k, len(distance) - 1), dim=1, largest=False).indices


def trustworthiness(distance: Tensor, near: Tensor, k: int = 12) -> float:
    """Whether neighbours on a map are neighbours in truth: 1 if all are, about 0.5 on a map drawn at random.

    ``distance`` (N, N) is the truth's, ``near`` (N, k or more) the map's neighbours, nearest first. Each of the k that
    is not among the k nearest in truth costs as much as its true rank lies beyond k. Venna and Kaski 2001. Raises
    ValueError unless k lies between 1 and the number of neighbours and below N / 2.
    """
    n = len(distance)
    if not 1 <= k <= near.shape[1] or 2 * k >= n:
        raise ValueError(f"k must lie between 1 and {min(near.shape[1], (n - 1) // 2)}, got {shown(k)}")
    beyond = torch.zeros(n, dtype=torch.long)
    for j in range(k):
        rank = 1 + (distance < distance.gather(1, near[:, j : j + 1])).sum(dim=1)
        beyond += (rank - k).clamp_min(0)
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * float(beyond.sum())


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """How many of a row's k nearest in one space are among its k nearest in the other: (K,), the mean for k = 1 to K.

    ``a`` and ``b`` (N, K) are neighbours, nearest first. Raises ValueError where their shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"both need as many neighbours of as many rows, got {tuple(a.shape)} and {tuple(b.shape)}")
    n, most = a.shape
    _, i, j = (a[:, :, None] == b[:, None, :]).nonzero(as_tuple=True)  # in both, the i-th here and the j-th there
    return torch.bincount(torch.maximum(i, j), minlength=most).cumsum(0) / n


def by_chance(k: int, n: int) -> float:
    """The overlap of neighbourhoods drawn at random: k of the n - 1 other rows, twice."""
    return k * k / (n - 1)
