"""Code size by code size: what PCA reaches, exactly, and what trained autoencoders make of as many numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from explorer.analysis.codes import errors
from explorer.analysis.linear import image_moments, pca_reconstruction_error, principal_angles
from explorer.analysis.projection import Pca
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder
from explorer.models.checkpoint import Card, load
from explorer.training.evaluate import reconstruct
from explorer.training.sweep import CODE_SIZES, FAMILIES, SWEEP, name_of

PCA = "pca"  # beside the names of the families


@dataclass(frozen=True)
class Duel:
    """PCA and three families of autoencoders, at each of the same code sizes.

    ``pca`` holds one component more than the largest code. ``mse``: the error per pixel on all test images, one a
    size, of each family and of PCA, whose pixels are put into [0, 1]; ``unclipped``: PCA's without that. ``angles``:
    for each size k the (k,) angles in degrees between the linear autoencoder's plane and that of k components.
    """

    pca: Pca
    models: Mapping[str, Sequence[Autoencoder]]
    mse: Mapping[str, Sequence[float]]
    unclipped: Sequence[float]
    angles: Sequence[Tensor]


def fought(dataset: Dataset, folder: Path = SWEEP) -> Duel:
    """PCA fitted to the training images, the models of the sweep, and what each reaches on the test images.

    Takes seconds, with other images than MNIST's more. Raises CheckpointError for a model that cannot be read.
    """
    pca = Pca.of(*image_moments(dataset.train_images), CODE_SIZES[-1] + 1)
    read = {family: [load(folder, name_of(family, k)) for k in CODE_SIZES] for family in FAMILIES}
    plain, clipped = (
        [pca_reconstruction_error(pca.first(k), dataset.test_images, clip=clip) for k in CODE_SIZES]
        for clip in (False, True)
    )
    return Duel(
        pca,
        {family: [model for model, _ in pairs] for family, pairs in read.items()},
        {PCA: clipped, **{family: [error_on(*pair, dataset) for pair in pairs] for family, pairs in read.items()}},
        plain,
        [
            principal_angles(columns(model), pca.first(k).components.T)
            for (model, _), k in zip(read["linear"], CODE_SIZES, strict=True)
        ],
    )


def error_on(model: Autoencoder, card: Card, dataset: Dataset) -> float:
    """Mean squared error per pixel on all test images: the card's figure if it was measured on these."""
    if (card.dataset_sha256, card.tested) == (dataset.sha256, len(dataset.test_images)):
        return card.figures["mse"]
    return float(errors(model, dataset.test_images).mean())


def columns(linear: Autoencoder) -> Tensor:
    """What a linear decoder adds to the picture for each number of the code: (784, k)."""
    weight: Tensor = linear.state_dict()["decoder.weight"]
    return weight


def rebuilt(duel: Duel, x: Tensor) -> dict[str, Tensor]:
    """One picture (1, 1, 28, 28) as each side rebuilds it: (sizes, 1, 28, 28) in [0, 1], PCA's first."""
    with torch.inference_mode():
        components = [duel.pca.first(k) for k in CODE_SIZES]
        answers = {PCA: [one.lift(one.project(x.flatten(1))).reshape(x.shape) for one in components]}
        for family, models in duel.models.items():
            answers[family] = [reconstruct(model, x, torch.Generator().manual_seed(0)) for model in models]
        return {side: torch.cat(pictures).clamp(0, 1) for side, pictures in answers.items()}


def equals(mine: Sequence[float], theirs: Sequence[float]) -> tuple[int, int] | None:
    """Where a curve of errors saves most against another: (k, k'), with k numbers it is as good as that with k' > k.

    Both have one error for each of ``CODE_SIZES``. None if it is nowhere as good as the other with more numbers.
    """
    pairs = [
        (k, more)
        for k, error in zip(CODE_SIZES, mine, strict=True)
        for more, other in zip(CODE_SIZES, theirs, strict=True)
        if more > k and error <= other
    ]
    return max(pairs, key=lambda pair: (pair[1] / pair[0], pair[1]), default=None)


def turned(columns: Tensor, components: Tensor) -> Tensor:
    """An orthonormal basis of the span of columns (D, k), turned as near as it can be to components (k, D): (k, D).

    If both span the same space, these are the components. Orthogonal Procrustes, Schönemann 1966.
    """
    basis = torch.linalg.qr(columns.double()).Q
    left, _, right = torch.linalg.svd(basis.T @ components.double().T)
    found: Tensor = (basis @ left @ right).T
    return found.float()
