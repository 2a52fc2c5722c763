"""What can be done about noise without a network: median, blur, principal components, total variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.analysis.linear import image_moments
from explorer.analysis.projection import Pca
from explorer.data.corruption import blur
from explorer.data.dataset import Pixels
from explorer.training.evaluate import squared_error

SIDES = (3, 5)  # of the median's window, in pixels
SIGMAS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0)  # of the blur, in pixels
COMPONENTS = (2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0)  # of the total variation
TURNS = 80  # of the total variation's iteration: by then a picture is within 0.01 (root mean square) of the minimum
PIECE = 80  # pictures whose total variation is brought down together: so many fit the processor's cache
LEARNT_FROM = 5_000  # training digits for the principal components


@dataclass(frozen=True)
class Cleaned:
    """One filter's answer to N pictures at the best setting for each: ``images`` (N, 1, 28, 28), N ``settings``."""

    name: str
    images: Tensor
    settings: tuple[str, ...]


def median(x: Tensor, side: int) -> Tensor:
    """Every pixel the median of the ``side`` x ``side`` pixels around it, black around the picture; shape kept.

    Raises ValueError for an even side, or one outside 1 to 27.
    """
    if side not in range(1, 28, 2):
        raise ValueError(f"the median's window must have an odd side from 1 to 27 pixels, got {side}")
    around = F.unfold(x, side, padding=side // 2)  # (N, side * side, 784)
    return around.median(dim=1).values.reshape(x.shape)


def total_variation(x: Tensor, weight: Tensor) -> Tensor:
    r"""Few edges and yet near the picture: the u that minimises $\tfrac12 \lVert u - x \rVert^2 + w \, TV(u)$.

    Images (N, 1, 28, 28), a weight above 0 for each (N,); TV adds up the lengths of the differences to the right and
    downwards. Rudin, Osher and Fatemi 1992, solved on its dual by the fast gradient projection of Beck and Teboulle
    2009. Raises ValueError for another number of weights, or one that is not above 0.
    """
    if weight.shape != (len(x),) or not bool((weight > 0).all()):
        raise ValueError(f"{len(x)} images need as many weights above 0, got {weight.tolist()[:5]}")
    limit = weight.reshape(-1, 1, 1, 1)
    dual = x.new_zeros(len(x), 2, *x.shape[2:])  # the field whose divergence is added, at most w long
    ahead, momentum = dual.clone(), 1.0
    for _ in range(TURNS):  # in place: it runs while a slider moves
        u = _spread(x, ahead)
        ahead[:, :1, :-1].add_(u[:, :, 1:] - u[:, :, :-1], alpha=0.125)
        ahead[:, 1:, :, :-1].add_(u[:, :, :, 1:] - u[:, :, :, :-1], alpha=0.125)
        ahead.div_(torch.hypot(ahead[:, :1], ahead[:, 1:]).div_(limit).clamp_min_(1.0))
        following = (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead, dual = torch.lerp(dual, ahead, 1 + (momentum - 1) / following), ahead
        momentum = following
    return _spread(x, dual)


def _spread(x: Tensor, field: Tensor) -> Tensor:
    """The picture with the divergence of a field (N, 2, H, W) added; the field is 0 at the last row and column."""
    u = x + field[:, :1] + field[:, 1:]
    u[:, :, 1:] -= field[:, :1, :-1]
    u[:, :, :, 1:] -= field[:, 1:, :, :-1]
    return u


def digit_components(images: Pixels) -> Pca:
    """The principal components of training digits (N, 1, 28, 28) uint8, as many as the filter may keep."""
    mean, covariance = image_moments(images[:LEARNT_FROM])
    return Pca.of(mean, covariance, COMPONENTS[-1])


def cleaned(damaged: Tensor, clean: Tensor, pca: Pca) -> list[Cleaned]:
    """Each filter's answer to pictures (N, 1, 28, 28) in [0, 1], at the setting that suits each of them best.

    The best setting is found by looking at the clean picture, which no real filter can.
    """
    weights = torch.tensor(WEIGHTS).repeat_interleave(len(damaged))
    pieces = zip(torch.split(damaged.repeat(len(WEIGHTS), 1, 1, 1), PIECE), torch.split(weights, PIECE), strict=True)
    smooth = torch.cat([total_variation(*piece) for piece in pieces])
    return [
        best("median filter", clean, medians(damaged), [f"{side} × {side} pixels" for side in SIDES]),
        best("Gaussian blur", clean, [blur(damaged, sigma) for sigma in SIGMAS], [f"σ = {s} pixels" for s in SIGMAS]),
        best("PCA", clean, truncated(damaged, pca), [f"{k} components" for k in COMPONENTS]),
        best("total variation", clean, torch.split(smooth, len(damaged)), [f"weight {weight}" for weight in WEIGHTS]),
    ]


def medians(x: Tensor) -> list[Tensor]:
    """The median filter's answers, one for each of SIDES."""
    return [median(x, side) for side in SIDES]


def truncated(x: Tensor, pca: Pca) -> list[Tensor]:
    """Pictures rebuilt from their first principal components, one answer for each of COMPONENTS."""
    flat = pca.project(x.flatten(1))
    parts = [pca.mean + flat[:, :k] @ pca.components[:k] for k in COMPONENTS]
    return [part.clamp(0.0, 1.0).reshape(x.shape) for part in parts]


def best(name: str, clean: Tensor, answers: Sequence[Tensor], settings: Sequence[str]) -> Cleaned:
    """Of several answers to N pictures the one nearest to each clean picture; ``settings`` names the answers."""
    choice = torch.stack([squared_error(clean, answer) for answer in answers]).argmin(dim=0)  # (N,)
    images = torch.stack(list(answers))[choice, torch.arange(len(clean))]
    return Cleaned(name, images, tuple(settings[int(which)] for which in choice))
