"""K-means in code space: do codes fall into heaps, and are the heaps digits? Labels take no part in it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

STEPS = 100  # of Lloyd's; codes of digits come to rest after about half as many
SAMPLE = 2000  # rows that the first runs look at


@dataclass(frozen=True)
class Clusters:
    """Which cluster each row belongs to (N,), 0 the largest; the centres (k, D); and the sum of squared distances."""

    which: Tensor
    centres: Tensor
    inertia: float


def kmeans(codes: Tensor, k: int, generator: torch.Generator, starts: int = 8) -> Clusters:
    """K-means of codes (N, D). It starts from the best of several runs on a sample, each with centres far apart.

    Lloyd 1982; Arthur and Vassilvitskii 2007. A cluster may be empty where there are fewer than k different codes.
    Raises ValueError unless k lies between 1 and N, and for codes that are not finite.
    """
    if not 1 <= k <= len(codes):
        raise ValueError(f"the number of clusters must lie between 1 and {len(codes)}, got {k}")
    if not bool(codes.isfinite().all()):
        raise ValueError("codes that are not finite have no clusters")
    rows = codes.float() - codes.float().mean(dim=0)  # near the origin, where squares lose no digits
    sample = rows[torch.randperm(len(rows), generator=generator)[: max(k, SAMPLE)]]
    results = [_lloyd(sample, _far_apart(sample, k, generator)) for _ in range(starts)]
    best = _lloyd(rows, min(results, key=lambda result: result.inertia).centres)
    order = torch.bincount(best.which, minlength=k).argsort(descending=True, stable=True)
    return Clusters(order.argsort()[best.which], best.centres[order] + codes.float().mean(dim=0), best.inertia)


def _far_apart(rows: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """k of the rows as centres, each drawn with a chance that grows with its squared distance to those before it."""
    chosen = [int(torch.randint(len(rows), (1,), generator=generator))]
    lengths, gap = rows.square().sum(dim=1), torch.full((len(rows),), torch.inf)
    while len(chosen) < k:
        gap = gap.minimum(_squares(rows, lengths, rows[chosen[-1:]])[:, 0])
        odds = gap if bool(gap.any()) else torch.ones_like(gap)  # all rows are centres already
        chosen.append(int(torch.multinomial(odds, 1, generator=generator)))
    return rows[chosen]


def _lloyd(rows: Tensor, centres: Tensor) -> Clusters:
    """Each row to its nearest centre, each centre to the mean of its rows, until nothing changes."""
    lengths, before = rows.square().sum(dim=1), None
    for _ in range(STEPS):
        least, which = _squares(rows, lengths, centres).min(dim=1)
        if before is not None and bool((which == before).all()):
            break
        before = which
        members = F.one_hot(which, len(centres)).to(rows.dtype)  # (N, k)
        counts = members.sum(dim=0)
        means = members.T @ rows / counts.clamp_min(1)[:, None]
        centres = torch.where(counts[:, None] > 0, means, centres)  # an empty cluster stays where it is
    return Clusters(which, centres, float(least.sum()))


def _squares(rows: Tensor, lengths: Tensor, centres: Tensor) -> Tensor:
    """Squared distances (N, k) between rows (N, D), with squared lengths (N,), and centres (k, D)."""
    return (lengths[:, None] - 2 * (rows @ centres.T) + centres.square().sum(dim=1)).clamp_min(0)


def label_counts(which: Tensor, labels: Tensor, k: int) -> Tensor:
    """How often each of the ten labels (N,) occurs in each of k clusters: (k, 10)."""
    return torch.bincount(which * 10 + labels.long(), minlength=10 * k).reshape(k, 10)


def purity(counts: Tensor) -> float:
    """The share of digits whose label is the commonest in their cluster, from ``label_counts``. Manning et al. 2008."""
    return float(counts.amax(dim=1).sum() / counts.sum())


def best_labels(counts: Tensor) -> Tensor:
    """A label of its own for each of ten clusters (10, 10), so that most digits agree with their cluster. Kuhn 1955."""
    from scipy.optimize import linear_sum_assignment

    return torch.from_numpy(linear_sum_assignment(counts.numpy(), maximize=True)[1])


def nmi(counts: Tensor) -> float:
    """Normalised mutual information of clusters and labels, from ``label_counts``: their mutual information over the
    mean of their entropies. 1 where each tells the other, 0 where neither says anything of the other. 0 for one cluster
    and several labels. Strehl and Ghosh 2002; the mean as in scikit-learn.
    """
    joint = counts.double() / counts.sum()
    cluster, label = joint.sum(dim=1), joint.sum(dim=0)
    entropies = _entropy(cluster) + _entropy(label)
    mutual = entropies - _entropy(joint.flatten())
    return float((2 * mutual / entropies).clamp(0, 1)) if entropies > 0 else 1.0


def _entropy(p: Tensor) -> Tensor:
    return -torch.xlogy(p, p).sum()


def ari(counts: Tensor) -> float:
    """The adjusted Rand index of clusters and labels, from ``label_counts``: the share of pairs on which both agree,
    shifted and scaled so that chance has 0 and equal groupings have 1. Hubert and Arabie 1985.
    """
    both, cluster, label, every = (
        float((n.double() * (n.double() - 1) / 2).sum())
        for n in (counts, counts.sum(dim=1), counts.sum(dim=0), counts.sum())
    )
    chance, most = cluster * label / every, (cluster + label) / 2
    return (both - chance) / (most - chance) if most != chance else 1.0
