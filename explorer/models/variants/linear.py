r"""# Linear autoencoder

Encoder and decoder are one matrix each, without any bend in between:
$z = W_e x + b_e$ and $\hat x = W_d z + b_d$, trained to make $\lVert x - \hat x \rVert^2$ small.

The best such pair is known in advance: it spans the same subspace as the first $k$ principal components, so training
can only ever reach the error of **PCA**. Here it starts from an orthonormal basis and the mean image and gets there
within a few epochs. What any other variant achieves beyond this one is what its non-linearity is worth.

Baldi and Hornik, *Neural networks and principal component analysis*, 1989.
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
from explorer.models.layers import flat, image
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class LinearConfig(Config):
    """One number: how many principal directions may be kept."""

    latent_dim: Annotated[int, Slider(1, 128, "Numbers in the code z", step=1)] = 16


@variant(
    "Linear",
    group="squeeze",
    order=0,
    summary="Two matrices and nothing else: it can only find what PCA finds.",
    config=LinearConfig,
    training=TrainingConfig(epochs=10, learning_rate=2e-3, warmup=0.0),
)
class Linear(Decoding):
    """Projects onto a k-dimensional plane through the mean image."""

    config: LinearConfig

    def __init__(self, config: LinearConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = nn.Linear(PIXELS, config.latent_dim)
        self.decoder = nn.Linear(config.latent_dim, PIXELS)

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        basis = torch.linalg.qr(torch.randn(PIXELS, self.config.latent_dim, generator=generator)).Q  # (784, k)
        mean = mean_image.flatten()
        with torch.no_grad():
            self.encoder.weight.copy_(basis.T)
            self.encoder.bias.copy_(-basis.T @ mean)
            self.decoder.weight.copy_(basis)
            self.decoder.bias.copy_(mean)

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.encoder(flat(x))
        return z

    def decode(self, z: Tensor) -> Tensor:
        pixels = self.decoder(z)
        return image(pixels if self.training else pixels.clamp(0, 1))  # a clamp would stop the gradient

    def chain(self) -> Sequence[nn.Module]:
        return (self.decoder, nn.Hardtanh(0, 1))

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": F.mse_loss(output.reconstruction, x)}
