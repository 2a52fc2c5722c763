r"""# Sparse autoencoder (L1)

The code may be wide, wider than it needs to be, but every number in it that is awake costs something:
$$\tfrac{1}{784}\Big(\lVert x - \hat x \rVert^2 + \lambda \lVert z \rVert_1\Big), \qquad z = \max(0, W_e x + b_e).$$
The price is the same for a small number as for the next bit of a large one, so most numbers go to exactly zero and a
digit is described by the few features that it has. The columns of the decoder are held at length one; without that,
the network dodges the price by shrinking $z$ and growing $W_d$. Too high a $\lambda$ kills most features for good.

Ng, *Sparse autoencoder*, lecture notes 2011; the penalty is that of Tibshirani's lasso, 1996.
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
class SparseL1Config(Config):
    """Width of the code and the price of what is awake in it."""

    latent_dim: Annotated[int, Slider(64, 1024, "Numbers in the code z", step=1)] = 512
    weight: Annotated[float, Slider(1e-4, 10.0, "λ: price of the code's size", log=True)] = 0.05


@variant(
    "Sparse (L1)",
    group="constrain",
    order=0,
    summary="A wide code in which every number that is not zero has to be paid for.",
    config=SparseL1Config,
    training=TrainingConfig(epochs=6, learning_rate=2e-3),
)
class SparseL1(Decoding):
    """One ReLU layer with an L1 price, and a dictionary of unit-length columns."""

    config: SparseL1Config

    def __init__(self, config: SparseL1Config) -> None:
        super().__init__()
        self.config = config
        self.encoder = nn.Linear(PIXELS, config.latent_dim)
        self.decoder = nn.Linear(config.latent_dim, PIXELS)

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.decoder.bias.copy_(logit(mean_image))

    def dictionary(self) -> Tensor:
        """The decoder's columns, one picture a feature, each of length one: (784, latent_dim)."""
        return F.normalize(self.decoder.weight, dim=0)

    def encode(self, x: Tensor) -> Tensor:
        return F.relu(self.encoder(flat(x)))

    def decode(self, z: Tensor) -> Tensor:
        return image(torch.sigmoid(F.linear(z, self.dictionary(), self.decoder.bias)))

    def chain(self) -> Sequence[nn.Module]:
        layer = nn.Linear(self.config.latent_dim, PIXELS, device="meta")  # no first weights are drawn
        layer.load_state_dict({"weight": self.dictionary().detach(), "bias": self.decoder.bias.detach()}, assign=True)
        return (layer, nn.Sigmoid())

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {
            "reconstruction": F.mse_loss(output.reconstruction, x),
            "sparsity": self.config.weight * output.latent.abs().sum(dim=1).mean() / PIXELS,
        }
