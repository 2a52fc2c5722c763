"""One number of the code at a time: which numbers matter, and which values they take."""

from __future__ import annotations

import torch
from torch import Tensor

QUANTILES = (0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99)


def kl_per_dimension(mean: Tensor, log_variance: Tensor) -> Tensor:
    r"""What each number of the code costs: mean over images of $KL(q(z_d|x)\,\|\,\mathcal N(0,1))$, in nats.

    Means and log-variances (N, D) -> (D,). Kingma and Welling 2014, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean(dim=0)


def by_strength(strength: Tensor) -> list[int]:
    """The numbers of the code (D,), the strongest first; equally strong ones stay in order."""
    return [int(i) for i in strength.argsort(descending=True, stable=True)]


def normal_quantiles(shares: tuple[float, ...] = QUANTILES) -> Tensor:
    """Below which value each share of a standard normal distribution lies: (len(shares),)."""
    values: Tensor = torch.special.ndtri(torch.tensor(shares))
    return values


def traverse(z: Tensor, dimensions: list[int], values: Tensor) -> Tensor:
    """The code z (D,) with one number after the other put to each of its values.

    ``values`` (len(dimensions), M) -> codes (len(dimensions) * M, D), row by row. All else stays as in z.
    """
    rows, columns = values.shape
    codes = z.repeat(rows * columns, 1)
    which = torch.tensor(dimensions).repeat_interleave(columns)
    codes[torch.arange(len(codes)), which] = values.flatten().to(codes.dtype)
    return codes


def quantiles(codes: Tensor, dimensions: list[int], shares: tuple[float, ...] = QUANTILES) -> Tensor:
    """Below which value each share of the codes (N, D) lies, for each dimension: (len(dimensions), len(shares))."""
    return torch.quantile(codes[:, dimensions], torch.tensor(shares, dtype=codes.dtype), dim=0).T
