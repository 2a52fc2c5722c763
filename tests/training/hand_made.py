"""A model so simple that every number of its training can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.models.base import Autoencoder, Losses, Output
from explorer.models.knobs import Config


@dataclass(frozen=True)
class NoSettings(Config):
    """Nothing to turn."""


@dataclass
class Seen:
    """What a model was shown: the batches and the generators' first draws, in order."""

    batches: list[Tensor] = field(default_factory=list)
    draws: list[float] = field(default_factory=list)


class HandMade(Autoencoder):
    """Answers its one weight everywhere. ``second`` gives another term from the weight and the number of the pass."""

    def __init__(self, second: Callable[[Tensor, int], Tensor] | None = None) -> None:
        super().__init__()
        self.config = NoSettings()
        self.weight = nn.Parameter(torch.empty(1))
        self.second = second
        self.seen = Seen()

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        nn.init.constant_(self.weight, 0.5)

    def encode(self, x: Tensor) -> Tensor:
        return x.mean(dim=(1, 2, 3)).unsqueeze(1)

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        self.seen.batches.append(x.detach().clone())
        self.seen.draws.append(torch.rand(1, generator=generator).item())
        return Output(self.weight.clamp(0, 1).expand_as(x), self.encode(x))

    def loss(self, x: Tensor, output: Output) -> Losses:
        losses = {"brightness": x.mean() + 0.0 * self.weight.sum()}
        if self.second is not None:
            losses["second"] = self.second(self.weight, len(self.seen.batches) - 1)
        return losses


def numbered(n: int) -> NDArray[np.uint8]:
    """Images (n, 1, 28, 28) that tell their number: the first two pixels, in base 256."""
    images = np.zeros((n, 1, 28, 28), np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(n) % 256, np.arange(n) // 256
    return images


def numbers(batch: Tensor) -> list[int]:
    """Which numbered images a batch holds."""
    first = (batch[:, 0, 0, :2] * 255).round().long()
    numbers: list[int] = (first[:, 0] + 256 * first[:, 1]).tolist()
    return numbers
