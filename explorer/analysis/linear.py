"""What a linear autoencoder is measured by: the error of PCA, and the angles between two subspaces."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.analysis.projection import Pca, moments
from explorer.data.dataset import Pixels
from explorer.training.evaluate import batches


def image_moments(images: Pixels) -> tuple[Tensor, Tensor]:
    """Mean (784,) and covariance (784, 784), float64, of uint8 images (N, 1, 28, 28), pixels in [0, 1]."""
    return moments(x.flatten(1) for x in batches(images))


def pca_reconstruction_error(pca: Pca, images: Pixels, *, clip: bool = False) -> float:
    """Mean squared error per pixel of images (N, 1, 28, 28) rebuilt from their principal components.

    ``clip`` puts the rebuilt pixels into [0, 1] before they are compared, as the linear variant does when it is shown.
    """
    total = 0.0
    for x in batches(images):
        rebuilt = pca.lift(pca.project(x.flatten(1)))
        rebuilt = rebuilt.clamp(0, 1) if clip else rebuilt
        total += float((rebuilt - x.flatten(1)).square().mean()) * len(x)
    return total / len(images)


def principal_angles(a: Tensor, b: Tensor) -> Tensor:
    """Angles in degrees between the spans of the columns of a (D, k) and b (D, m): (min(k, m),), smallest first.

    Small angles come from their sines, large ones from their cosines, so that both are exact.
    Raises ValueError for bases of different D. Björck and Golub 1973.
    """
    if a.shape[0] != b.shape[0]:
        raise ValueError(f"both bases must lie in the same space, got {a.shape[0]} and {b.shape[0]} dimensions")
    if a.shape[1] < b.shape[1]:
        a, b = b, a
    a, b = torch.linalg.qr(a.double()).Q, torch.linalg.qr(b.double()).Q
    overlap = a.T @ b
    cosine = torch.linalg.svdvals(overlap)  # descending, so the angles ascend
    sine = torch.linalg.svdvals(b - a @ overlap).flip(0)
    angle = torch.where(cosine.square() >= 0.5, sine.clamp(0, 1).asin(), cosine.clamp(0, 1).acos())
    return angle.rad2deg().float()
