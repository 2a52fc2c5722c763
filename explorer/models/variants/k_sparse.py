r"""# k-sparse autoencoder

Sparsity without a price: of all numbers in the code only the **$k$ largest** survive, the rest become exactly zero.
Everything else is linear, and the decoder is the encoder's transpose:
$$z = \mathrm{top}_k\big(W(x - b)\big), \qquad \hat x = W^\top z + b.$$
Training starts with $k_0$ survivors and tightens to $k$, so that most features find work before it gets
narrow. For features that a classifier can use, the paper keeps $\alpha k$ numbers at test time.

It minimises the mean squared error per pixel. Makhzani and Frey, *k-sparse autoencoders*, ICLR 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import PIXELS, Annealing, Decoding, Losses, Output
from explorer.models.knobs import Config, Slider
from explorer.models.layers import flat, image
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant

TIGHTENING = 0.4  # the share of training during which k comes down


@dataclass(frozen=True)
class KSparseConfig(Config):
    """Width of the code, how many of its numbers survive, and how many more at test time."""

    latent_dim: Annotated[int, Slider(64, 1024, "Numbers in the code z", step=1)] = 1000
    k: Annotated[int, Slider(1, 200, "k: numbers that survive", step=1)] = 25
    start_k: Annotated[int, Slider(1, 400, "k at the start of training", step=1)] = 150
    alpha: Annotated[float, Slider(1.0, 4.0, "α: at test time keep α·k", step=0.5)] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.k * self.alpha > self.latent_dim:
            raise ValueError(f"alpha * k must not exceed latent_dim {self.latent_dim}, got {self.alpha * self.k:g}")
        if not self.k <= self.start_k <= self.latent_dim:
            raise ValueError(f"start_k must lie from k {self.k} to latent_dim {self.latent_dim}, got {self.start_k}")


@variant(
    "k-sparse",
    group="constrain",
    order=2,
    summary="Only the k largest numbers of the code survive; the rest are exactly zero.",
    config=KSparseConfig,
    training=TrainingConfig(epochs=10, learning_rate=1e-3),
    uses=2,
)
class KSparse(Decoding, Annealing):
    """Tied linear weights and a hard limit on how many numbers may be non-zero."""

    config: KSparseConfig

    def __init__(self, config: KSparseConfig) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(torch.empty(config.latent_dim, PIXELS))
        self.bias = nn.Parameter(torch.empty(PIXELS))
        self.k = config.k  # how many survive at this moment of training

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        with torch.no_grad():
            rows = torch.randn(self.weight.shape, generator=generator)
            self.weight.copy_(F.normalize(rows, dim=1))
            self.bias.copy_(mean_image.flatten())

    def anneal(self, progress: float) -> None:
        share = min(1.0, progress / TIGHTENING)
        self.k = round(self.config.start_k + share * (self.config.k - self.config.start_k))

    def encode(self, x: Tensor) -> Tensor:
        k = self.k if self.training else round(self.config.alpha * self.config.k)
        return keep_largest(F.linear(flat(x) - self.bias, self.weight), k)

    def decode(self, z: Tensor) -> Tensor:
        pixels = z @ self.weight + self.bias
        return image(pixels if self.training else pixels.clamp(0, 1))

    def chain(self) -> Sequence[nn.Module]:
        layer = nn.Linear(self.config.latent_dim, PIXELS, device="meta")  # no first weights are drawn
        layer.load_state_dict({"weight": self.weight.detach().T, "bias": self.bias.detach()}, assign=True)
        return (layer, nn.Hardtanh(0, 1))

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        z = self.encode(x)
        return Output(self.decode(z), z)

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"reconstruction": F.mse_loss(output.reconstruction, x)}


def keep_largest(z: Tensor, k: int) -> Tensor:
    """(N, D) -> (N, D) with all but the k largest numbers of each row set to zero."""
    values, places = z.topk(k, dim=1)
    return torch.zeros_like(z).scatter(1, places, values)
