r"""# Denoising autoencoder

Damage the image, and ask for the clean one back: $\tfrac{1}{784} \lVert x - \hat x(\tilde x) \rVert^2$ with
$\tilde x \sim C(\tilde x \mid x)$. Copying no longer helps, so the network has to learn what digits look like and pull
damaged ones back towards them.

Three kinds of damage: **Gaussian** noise of deviation $\sigma$; **random pixels**, a share of them turned black or
white; **dropout**, a share of them turned black. Each image gets its own kind and strength, from none to the
strongest. Outside training nothing is damaged: what you feed is what it sees.

Vincent et al., *Extracting and composing robust features with denoising autoencoders*, ICML 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.data.corruption import KINDS, damaged
from explorer.models.base import PIXELS, Decoding, Losses, Output
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import flat, glorot, image, logit, mlp
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class DenoisingConfig(Config):
    """Size of the code, and the damage done in training."""

    latent_dim: Annotated[int, Slider(2, 256, "Numbers in the code z", step=1)] = 128
    kind: Annotated[str, Choice(("mixed", *KINDS), "Damage in training")] = "mixed"
    strength: Annotated[float, Slider(0.0, 1.0, "Strength", step=0.05, info="1: the full range of damage.")] = 1.0


@variant(
    "Denoising",
    group="damage",
    order=0,
    summary="Sees a damaged image and is asked for the clean one.",
    config=DenoisingConfig,
    training=TrainingConfig(epochs=6, learning_rate=2e-3),
)
class Denoising(Decoding):
    """A dense bottleneck network that is trained on damaged images."""

    config: DenoisingConfig

    def __init__(self, config: DenoisingConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = mlp(PIXELS, 512, config.latent_dim)
        self.decoder = nn.Sequential(*mlp(config.latent_dim, 512, PIXELS), nn.Sigmoid())

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.decoder[-2].get_parameter("bias").copy_(logit(mean_image))

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.encoder(flat(x))
        return z

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(damaged(x, self.config.kind, self.config.strength, generator) if self.training else x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": F.mse_loss(output.reconstruction, x)}
