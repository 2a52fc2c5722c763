"""Autoencoders so small that what the analysis finds can be worked out by other means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.models.base import Autoencoder, GaussianOutput, Generative, Losses, MaskedOutput, Masking, Output
from explorer.models.knobs import Config


@dataclass(frozen=True)
class NoConfig(Config):
    """Nothing to turn."""


class Copy(Autoencoder):
    """Its code is the image, and so is its reconstruction."""

    config = NoConfig()

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None: ...

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        return Output(x, self.encode(x))

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": (output.reconstruction - x).square().mean()}


class OneSigmoid(Copy):
    """A code of one sigmoid layer, whose Jacobian has a closed form."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.layer = nn.Linear(784, size)

    def encode(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.layer(x.flatten(1)))


class Coins(Generative):
    """Pixels are coins whose logits are linear in a code of two numbers; its posterior is the same for all images."""

    config = NoConfig()
    centre = (0.2, -0.1)
    log_variance = (0.3, 0.1)  # wider than the true posterior, so that no weight runs away

    def __init__(self) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(1)
        self.direction = 0.04 * torch.randn(2, 784, generator=draw)
        self.offset = torch.randn(784, generator=draw)

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None: ...

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return torch.tensor(self.centre).expand(len(x), 2), torch.tensor(self.log_variance).expand(len(x), 2)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(z @ self.direction + self.offset).reshape(-1, 1, 28, 28)

    def chain(self) -> Sequence[nn.Module]:
        return ()

    def sample_prior(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randn(n, 2, generator=generator)

    def forward(self, x: Tensor, generator: torch.Generator) -> GaussianOutput:
        mean, log_variance = self.posterior(x)
        return GaussianOutput(self.decode(mean), mean, mean, log_variance, x)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"nothing": x.sum() * 0}


class Quarters(Masking):
    """Cuts an image into 16 squares of side 7 and answers the same grey everywhere."""

    config = NoConfig()
    patches = 16
    grey = 0.25

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None: ...

    def random_mask(self, n: int, ratio: float, generator: torch.Generator) -> Tensor:
        order = torch.rand(n, 16, generator=generator).argsort(dim=1)
        return torch.zeros(n, 16, dtype=torch.bool).scatter(1, order[:, : round(16 * ratio)], True)

    def fill(self, x: Tensor, mask: Tensor) -> Tensor:
        return torch.full_like(x, self.grey)

    def paste(self, x: Tensor, filled: Tensor, mask: Tensor) -> Tensor:
        squares = mask.reshape(-1, 1, 4, 4).repeat_interleave(7, dim=2).repeat_interleave(7, dim=3)
        return torch.where(squares, filled, x)

    def encode(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def forward(self, x: Tensor, generator: torch.Generator) -> MaskedOutput:
        mask = self.random_mask(len(x), 0.5, generator)
        return MaskedOutput(self.fill(x, mask), self.encode(x), mask)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"nothing": x.sum() * 0}
