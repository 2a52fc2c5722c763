r"""How likely a generative model finds images: bounds on $\log p(x)$, in nats an image, for black or white pixels.

With $K$ codes $z_k$ drawn from $q(z \mid x)$ the bound is
$\log \tfrac1K \sum_k p(x \mid z_k)\, p(z_k) / q(z_k \mid x)$. It is the ELBO for $K = 1$, on average never falls as
$K$ grows, and tends to $\log p(x)$. Burda, Grosse and Salakhutdinov, *Importance weighted autoencoders*, ICLR 2016.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.data.dataset import Pixels
from explorer.models.base import Generative
from explorer.training.evaluate import batches

ROWS = 2000  # codes decoded at once: 6 MB of pictures, which stay in the processor's cache


def nll(model: Generative, images: Pixels, generator: torch.Generator, samples: int = 500) -> Tensor:
    """Upper bound on each image's -log p(x), in nats: uint8 images (N, 1, 28, 28) -> (N,).

    Every pixel is freshly drawn black or white with its grey value as the chance of white. Raises ValueError for
    fewer than one sample.
    """
    return torch.cat([-importance_bound(model, binarise(x, generator), generator, samples) for x in batches(images)])


def binarise(x: Tensor, generator: torch.Generator) -> Tensor:
    """Pixels in [0, 1] become 0 or 1, drawn with their value as the chance of 1; same shape."""
    return torch.bernoulli(x.cpu(), generator=generator).to(x)


def elbo(model: Generative, x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image's evidence lower bound, one sample for the pixels and the exact KL: (N, 1, 28, 28) -> (N,) nats.

    A bound on log p(x) only where pixels are 0 or 1; on grey ones it is the objective that training climbs, no
    likelihood. Kingma and Welling 2014.
    """
    found = []
    with torch.inference_mode():
        for piece in torch.split(x, ROWS):
            mean, log_variance = model.posterior(piece)
            z = mean + (log_variance / 2).exp() * _noise(mean, generator)
            kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
            p = model.decode(z).flatten(1)
            white, black = p.clamp_min(_tiny(p)).log(), (1 - p).clamp_min(_tiny(p)).log()
            found.append(torch.lerp(black, white, piece.flatten(1)).sum(dim=1) - kl)
    return torch.cat(found)


def importance_bound(model: Generative, x: Tensor, generator: torch.Generator, samples: int = 500) -> Tensor:
    """Lower bound on each image's log p(x), in nats: x (N, 1, 28, 28) of zeros and ones -> (N,).

    Raises ValueError for grey pixels and for fewer than one sample.
    """
    if samples < 1:
        raise ValueError(f"the bound needs at least 1 sample, got {samples}")
    if not bool(((x == 0) | (x == 1)).all()):
        raise ValueError("a likelihood of coin flips needs pixels that are 0 or 1: draw them with binarise")
    with torch.inference_mode():
        pieces = torch.split(x, max(1, ROWS // samples))
        return torch.cat([_log_weights(model, piece, generator, samples) for piece in pieces])


def _log_weights(model: Generative, x: Tensor, generator: torch.Generator, samples: int) -> Tensor:
    """The bound of a few images: the log of the mean importance weight, (B,)."""
    n, pixels = len(x), x.flatten(1).unsqueeze(1)  # (B, 1, 784)
    mean, log_variance = model.posterior(x)
    noise = _noise(mean.unsqueeze(1).expand(-1, samples, -1), generator)  # (B, K, D)
    z = mean.unsqueeze(1) + (log_variance / 2).exp().unsqueeze(1) * noise
    p = model.decode(z.flatten(0, 1)).reshape(n, samples, -1)  # (B, K, 784)
    chance = torch.addcmul(1 - pixels, 2 * pixels - 1, p)  # of each pixel being what it is
    log_p_x = chance.clamp_min_(_tiny(p)).log_().sum(dim=2)
    # log p(z) - log q(z | x): the factors of 2 pi cancel
    log_ratio = 0.5 * (noise.square() - z.square() + log_variance.unsqueeze(1)).sum(dim=2)
    return (log_p_x + log_ratio).double().logsumexp(dim=1).float() - math.log(samples)


def _noise(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator).to(like)


def _tiny(p: Tensor) -> float:
    """A pixel that was called impossible costs 87 nats, not infinitely many."""
    return torch.finfo(p.dtype).tiny
