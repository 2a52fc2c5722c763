"""How alike two pictures are: in decibels, and by structure."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from explorer.training.evaluate import squared_error

WINDOW = 7  # pixels: the side of the window in which SSIM looks
LUMINANCE, CONTRAST = 0.01**2, 0.03**2  # C1 and C2 of the paper for pixels in [0, 1]


def psnr(x: Tensor, other: Tensor) -> Tensor:
    """Peak signal-to-noise ratio 10 log10(1 / mse) of each image, in dB: (N, 1, 28, 28) twice, in [0, 1] -> (N,).

    Equal images give 100 dB, not infinity, so that a mean stays a number.
    """
    return -10 * squared_error(x, other).clamp_min(1e-10).log10()


def ssim(x: Tensor, other: Tensor) -> Tensor:
    r"""Structural similarity of each image: (N, 1, 28, 28) twice, in [0, 1] -> (N,), 1 for equal images.

    The mean of
    $\frac{(2\mu_x\mu_y + C_1)(2\sigma_{xy} + C_2)}{(\mu_x^2 + \mu_y^2 + C_1)(\sigma_x^2 + \sigma_y^2 + C_2)}$ over all
    7 x 7 windows that lie within the picture, with sample variances.
    Wang, Bovik, Sheikh and Simoncelli, *Image quality assessment*, 2004.
    """
    sample = WINDOW**2 / (WINDOW**2 - 1)
    x, other = x.double(), other.double()  # variances as a difference of squares need the digits
    mean_x, mean_y = _windows(x), _windows(other)
    var_x = sample * (_windows(x * x) - mean_x**2)
    var_y = sample * (_windows(other * other) - mean_y**2)
    together = sample * (_windows(x * other) - mean_x * mean_y)
    alike = (2 * mean_x * mean_y + LUMINANCE) * (2 * together + CONTRAST)
    whole = (mean_x**2 + mean_y**2 + LUMINANCE) * (var_x + var_y + CONTRAST)
    return (alike / whole).flatten(1).mean(dim=1).float()


def _windows(x: Tensor) -> Tensor:
    """The mean of each window: (N, 1, 28, 28) -> (N, 1, 22, 22)."""
    return F.avg_pool2d(x, WINDOW, stride=1)
