"""Which test digits lie nearest: in code space, where the model decides what is alike, and in pixel space."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.models.knobs import shown

DISTANCES = ("Euclid", "cosine")
PIECE = 2000  # rows handled at once
SPARE = 32  # rows more than asked for that are measured exactly


def squared_lengths(rows: Tensor) -> Tensor:
    """The squared length of each row of (N, D), of any number type: (N,) float32."""
    return torch.cat([piece.float().square().sum(dim=1) for piece in torch.split(rows, PIECE)])


def nearest(
    query: Tensor,
    rows: Tensor,
    k: int,
    distance: str = "Euclid",
    *,
    leave_out: int | None = None,
    squares: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The k rows (N, D) nearest to the query (D,), nearest first: their numbers (k,) and distances (k,).

    Euclid is the length of the difference, cosine one minus the cosine of the angle, 1 for a row of zeros. Rows may be
    bytes. Row ``leave_out``, usually the query itself, does not count; ``squares``, from ``squared_lengths``, saves
    time. Raises ValueError for another distance, or for k that is not between 1 and the number of rows that count.
    """
    if distance not in DISTANCES:
        raise ValueError(f"the distance must be one of {', '.join(DISTANCES)}, got {shown(distance)}")
    most = len(rows) - (leave_out is not None)
    if not 1 <= k <= most:
        raise ValueError(f"k must lie between 1 and {most}, got {k}")
    squares = squared_lengths(rows) if squares is None else squares
    products = torch.cat([piece.float() @ query.float() for piece in torch.split(rows, PIECE)])
    roughly = squares - 2 * products if distance == "Euclid" else -products / squares.sqrt().clamp_min(1e-12)
    if leave_out is not None:
        roughly[leave_out] = torch.inf
    candidates = roughly.topk(min(k + SPARE, most), largest=False).indices  # float32 cannot tell the closest apart
    away = _exactly(query.double(), rows[candidates].double(), distance)
    order = away.argsort(stable=True)[:k]
    return candidates[order], away[order].float()


def _exactly(query: Tensor, rows: Tensor, distance: str) -> Tensor:
    if distance == "Euclid":
        return (rows - query).square().sum(dim=1).sqrt()
    return 1 - torch.cosine_similarity(rows, query[None], dim=1)


def vote(labels: Tensor) -> tuple[int, int]:
    """The commonest label among (k,), the smallest of several, and how many there are of it."""
    counts = torch.bincount(labels.long(), minlength=10)
    winner = int(counts.argmax())
    return winner, int(counts[winner])


def voted(codes: Tensor, known: Tensor, labels: Tensor, k: int = 10) -> list[tuple[int, int]]:
    """For each code (M, D) the commonest label among the k nearest known codes (N, D), and how many of k have it."""
    which = torch.cdist(codes, known).topk(k, dim=1, largest=False).indices
    return [vote(labels[row]) for row in which]
