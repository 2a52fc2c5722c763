"""From codes of any size to a map of two numbers: principal components, exactly, or UMAP."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

UMAP_LIMIT = 2000  # codes that a visitor's map may hold; the shipped maps hold all


@dataclass(frozen=True)
class Pca:
    """Principal components: the mean code (D,), the directions (k, D), and the variance along each (k,)."""

    mean: Tensor
    components: Tensor
    variance: Tensor

    @classmethod
    def fit(cls, codes: Tensor, k: int = 2) -> Pca:
        """From codes (N, D), by the eigenvectors of their covariance. Each direction's largest entry is positive.

        Raises ValueError for fewer than two codes or k above D.
        """
        if len(codes) < 2 or k > codes.shape[1]:
            raise ValueError(f"{k} components need at least 2 codes of {k} numbers, got {tuple(codes.shape)}")
        exact = codes.double()
        mean = exact.mean(dim=0)
        variance, vectors = torch.linalg.eigh((exact - mean).T @ (exact - mean) / (len(codes) - 1))
        components = vectors.flip(1).T[:k]  # eigh sorts from small to large
        largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
        return cls(mean.float(), (components * largest.sign()).float(), variance.flip(0)[:k].float())

    def project(self, codes: Tensor) -> Tensor:
        """(N, D) -> (N, k)."""
        return (codes - self.mean) @ self.components.T

    def lift(self, points: Tensor) -> Tensor:
        """(N, k) -> (N, D): the code in the principal plane above each point of the map."""
        return self.mean + points @ self.components


def umap_map(codes: Tensor, seed: int = 0) -> NDArray[np.float32]:
    """UMAP of codes (N, D) -> (N, 2): 15 neighbours, one thread, the same seed draws the same map.

    McInnes, Healy and Melville 2018. The first call in a process compiles for about ten seconds.
    """
    import warnings

    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one thread is used is what makes it reproducible
        points = umap.UMAP(n_neighbors=15, random_state=seed, n_jobs=1).fit_transform(codes.numpy())
    return np.asarray(points, dtype=np.float32)
