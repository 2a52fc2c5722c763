"""How well hidden patches are guessed: a model's error there, and what can be had without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.linear import image_moments
from explorer.analysis.patterns import spread
from explorer.data.dataset import Pixels
from explorer.models.base import Masking
from explorer.training.evaluate import batches

# images (N, 1, 28, 28) and what is hidden of them -> an answer for all pixels, in the images' shape
Guess = Callable[[Tensor, Tensor], Tensor]

PIECE = 50  # images whose covariances are solved at once
RIDGE = 1e-2  # added to every pixel's variance: without it pixels that are always black cannot be solved for


def hidden_patch_error(model: Masking, images: Pixels, ratio: float, generator: torch.Generator) -> float:
    """Mean squared error per hidden pixel of uint8 images (N, 1, 28, 28), a share ``ratio`` of the patches hidden.

    Raises ValueError for a ratio that the model does not allow.
    """
    return _error(model, images, ratio, generator, model.fill)


def guessing_error(model: Masking, images: Pixels, ratio: float, generator: torch.Generator, guess: Guess) -> float:
    """The same error of a guess that is no network, under the masks that the model gets from such a generator."""
    return _error(model, images, ratio, generator, lambda x, mask: guess(x, spread(mask)))


def _error(model: Masking, images: Pixels, ratio: float, generator: torch.Generator, fill: Guess) -> float:
    """Mean squared error at hidden pixels of ``fill``, which gets images and masks of patches (N, patches)."""
    squares, count = 0.0, 0
    with torch.inference_mode():
        for x in batches(images):
            mask = model.random_mask(len(x), ratio, generator)
            hidden = spread(mask)
            squares += float((fill(x, mask) - x)[hidden].square().sum())
            count += int(hidden.sum())
    return squares / count


@dataclass(frozen=True)
class ConditionalMean:
    """The best guess that is linear in the visible pixels, a ``Guess``: what they say if images were Gaussian.

    Holds the training images' mean (784,) and covariance (784, 784), the ridge included.
    """

    mean: Tensor
    covariance: Tensor

    @classmethod
    def fit(cls, images: Pixels) -> ConditionalMean:
        """From training images (N, 1, 28, 28) uint8."""
        mean, covariance = image_moments(images)
        return cls(mean.float(), (covariance + RIDGE * torch.eye(len(mean))).float())

    @cached_property
    def precision(self) -> Tensor:
        """The inverse of the covariance: (784, 784)."""
        return torch.linalg.inv(self.covariance.double()).float()

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Visible pixels are answered by themselves. Raises ValueError unless all images hide equally many, not all."""
        flat, hidden = x.flatten(1), hidden.flatten(1)
        counts = hidden.sum(dim=1)
        most = int(counts.max())
        if int(counts.min()) != most or most == len(self.mean):
            seen = (len(self.mean) - counts).tolist()[:5]
            raise ValueError(f"all images must show equally many pixels, at least one, got {seen}")
        if most == 0:
            return x.clone()
        guess = self._by_covariance if most > len(self.mean) // 2 else self._by_precision
        pieces = zip(torch.split(flat, PIECE), torch.split(hidden, PIECE), strict=True)
        answer = torch.cat([guess(*piece) for piece in pieces])
        return torch.where(hidden, answer, flat).reshape(x.shape)

    def _by_covariance(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Solve for what is visible, which is the smaller part. Flat images (B, 784) -> (B, 784)."""
        places = (~hidden).nonzero()[:, 1].reshape(len(x), -1)  # (B, v)
        known = self.covariance[places.unsqueeze(2), places.unsqueeze(1)]  # (B, v, v)
        share = _solved(known, x.gather(1, places) - self.mean[places])
        return self.mean + torch.zeros_like(x).scatter(1, places, share) @ self.covariance

    def _by_precision(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Solve for what is hidden: the same answer, from blocks of the inverse. Flat images (B, 784) -> (B, 784)."""
        places = hidden.nonzero()[:, 1].reshape(len(x), -1)  # (B, h)
        unknown = self.precision[places.unsqueeze(2), places.unsqueeze(1)]  # (B, h, h)
        pull = (x - self.mean).masked_fill(hidden, 0) @ self.precision
        return self.mean - torch.zeros_like(x).scatter(1, places, _solved(unknown, pull.gather(1, places)))


def _solved(matrices: Tensor, vectors: Tensor) -> Tensor:
    """Positive definite (B, n, n) and (B, n) -> (B, n)."""
    return torch.cholesky_solve(vectors.unsqueeze(2), torch.linalg.cholesky(matrices)).squeeze(2)


@dataclass(frozen=True)
class MeanImage:
    """The same picture for everyone, a ``Guess``. Holds the training images' mean (784,)."""

    mean: Tensor

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        return self.mean.reshape(1, 1, 28, 28).expand_as(x)


def nearest_visible(x: Tensor, hidden: Tensor) -> Tensor:
    """Every pixel answers what the nearest visible pixel is, a ``Guess``; among equally near ones any.

    Raises ValueError for an image of which nothing is visible.
    """
    from scipy.ndimage import distance_transform_edt

    if bool(hidden.flatten(1).all(dim=1).any()):
        raise ValueError("every image must show at least one pixel")
    answers = []
    for image, holes in zip(x[:, 0].numpy(), hidden[:, 0].numpy(), strict=True):
        rows, columns = distance_transform_edt(holes, return_distances=False, return_indices=True)
        answers.append(image[rows, columns])
    return torch.from_numpy(np.stack(answers)[:, None])
