r"""# Denoising with skips (U-Net)

A bottleneck throws away more than a little noise does: at low noise a denoising autoencoder loses to doing nothing. A
**U-Net** keeps the way out short. On its way down it looks at ever smaller and more numerous maps; on its way up each
level is handed the maps of the same size from the way down, by a **skip connection**. What it learns is only the
correction: $\hat x = \tilde x + r(\tilde x)$. Its loss grows with the logarithm of each image's mean squared error $e$,
$\ln(1 + e / 10^{-4})$: otherwise the most damaged images would count for all, and a little noise for nothing.

It has **no bottleneck**, so no code from which an image could be rebuilt, and without damage it would learn to copy.
As its code we show the mean of each map of the deepest level.

Ronneberger, Fischer and Brox, *U-Net*, MICCAI 2015; the correction: Zhang et al., *Beyond a Gaussian denoiser*, 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.data.corruption import KINDS, damaged
from explorer.models.base import Autoencoder, Losses, Output
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import glorot
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant

SMALL = 1e-4  # an error that is hardly seen, 40 dB


@dataclass(frozen=True)
class UNetConfig(Config):
    """How many maps there are, and the damage done in training."""

    latent_dim: Annotated[int, Slider(16, 64, "Maps of the deepest level", step=16, info="The others have fewer.")] = 32
    kind: Annotated[str, Choice(("mixed", *KINDS), "Damage in training")] = "mixed"
    strength: Annotated[float, Slider(0.1, 1.0, "Strength", step=0.05, info="1: the full range of damage.")] = 1.0


@variant(
    "U-Net",
    group="damage",
    order=2,
    summary="Mends a damaged image by correcting it: skip connections, and no bottleneck.",
    config=UNetConfig,
    training=TrainingConfig(epochs=3, learning_rate=2e-3),
    uses=130,
)
class UNet(Autoencoder):
    """Convolutions down to 7 x 7 and up again, each level joined with the one of its size."""

    config: UNetConfig

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        few, some, many = config.latent_dim // 4, config.latent_dim // 2, config.latent_dim
        self.large = twice(1, few)
        self.middle = twice(few, some, stride=2)
        self.small = twice(some, many, stride=2)
        self.to_middle = nn.ConvTranspose2d(many, some, 4, stride=2, padding=1)
        self.join_middle = nn.Conv2d(2 * some, some, 3, padding=1)
        self.to_large = nn.ConvTranspose2d(some, few, 4, stride=2, padding=1)
        self.join_large = nn.Conv2d(2 * few, few, 3, padding=1)
        self.correction = nn.Conv2d(few, 1, 3, padding=1)

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:  # it starts as a copy
        glorot(self, generator)
        nn.init.zeros_(self.correction.weight)

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.down(x)[-1].mean(dim=(2, 3))
        return z

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        seen = damaged(x, self.config.kind, self.config.strength, generator) if self.training else x
        large, middle, small = self.down(seen)
        middle = F.relu(self.join_middle(torch.cat((middle, F.relu(self.to_middle(small))), dim=1)))
        large = F.relu(self.join_large(torch.cat((large, F.relu(self.to_large(middle))), dim=1)))
        mended = seen + self.correction(large)
        return Output(mended if self.training else mended.clamp(0, 1), small.mean(dim=(2, 3)))

    def loss(self, x: Tensor, output: Output) -> Losses:
        error = (output.reconstruction - x).square().flatten(1).mean(dim=1)  # (N,)
        return {"logarithm of the error": torch.log1p(error / SMALL).mean()}

    def down(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The maps of the three levels: 28 x 28, 14 x 14 and 7 x 7."""
        large = self.large(x)
        middle = self.middle(large)
        return large, middle, self.small(middle)


def twice(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two convolutions, each with a ReLU; the first may halve the maps."""
    first = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
    return nn.Sequential(first, nn.ReLU(), nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU())
