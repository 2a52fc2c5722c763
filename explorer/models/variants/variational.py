r"""# Variational autoencoder

A plain autoencoder leaves holes in its code space. This one describes each image not by a point but by a small cloud,
$q(z \mid x) = N(\mu, \sigma^2)$, and asks all clouds together to fill a standard normal, the **prior**. Then a point
drawn from the prior decodes into a new digit. It minimises, in nats an image, the negative **ELBO**
$$\mathbb{E}_{q}\big[-\log p(x \mid z)\big] + \tfrac{\beta}{2} \sum_j (\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2).$$
$p(x \mid z)$ is a coin for each pixel. On pixels freshly drawn black or white this bounds the likelihood; on grey
values it is only a cross-entropy. Dimensions whose cloud never leaves the prior carry nothing (*posterior collapse*);
a slow start of the KL term keeps more of them alive. With $K$ draws instead of one, weighted by how well each explains
the image, the bound comes closer to $\log p(x)$ (the importance-weighted autoencoder). Convolutions before and behind
the hidden layers need not learn every stroke at every place, and reach a higher likelihood.

Kingma and Welling, *Auto-encoding variational Bayes*, ICLR 2014; β: Higgins et al., ICLR 2017; $K$ draws: Burda, Grosse
and Salakhutdinov, ICLR 2016.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.base import PIXELS, Annealing, GaussianOutput, Generative, Losses
from explorer.models.knobs import Choice, Config, Slider
from explorer.models.layers import DARK, flat, glorot, image, logit, mlp
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variant

FILTERS = 16  # of the first convolution


@dataclass(frozen=True)
class VariationalConfig(Config):
    """Size of the code and of the network, the weight of the prior, and what a pixel is."""

    latent_dim: Annotated[int, Slider(2, 64, "Numbers in the code z", step=1)] = 20
    depth: Annotated[int, Slider(1, 3, "Hidden layers", step=1)] = 1
    width: Annotated[int, Slider(32, 512, "Units in a hidden layer", step=4)] = 400
    beta: Annotated[float, Slider(0.1, 50.0, "β: weight of the prior", log=True)] = 1.0
    warmup: Annotated[float, Slider(0.0, 1.0, "Slow start of the KL term", step=0.01, info="Share of training.")] = 0.0
    pixels: Annotated[str, Choice(("grey", "binarised"), "Pixels", info="Binarised: drawn black or white.")] = "grey"
    network: Annotated[
        str, Choice(("dense", "convolutional"), "Network", info="Convolutional: better, and about five times as slow.")
    ] = "dense"
    samples: Annotated[
        int, Slider(1, 16, "Importance samples K", step=1, info="1: the ELBO; more: a tighter bound.")
    ] = 1

    @property
    def uses(self) -> int:
        """How often about a weight is used for one image."""
        return 5 if self.network == "convolutional" else 1


@dataclass(frozen=True)
class CoinOutput(GaussianOutput):
    """Adds the logits of the pixels' coins, (N, 1, 28, 28): from them the cross-entropy is exact, and far faster."""

    logits: Tensor


@dataclass(frozen=True)
class ImportanceOutput(GaussianOutput):
    """Adds log p(x | z) + β (log p(z) - log q(z | x)) of each draw, (N, K); all else it has is of the first one."""

    log_weights: Tensor


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
        parts = convolutional if config.network == "convolutional" else dense
        self.encoder, self.decoder = parts(config.latent_dim, [config.width] * config.depth)
        self.prior_weight = config.beta  # beta, or less during the slow start

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None:
        glorot(self, generator)
        last = self.decoder[-2].get_parameter("bias")
        with torch.no_grad():
            last.copy_(logit(mean_image) if len(last) == PIXELS else torch.full_like(last, DARK))

    def anneal(self, progress: float) -> None:
        start = self.config.warmup
        self.prior_weight = self.config.beta * (min(1.0, progress / start) if start else 1.0)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        seen = x if self.config.network == "convolutional" else flat(x)
        mean, log_variance = self.encoder(seen).chunk(2, dim=1)
        return mean, log_variance.clamp(-15, 15)

    def sample_prior(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randn(n, self.config.latent_dim, generator=generator)

    def encode(self, x: Tensor) -> Tensor:
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        return image(self.decoder(z))

    def chain(self) -> Sequence[nn.Module]:
        return tuple(self.decoder)

    def forward(self, x: Tensor, generator: torch.Generator) -> CoinOutput | ImportanceOutput:
        binarised = self.training and self.config.pixels == "binarised"
        target = torch.bernoulli(x.cpu(), generator=generator).to(x) if binarised else x
        mean, log_variance = self.posterior(target)
        if self.training and self.config.samples > 1:
            return self._weighted(target, mean, log_variance, generator)
        z = mean
        if self.training:  # z = mean + deviation * noise lets the gradient through the draw
            z = mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=generator).to(mean)
        logits = self._logits(z)
        return CoinOutput(logits.sigmoid(), z, mean, log_variance, target, logits)

    def _logits(self, z: Tensor) -> Tensor:
        return image(self.decoder[:-1](z))

    def _weighted(
        self, target: Tensor, mean: Tensor, log_variance: Tensor, generator: torch.Generator
    ) -> ImportanceOutput:
        n, d = mean.shape
        noise = torch.randn((n, self.config.samples, d), generator=generator).to(mean)
        z = mean.unsqueeze(1) + (log_variance / 2).exp().unsqueeze(1) * noise
        logits = self._logits(z.flatten(0, 1)).reshape(n, -1, *target.shape[1:])  # (N, K, 1, 28, 28)
        pixels = F.binary_cross_entropy_with_logits(logits, target.unsqueeze(1).expand_as(logits), reduction="none")
        log_ratio = 0.5 * (noise.square() - z.square() + log_variance.unsqueeze(1)).sum(dim=2)
        log_weights = self.prior_weight * log_ratio - pixels.flatten(2).sum(dim=2)
        return ImportanceOutput(logits[:, 0].sigmoid(), z[:, 0], mean, log_variance, target, log_weights)

    def loss(self, x: Tensor, output: CoinOutput | ImportanceOutput) -> Losses:  # type: ignore[override]
        if isinstance(output, ImportanceOutput):
            bound = output.log_weights.logsumexp(dim=1) - math.log(self.config.samples)
            return {"importance-weighted bound": -bound.mean()}
        pixels = F.binary_cross_entropy_with_logits(output.logits, output.target, reduction="none")
        return {
            "reconstruction": pixels.flatten(1).sum(dim=1).mean(),
            "β × KL divergence": self.prior_weight * kl_to_prior(output.mean, output.log_variance).sum(dim=1).mean(),
        }


def dense(code: int, hidden: Sequence[int]) -> tuple[nn.Sequential, nn.Sequential]:
    """Encoder, (N, 1, 28, 28) -> (N, 2 code), and decoder, (N, code) -> (N, 784), of hidden layers alone."""
    return mlp(PIXELS, *hidden, 2 * code), nn.Sequential(*mlp(code, *hidden, PIXELS), nn.Sigmoid())


def convolutional(code: int, hidden: Sequence[int]) -> tuple[nn.Sequential, nn.Sequential]:
    """The same with convolutions before and behind the hidden layers; the decoder gives (N, 1, 28, 28)."""
    outer, inner = FILTERS, 2 * FILTERS
    encoder = nn.Sequential(
        nn.Conv2d(1, outer, 4, stride=2, padding=1),  # (N, outer, 14, 14)
        nn.ReLU(),
        nn.Conv2d(outer, outer, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(outer, inner, 4, stride=2, padding=1),  # (N, inner, 7, 7)
        nn.ReLU(),
        nn.Flatten(),
        *mlp(inner * 7 * 7, *hidden, 2 * code),
    )
    decoder = nn.Sequential(
        *mlp(code, *hidden, inner * 7 * 7),
        nn.ReLU(),
        nn.Unflatten(1, (inner, 7, 7)),
        nn.ConvTranspose2d(inner, outer, 4, stride=2, padding=1),  # (N, outer, 14, 14)
        nn.ReLU(),
        nn.ConvTranspose2d(outer, outer, 3, padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(outer, outer // 2, 4, stride=2, padding=1),  # (N, outer / 2, 28, 28)
        nn.ReLU(),
        nn.ConvTranspose2d(outer // 2, 1, 3, padding=1),
        nn.Sigmoid(),
    )
    return encoder, decoder


def kl_to_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) in nats: (N, D) -> (N, D). Kingma and Welling, appendix B."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
