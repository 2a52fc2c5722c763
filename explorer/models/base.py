"""What every autoencoder promises, and what some can do besides.

Images are (N, 1, 28, 28) float tensors in [0, 1], white ink on black; codes z are (N, latent_dim).
Behaviour that differs between training and test follows ``self.training`` and nothing else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.models.knobs import Config

SIDE = 28
PIXELS = SIDE * SIDE

Losses = dict[str, Tensor]  # named scalar terms; their sum is what is minimised


@dataclass(frozen=True)
class Output:
    """What one pass gives: the reconstruction (N, 1, 28, 28) and the code (N, latent_dim)."""

    reconstruction: Tensor
    latent: Tensor


@dataclass(frozen=True)
class GaussianOutput(Output):
    """Adds the posterior N(mean, exp(log_variance)), both (N, latent_dim), and the pixels that the loss sees."""

    mean: Tensor
    log_variance: Tensor
    target: Tensor


@dataclass(frozen=True)
class MaskedOutput(Output):
    """Adds the mask (N, patches): True where a patch was hidden from the encoder. Patches count row by row."""

    mask: Tensor


class Autoencoder(nn.Module, ABC):
    """Squeezes an image into a code and rebuilds the image from it."""

    config: Config

    @abstractmethod
    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        """Draw the first weights, and set what depends on the training images' mean (1, 28, 28)."""

    @abstractmethod
    def encode(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, latent_dim). Deterministic outside training."""

    @abstractmethod
    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        """Image to code to image; whatever is random comes from the generator, drawn on the CPU."""

    @abstractmethod
    def loss(self, x: Tensor, output: Output) -> Losses:
        """The named terms of the objective for clean images x (N, 1, 28, 28); their sum is minimised."""


class Decoding(Autoencoder):
    """Any code becomes an image: interpolation, traversal and the map under the mouse need this."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """(N, latent_dim) -> (N, 1, 28, 28), in [0, 1] outside training."""

    @abstractmethod
    def chain(self) -> Sequence[nn.Module]:
        """The decoder's layers as they follow one another outside training, for the browser; empty if no chain."""


class Generative(Decoding):
    """Codes have a known distribution, so new images can be drawn."""

    @abstractmethod
    def sample_prior(self, n: int, generator: torch.Generator) -> Tensor:
        """n codes from the prior: (n, latent_dim)."""

    @abstractmethod
    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x): twice (N, latent_dim)."""


class Masking(Autoencoder):
    """Rebuilds an image of which patches are hidden. It has no path from one code to an image, and says so."""

    @property
    @abstractmethod
    def patches(self) -> int:
        """Into how many patches an image is cut."""

    @abstractmethod
    def random_mask(self, n: int, ratio: float, generator: torch.Generator) -> Tensor:
        """(n, patches) bool, True = hidden; every row hides the same number of patches. Raises ValueError."""

    @abstractmethod
    def fill(self, x: Tensor, mask: Tensor) -> Tensor:
        """The network's raw answer for every patch, (N, 1, 28, 28); visible patches are not copied from x."""

    @abstractmethod
    def paste(self, x: Tensor, filled: Tensor, mask: Tensor) -> Tensor:
        """x with its hidden patches taken from ``filled``: (N, 1, 28, 28)."""


class Annealing(Autoencoder):
    """Something in the objective changes as training proceeds."""

    @abstractmethod
    def anneal(self, progress: float) -> None:
        """Called before every step with the share of training done, from 0 to 1."""
