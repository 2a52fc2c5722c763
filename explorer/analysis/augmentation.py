"""Digits made by a model that knows a distribution of codes, as lessons for a classifier that has few labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.knowledge import Space, answers, labelled
from explorer.data.dataset import Dataset
from explorer.models.base import Generative

TOLD = 100  # real digits with labels
MADE = 1000  # digits made from them
Way = Callable[[Generative, Tensor, int, torch.Generator], Tensor]


def bell(model: Generative, x: Tensor, each: int, generator: torch.Generator) -> Tensor:
    """Codes from one bell curve a digit, of images (10 n, 1, 28, 28), n of each digit in order: (10 each, D).

    Its mean is that of the n codes; the covariance, which so few codes cannot tell, is the same for all ten: that of
    all codes less their digit's mean.
    """
    z = _by_digit(model.posterior(x)[0])  # (10, n, D)
    mean = z.mean(dim=1, keepdim=True)
    apart = (z - mean).flatten(0, 1)
    covariance = apart.T.double() @ apart.double() / max(1, len(x) - 10)
    variance, axes = torch.linalg.eigh(covariance)
    noise = torch.randn(10, each, z.shape[2], generator=generator)
    drawn: Tensor = mean + noise @ (axes * variance.clamp_min(0).sqrt()).float().T
    return drawn.flatten(0, 1)


def near(model: Generative, x: Tensor, each: int, generator: torch.Generator) -> Tensor:
    """Codes near those of the images, as ``bell`` takes and gives them: of one image at random, from its posterior."""
    mean, log_variance = (_by_digit(part) for part in model.posterior(x))
    which = torch.randint(mean.shape[1], (10, each), generator=generator)
    rows = torch.arange(10)[:, None]
    noise = torch.randn(10, each, mean.shape[2], generator=generator)
    return (mean[rows, which] + (log_variance[rows, which] / 2).exp() * noise).flatten(0, 1)


def _by_digit(rows: Tensor) -> Tensor:
    return rows.reshape(10, -1, rows.shape[1])


WAYS: dict[str, Way] = {"bell": bell, "near": near}


def told(dataset: Dataset, seed: int) -> tuple[Tensor, Tensor]:
    """The hundred training digits of a draw, in [0, 1], and their labels: (100, 1, 28, 28), (100,)."""
    labels = torch.from_numpy(dataset.train_labels.astype(np.int64))
    which = labelled(labels, TOLD, seed)
    return torch.from_numpy(dataset.train_images[which.numpy()].astype(np.float32)) / 255, labels[which]


def made(model: Generative, x: Tensor, way: str, count: int, seed: int) -> Tensor:
    """As many made digits of each kind, digit by digit: (count, 1, 28, 28), from the images of ``told``."""
    with torch.inference_mode():
        z = WAYS[way](model, x, count // 10, torch.Generator().manual_seed(seed))
        return model.decode(z).clamp(0, 1).clone()


def lessons(model: Generative, dataset: Dataset, seeds: range) -> dict[str, dict[str, list[int]]]:
    """How many test digits each reader of pixels gets right, for each draw: alone, and with digits made in each way.

    Alone it is told a hundred labels; else the same, and a thousand made digits with the labels of their origin.
    """
    test, test_labels = _rows(dataset)
    right: dict[str, dict[str, list[int]]] = {name: {} for name in ("alone", *WAYS)}
    for seed in seeds:
        x, labels = told(dataset, seed)
        for name, found in right.items():
            rows, names = x, labels
            if name != "alone":
                rows = torch.cat((x, made(model, x, name, MADE, seed)))
                names = torch.cat((labels, torch.arange(10).repeat_interleave(MADE // 10)))
            space = Space(rows.flatten(1), names, test, test_labels)
            for reader, given in answers(space).items():
                found.setdefault(reader, []).append(int((given == test_labels).sum()))
    return right


def _rows(dataset: Dataset) -> tuple[Tensor, Tensor]:
    images = torch.from_numpy(dataset.test_images.astype(np.float32)).flatten(1) / 255
    return images, torch.from_numpy(dataset.test_labels.astype(np.int64))
