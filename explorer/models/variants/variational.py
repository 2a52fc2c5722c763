r"""# Variational autoencoder

A plain autoencoder leaves holes in its code space. This one describes each image not by a point but by a small cloud,
$q(z \mid x) = N(\mu, \sigma^2)$, and asks all clouds together to fill a standard normal, the **prior**. Then a point
drawn from the prior decodes into a new digit. It minimises, in nats an image, the negative **ELBO**
$$\mathbb{E}_{q}\big[-\log p(x \mid z)\big] + \tfrac{\beta}{2} \sum_j (\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2).$$
$p(x \mid z)$ is a coin for each pixel. On pixels freshly drawn black or white this bounds the likelihood; on grey
values it is only a cross-entropy. Dimensions whose cloud never leaves the prior carry nothing (*posterior collapse*);
a slow start of the KL term keeps more of them alive.

Kingma and Welling, *Auto-encoding variational Bayes*, ICLR 2014; β: Higgins et al., ICLR 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import PIXELS, Annealing, GaussianOutput, Generative, Losses
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import flat, glorot, image, logit, mlp
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant


@dataclass(frozen=True)
class VariationalConfig(Config):
    """Size of the code and of the network, the weight of the prior, and what a pixel is."""

    latent_dim: Annotated[int, Slider(2, 64, "Numbers in the code z", step=1)] = 20
    depth: Annotated[int, Slider(1, 3, "Hidden layers", step=1)] = 1
    width: Annotated[int, Slider(32, 512, "Units in a hidden layer", step=4)] = 400
    beta: Annotated[float, Slider(0.1, 50.0, "β: weight of the prior", log=True)] = 1.0
    warmup: Annotated[float, Slider(0.0, 1.0, "Slow start of the KL term", step=0.01, info="Share of training.")] = 0.0
    pixels: Annotated[str, Choice(("grey", "binarised"), "Pixels", info="Binarised: drawn black or white.")] = "grey"


@variant(
    "Variational",
    group="model the distribution",
    order=0,
    summary="Codes are clouds that together fill a bell curve, so that new digits can be drawn.",
    config=VariationalConfig,
    training=TrainingConfig(epochs=10, learning_rate=2e-3, clip_norm=1000.0),
)
class Variational(Generative, Annealing):
    """Gaussian posterior, standard normal prior, a coin for each pixel."""

    config: VariationalConfig

    def __init__(self, config: VariationalConfig) -> None:
        super().__init__()
        self.config = config
        hidden = [config.width] * config.depth
        self.encoder = mlp(PIXELS, *hidden, 2 * config.latent_dim)
        self.decoder = nn.Sequential(*mlp(config.latent_dim, *hidden, PIXELS), nn.Sigmoid())
        self.prior_weight = config.beta  # beta, or less during the slow start

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        with torch.no_grad():
            self.decoder[-2].get_parameter("bias").copy_(logit(mean_image))

    def anneal(self, progress: float) -> None:
        start = self.config.warmup
        self.prior_weight = self.config.beta * (min(1.0, progress / start) if start else 1.0)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.encoder(flat(x)).chunk(2, dim=1)
        return mean, log_variance.clamp(-15, 15)

    def sample_prior(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randn(n, self.config.latent_dim, generator=generator)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> GaussianOutput:
        binarised = self.training and self.config.pixels == "binarised"
        target = torch.bernoulli(x.cpu(), generator=generator).to(x) if binarised else x
        mean, log_variance = self.posterior(target)
        z = mean
        if self.training:  # z = mean + deviation * noise lets the gradient through the draw
            z = mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator).to(mean)
        return GaussianOutput(self.decode(z), z, mean, log_variance, target)

    def loss(self, x: Tensor, output: GaussianOutput) -> Losses:  # type: ignore[override]
        pixels = F.binary_cross_entropy(output.reconstruction, output.target, reduction="none")
        return {
            "reconstruction": pixels.flatten(1).sum(dim=1).mean(),
            "KL divergence": self.prior_weight * kl_to_prior(output.mean, output.log_variance).sum(dim=1).mean(),
        }


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) in nats: (N, D) -> (N, D). Kingma and Welling, appendix B."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
