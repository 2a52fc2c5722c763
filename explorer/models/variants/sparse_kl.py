r"""# Sparse autoencoder (KL)

Another way to keep a wide code quiet: ask that each unit be awake for only a share $\rho$ of the images. With
sigmoid units, $\hat\rho_j$ is unit $j$'s mean over the batch, and the distance to the wish is that of two coins:
$$\tfrac{\beta}{784} \sum_j \rho \log\frac{\rho}{\hat\rho_j} + (1-\rho) \log\frac{1-\rho}{1-\hat\rho_j}.$$
Unlike L1 it asks nothing of a single image, only of the average, so units take turns and none dies. A small $\beta$
settles above $\rho$; hitting $\rho$ exactly costs reconstruction.

Ng, *Sparse autoencoder*, lecture notes 2011; Lee, Ekanadham and Ng, *Sparse deep belief net model*, 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import PIXELS, Decoding, Losses, Output
from explorer.models.knobs import Config, Slider
from explorer.models.layers import flat, glorot, image, logit
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class SparseKLConfig(Config):
    """Width of the code, the wished-for share of time awake, and how much the wish weighs."""

    latent_dim: Annotated[int, Slider(64, 1024, "Numbers in the code z", step=1)] = 512
    rho: Annotated[float, Slider(0.01, 0.5, "ρ: wished-for mean activity", step=0.01)] = 0.05
    beta: Annotated[float, Slider(1e-3, 10.0, "β: weight of the wish", log=True)] = 0.1


@variant(
    "Sparse (KL)",
    group="constrain",
    order=1,
    summary="A wide code whose units take turns: each may be awake only now and then.",
    config=SparseKLConfig,
    training=TrainingConfig(epochs=6, learning_rate=2e-3),
)
class SparseKL(Decoding):
    """One sigmoid layer whose mean activities are pulled towards rho."""

    config: SparseKLConfig

    def __init__(self, config: SparseKLConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = nn.Linear(PIXELS, config.latent_dim)
        self.decoder = nn.Sequential(nn.Linear(config.latent_dim, PIXELS), nn.Sigmoid())

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.encoder.bias.fill_(-2.0)  # starts at 12 % activity, near the wish
            self.decoder[0].get_parameter("bias").copy_(logit(mean_image))

    def encode(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.encoder(flat(x)))

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        distance = coin_divergence(self.config.rho, output.latent.mean(dim=0)).sum()
        return {
            "reconstruction": F.mse_loss(output.reconstruction, x),
            "sparsity": self.config.beta * distance / PIXELS,
        }


def coin_divergence(rho: float, activity: Tensor) -> Tensor:
    """KL(Bernoulli(rho) || Bernoulli(activity)) in nats, elementwise; activity is kept off 0 and 1 by 1e-6."""
    wish, mean = torch.as_tensor(rho), activity.clamp(1e-6, 1 - 1e-6)
    return wish * (wish / mean).log() + (1 - wish) * ((1 - wish) / (1 - mean)).log()
