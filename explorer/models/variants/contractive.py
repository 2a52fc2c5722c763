r"""# Contractive autoencoder

A good code should not jump when the image trembles. This variant punishes how strongly the code reacts to *any*
small change of the pixels, the squared size of the encoder's Jacobian:
$$\tfrac{1}{784}\Big(\lVert x - \hat x \rVert^2 + \lambda \lVert J \rVert_F^2\Big), \quad
J_{ji} = \partial z_j / \partial x_i.$$
Reconstruction pulls the other way, so only directions along which digits really vary stay sensitive. For one sigmoid
layer the size is a closed formula, $\sum_j (z_j(1-z_j))^2 \lVert W_j \rVert^2$; for a deep encoder it is estimated
without bias from one random probe, $\lVert v^\top J \rVert^2$ with $v \sim N(0, I)$.

Rifai et al., *Contractive auto-encoders: explicit invariance during feature extraction*, ICML 2011.
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
from explorer.models.layers import flat, glorot, image, logit, mlp
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant

WIDTHS = (256, 128)  # hidden layers of a deep encoder, from the image inwards


@dataclass(frozen=True)
class ContractiveConfig(Config):
    """Size of the code, depth, and the price of a code that reacts."""

    latent_dim: Annotated[int, Slider(2, 256, "Numbers in the code z", step=1)] = 128
    depth: Annotated[int, Slider(0, 2, "Hidden layers", step=1, info="On each side: 256, 128 units.")] = 0
    weight: Annotated[float, Slider(0.0, 1.0, "λ: price of a jumpy code", step=0.01)] = 0.02


@dataclass(frozen=True)
class ContractiveOutput(Output):
    """Adds each image's squared Jacobian norm (N,): exact for one layer, estimated for deep encoders."""

    jacobian: Tensor


@variant(
    "Contractive",
    group="constrain",
    order=3,
    summary="A code that hardly moves when the image trembles.",
    config=ContractiveConfig,
    training=TrainingConfig(epochs=10, learning_rate=2e-3),
)
class Contractive(Decoding):
    """A sigmoid code whose Jacobian is kept small."""

    config: ContractiveConfig

    def __init__(self, config: ContractiveConfig) -> None:
        super().__init__()
        self.config = config
        sizes = (PIXELS, *WIDTHS[: config.depth], config.latent_dim)
        self.encoder = mlp(*sizes)
        self.decoder = nn.Sequential(*mlp(*reversed(sizes)), nn.Sigmoid())

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.decoder[-2].get_parameter("bias").copy_(logit(mean_image))

    def encode(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.encoder(flat(x)))

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> ContractiveOutput:
        if self.config.depth == 0:
            z = self.encode(x)
            jacobian = ((z * (1 - z)).square() * self.encoder[0].get_parameter("weight").square().sum(dim=1)).sum(dim=1)
            return ContractiveOutput(self.decode(z), z, jacobian)
        with torch.inference_mode(False), torch.enable_grad():  # the derivative by x is needed outside training too
            x = x.clone().requires_grad_()
            z = self.encode(x)
            jacobian = probed_jacobian(x, z, generator)
        if not torch.is_grad_enabled():
            z, jacobian = z.detach(), jacobian.detach()
        return ContractiveOutput(self.decode(z), z, jacobian)

    def loss(self, x: Tensor, output: ContractiveOutput) -> Losses:  # type: ignore[override]
        return {
            "reconstruction": F.mse_loss(output.reconstruction, x),
            "contraction": self.config.weight * output.jacobian.mean() / PIXELS,
        }


def probed_jacobian(x: Tensor, z: Tensor, generator: torch.Generator) -> Tensor:
    """One-probe estimate of each image's ||dz/dx||_F^2: (N,), unbiased (Hutchinson 1990). z must depend on x."""
    probe = torch.randn(z.shape, generator=generator).to(z)
    (gradient,) = torch.autograd.grad((probe * z).sum(), x, create_graph=True)
    return gradient.square().flatten(1).sum(dim=1)
