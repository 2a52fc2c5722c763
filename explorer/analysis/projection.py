"""From codes of any size to a map of two numbers: principal components, exactly, or UMAP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

UMAP_LIMIT = 2000  # codes that a visitor's map may hold; the shipped maps hold all
PIECE = 2000  # rows handled at once
NO_DISTANCE = 1e-9  # codes as near as this are the same code


@dataclass(frozen=True)
class Pca:
    """Principal components: the mean code (D,), the directions (k, D), and the variance along each (k,)."""

    mean: Tensor
    components: Tensor
    variance: Tensor

    @classmethod
    def fit(cls, codes: Tensor, k: int = 2) -> Pca:
        """From codes (N, D), by the eigenvectors of their covariance. Raises ValueError for N < 2 or k above D."""
        return cls.of(*moments(torch.split(codes, PIECE)), k)

    @classmethod
    def of(cls, mean: Tensor, covariance: Tensor, k: int) -> Pca:
        """From a mean (D,) and a covariance (D, D). Each direction's largest entry is positive.

        Raises ValueError unless k lies between 1 and D.
        """
        if not 1 <= k <= len(mean):
            raise ValueError(f"codes of {len(mean)} numbers have 1 to {len(mean)} components, got k = {k}")
        variance, vectors = torch.linalg.eigh(covariance)
        components = vectors.flip(1).T[:k]  # eigh sorts from small to large
        largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
        return cls(mean.float(), (components * largest.sign()).float(), variance.flip(0)[:k].float())

    def first(self, k: int) -> Pca:
        """Only the first k directions."""
        return Pca(self.mean, self.components[:k], self.variance[:k])

    def project(self, codes: Tensor) -> Tensor:
        """(N, D) -> (N, k)."""
        return (codes - self.mean) @ self.components.T

    def lift(self, points: Tensor) -> Tensor:
        """(N, k) -> (N, D): the code in the principal plane above each point of the map."""
        return self.mean + points @ self.components


def moments(pieces: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean (D,) and covariance (D, D), float64, of rows (N, D) that come in pieces.

    Raises ValueError for fewer than two rows.
    """
    count, total, products = 0, torch.zeros(0), torch.zeros(0)
    for piece in pieces:
        rows = piece.double()
        if count == 0:
            total, products = torch.zeros_like(rows[0]), rows.new_zeros(rows.shape[1], rows.shape[1])
        count += len(rows)
        total += rows.sum(dim=0)
        products += rows.T @ rows
    if count < 2:
        raise ValueError(f"a covariance needs at least 2 rows, got {count}")
    mean = total / count
    return mean, (products - count * mean.outer(mean)) / (count - 1)


def umap_map(codes: Tensor, seed: int = 0) -> NDArray[np.float32]:
    """UMAP of codes (N, D) -> (N, 2): 15 neighbours, one thread, the same seed draws the same map.

    McInnes, Healy and Melville 2018. The first call in a process compiles for about ten seconds.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no TensorFlow, which is not needed; one thread, which makes it reproducible
        import umap

        points = umap.UMAP(n_neighbors=15, random_state=seed, n_jobs=1).fit_transform(codes.numpy())
    return np.asarray(points, dtype=np.float32)


def place(new_codes: Tensor, codes: Tensor, points: Tensor, k: int = 5) -> Tensor:
    """Where new codes (M, D) belong on a map that holds codes (N, D) at points (N, 2): (M, 2). The map stays as it is.

    The mean of the k nearest codes' points, each weighted by one over its distance, so a code that is on the map
    lands on its own point. Raises ValueError unless k lies between 1 and N.
    """
    if not 1 <= k <= len(codes):
        raise ValueError(f"k must lie between 1 and the map's {len(codes)} codes, got {k}")
    placed = []
    for piece in torch.split(new_codes, PIECE):
        distance = torch.cdist(piece, codes, compute_mode="donot_use_mm_for_euclid_dist")  # exactly 0 for equal codes
        nearest, which = distance.topk(k, dim=1, largest=False)  # (M, k)
        weight = 1 / nearest.clamp_min(NO_DISTANCE)
        placed.append((points[which] * weight.unsqueeze(2)).sum(dim=1) / weight.sum(dim=1, keepdim=True))
    return torch.cat(placed)
