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
        inverse: Tensor = torch.linalg.inv(self.covariance.double())
        return inverse.float()

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Visible pixels are answered by themselves. Images that hide the same pixels are solved for together."""
        answer = x.flatten(1).clone()
        masks, which = torch.unique(hidden.flatten(1), dim=0, return_inverse=True)
        for i, mask in enumerate(masks):
            rows = which == i
            answer[rows] = torch.where(mask, self._guess(answer[rows], mask), answer[rows])
        return answer.reshape(x.shape)

    def _guess(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Flat images (B, 784) with the same hidden pixels (784,) -> (B, 784); solves for the smaller part of them."""
        seen = ~hidden
        if int(seen.sum()) < len(seen) // 2:
            known = _solved(self.covariance[seen][:, seen], (x - self.mean)[:, seen])
            return self.mean + known @ self.covariance[seen]
        pull = (x - self.mean).masked_fill(hidden, 0) @ self.precision[:, hidden]  # the same, from the inverse's blocks
        answer = x.clone()
        answer[:, hidden] = self.mean[hidden] - _solved(self.precision[hidden][:, hidden], pull)
        return answer


def _solved(matrix: Tensor, vectors: Tensor) -> Tensor:
    """Positive definite (n, n) and (B, n) -> (B, n)."""
    return torch.cholesky_solve(vectors.T, torch.linalg.cholesky(matrix)).T


@dataclass(frozen=True)
class MeanImage:
    """The same picture for everyone, a ``Guess``. Holds the training images' mean (784,)."""

    mean: Tensor

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        return self.mean.reshape(1, 1, 28, 28).expand_as(x)


def nearest_visible(x: Tensor, hidden: Tensor) -> Tensor:
    """Every pixel answers what the nearest visible pixel is, a ``Guess``; of equally near ones any; 0 without any."""
    from scipy.ndimage import distance_transform_edt

    answers = []
    for image, holes in zip(x[:, 0].numpy(), hidden[:, 0].numpy(), strict=True):
        rows, columns = distance_transform_edt(holes, return_distances=False, return_indices=True)
        answers.append(np.zeros_like(image) if holes.all() else image[rows, columns])
    return torch.from_numpy(np.stack(answers)[:, None])
