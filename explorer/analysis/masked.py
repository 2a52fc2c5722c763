"""How well hidden patches are guessed: a model's error there, and what can be had without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.analysis.linear import image_moments
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
    return _error(model, images, ratio, generator, lambda x, mask: guess(x, hidden_pixels(model, mask)))


def _error(model: Masking, images: Pixels, ratio: float, generator: torch.Generator, fill: Guess) -> float:
    """Mean squared error at hidden pixels of ``fill``, which gets images and masks of patches (N, patches)."""
    squares, count = 0.0, 0
    with torch.inference_mode():
        for x in batches(images):
            mask = model.random_mask(len(x), ratio, generator)
            hidden = hidden_pixels(model, mask)
            squares += float((fill(x, mask) - x)[hidden].square().sum())
            count += int(hidden.sum())
    return squares / count


def hidden_pixels(model: Masking, mask: Tensor) -> Tensor:
    """A mask of patches (N, patches) as a mask of pixels (N, 1, 28, 28), both True where hidden."""
    visible = torch.zeros(len(mask), 1, 28, 28)
    return model.paste(visible, torch.ones_like(visible), mask) > 0.5


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

    def __call__(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Raises ValueError unless all images hide equally many pixels, and not all."""
        seen = ~hidden.flatten(1)
        counts = seen.sum(dim=1)
        if int(counts.min()) != int(counts.max()) or int(counts[0]) == 0:
            raise ValueError(f"all images must show equally many pixels, at least one, got {counts.tolist()[:5]}")
        places = seen.nonzero()[:, 1].reshape(len(x), -1)  # (N, visible)
        pieces = zip(torch.split(x.flatten(1), PIECE), torch.split(places, PIECE), strict=True)
        return torch.cat([self._guess(*piece) for piece in pieces]).reshape(x.shape)

    def _guess(self, x: Tensor, places: Tensor) -> Tensor:
        """Flat images (B, 784), visible pixels' places (B, v) -> (B, 784)."""
        known = self.covariance[places.unsqueeze(2), places.unsqueeze(1)]  # (B, v, v)
        surprise = x.gather(1, places) - self.mean[places]  # (B, v)
        share = torch.cholesky_solve(surprise.unsqueeze(2), torch.linalg.cholesky(known))  # (B, v, 1)
        weight = torch.zeros_like(x).scatter(1, places, share.squeeze(2))
        return self.mean + weight @ self.covariance  # visible pixels get an answer too; nobody looks at it
