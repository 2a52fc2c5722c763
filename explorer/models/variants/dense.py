r"""# Dense autoencoder

The textbook model: a layer with fewer units than the image has pixels is a **bottleneck**, so the network has to find
out what digits have in common. With no hidden layer, $z = \max(0, W_e x + b_e)$ and
$\hat x = \sigma(W_d z + b_d)$; every hidden layer lets the code bend further away from PCA's flat plane.

It minimises the mean squared error per pixel, $\frac{1}{784} \lVert x - \hat x \rVert^2$. With 2 numbers in the code
and 2 hidden layers the whole code can be drawn as a map.

Hinton and Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import PIXELS, Decoding, Losses, Output
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import flat, glorot, image, logit, mlp
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class DenseConfig(Config):
    """Size of the code, and how many layers lie before and after it, of how many units."""

    latent_dim: Annotated[int, Slider(1, 128, "Numbers in the code z", step=1)] = 64
    depth: Annotated[int, Slider(0, 3, "Hidden layers", step=1, info="On each side.")] = 0
    width: Annotated[int, Slider(64, 512, "Width", step=64, info="Units of the first; each further one has half.")] = (
        512
    )
    code: Annotated[str, Choice(("relu", "linear"), "Code", info="ReLU: never negative. Linear: any number.")] = "relu"


@variant(
    "Dense",
    group="squeeze",
    order=1,
    summary="Fully connected layers with a narrow middle: the textbook autoencoder.",
    config=DenseConfig,
    training=TrainingConfig(epochs=7, learning_rate=3e-3),
)
class Dense(Decoding):
    """Fully connected layers, narrow in the middle."""

    config: DenseConfig

    def __init__(self, config: DenseConfig) -> None:
        super().__init__()
        self.config = config
        hidden = (config.width >> layer for layer in range(config.depth))  # half as many from layer to layer
        sizes = (PIXELS, *hidden, config.latent_dim)
        self.encoder = mlp(*sizes)
        self.decoder = nn.Sequential(*mlp(*reversed(sizes)), nn.Sigmoid())

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.decoder[-2].get_parameter("bias").copy_(logit(mean_image))
            if self.config.code == "relu":
                self.encoder[-1].get_parameter("bias").fill_(
                    0.5
                )  # units start awake, so that none dies in the first steps

    def encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.encoder(flat(x))
        return F.relu(z) if self.config.code == "relu" else z

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": F.mse_loss(output.reconstruction, x)}
