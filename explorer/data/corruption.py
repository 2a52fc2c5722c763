"""Ways to damage a picture: Gaussian noise, random pixels, missing pixels; a turn, a shift, a blur, a block.

Each takes pictures (N, 1, 28, 28) in [0, 1] and gives as many. The first three are random: they take how strongly to
damage, as one number or one for each image (N,), and a generator of the CPU. The same seed damages the same pixels on
every device, and a larger share damages the same pixels and more, so that a slider moves the damage instead of
redrawing it. The others draw nothing and do the same to every picture. ``Corruption`` is all of them together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

Strength = Tensor | float
BLURRIEST = 10.0  # pixels: a digit is a smear long before


@dataclass(frozen=True)
class Corruption:
    """How much of each damage is done, in this order; as it stands, none."""

    turn: float = 0.0  # degrees, counter-clockwise
    right: int = 0  # pixels
    down: int = 0
    blur: float = 0.0  # sigma in pixels
    block: int = 0  # side of the black square in pixels, and where its upper left corner is
    top: int = 0
    left: int = 0
    noise: float = 0.0  # sigma
    random: float = 0.0  # share of the pixels
    missing: float = 0.0

    def __call__(self, x: Tensor, seed: int) -> Tensor:
        """Damaged pictures (N, 1, 28, 28). The seed alone decides what is drawn, whatever the strengths are.

        Raises ValueError for a strength that its damage does not take.
        """
        generator = torch.Generator().manual_seed(seed)
        moved = shift(rotate(x, self.turn), self.right, self.down)
        noisy = gaussian(occlude(blur(moved, self.blur), self.top, self.left, self.block), self.noise, generator)
        return dropout(random_pixels(noisy, self.random, generator), self.missing, generator)


def gaussian(x: Tensor, sigma: Strength, generator: Generator) -> Tensor:
    r"""Noise on every pixel, $\min(1, \max(0,\, x + \sigma\,\varepsilon))$ with $\varepsilon \sim \mathcal N(0, 1)$.

    Raises ValueError for a sigma below 0 or not finite.
    """
    sigma = _per_image(x, sigma, "sigma", limit=float("inf"))
    noise = torch.randn(x.shape, generator=generator).to(x.device, x.dtype)
    return (x + sigma * noise).clamp(0.0, 1.0)


def random_pixels(x: Tensor, share: Strength, generator: Generator) -> Tensor:
    r"""Salt and pepper: with probability ``share`` a pixel forgets its value and becomes 0 or 1, either equally often.

    The expected picture is $(1 - p)\,x + p/2$. Raises ValueError for a share outside [0, 1].
    """
    share = _per_image(x, share, "share", limit=1.0)
    hit = torch.rand(x.shape, generator=generator).to(x.device) < share
    salt = (torch.rand(x.shape, generator=generator) < 0.5).to(x.device, x.dtype)
    return torch.where(hit, salt, x)


def dropout(x: Tensor, share: Strength, generator: Generator) -> Tensor:
    r"""Missing pixels: with probability ``share`` a pixel becomes 0; the others stay as they are, not scaled up.

    The expected picture is $(1 - q)\,x$. Raises ValueError for a share outside [0, 1].
    """
    share = _per_image(x, share, "share", limit=1.0)
    hit = torch.rand(x.shape, generator=generator).to(x.device) < share
    return x.masked_fill(hit, 0.0)


KINDS = {  # what models that mend are trained on, and its strongest dose
    "gaussian": (gaussian, 1.0),
    "random pixels": (random_pixels, 0.6),
    "dropout": (dropout, 0.8),
}


def damaged(x: Tensor, kind: str, strength: float, generator: Generator) -> Tensor:
    """Each image damaged by a dose of its own, from none to ``strength`` times the strongest.

    ``kind``: one of KINDS, or "mixed" for one drawn for each image.
    """
    kinds = list(KINDS) if kind == "mixed" else [kind]
    which = torch.randint(len(kinds), (len(x),), generator=generator)
    dose = strength * torch.rand(len(x), generator=generator)
    result = x.clone()
    for number, name in enumerate(kinds):
        chosen = (which == number).nonzero().flatten()
        damage, strongest = KINDS[name]
        result[chosen] = damage(x[chosen], strongest * dose[chosen], generator)
    return result


def rotate(x: Tensor, degrees: float) -> Tensor:
    """Turned counter-clockwise about the middle, bilinear between pixels, black where nothing was.

    A quarter turn moves every pixel to a pixel, exactly. Raises ValueError for an angle that is not finite.
    """
    if not math.isfinite(degrees):
        raise ValueError(f"the angle must be finite, got {degrees}")
    quarters = round(degrees / 90)
    turned, rest = torch.rot90(x, quarters, dims=(2, 3)), math.radians(degrees - 90 * quarters)
    if rest == 0 or len(x) == 0:
        return turned.clone()
    cos, sin = math.cos(rest), math.sin(rest)
    back = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0]], dtype=x.dtype, device=x.device)  # from new place to old
    grid = F.affine_grid(back.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(turned, grid, align_corners=False)


def shift(x: Tensor, right: int, down: int) -> Tensor:
    """Moved by whole pixels, negative for left and up; what leaves the picture is gone, what comes in is black.

    Raises ValueError for a shift of more than 28 pixels.
    """
    height, width = x.shape[2:]
    if abs(right) > width or abs(down) > height:
        raise ValueError(f"a shift must lie between -{width} and {width} pixels, got {right} right and {down} down")
    return F.pad(x, (right, -right, down, -down))  # a negative margin cuts


def blur(x: Tensor, sigma: float) -> Tensor:
    """Every pixel the mean of those around it, weighed by a bell curve of deviation sigma pixels; black all around.

    The curve is cut at four sigma and its weights add up to one. Raises ValueError for a sigma outside [0, 10].
    """
    if not 0.0 <= sigma <= BLURRIEST:  # false for NaN as well
        raise ValueError(f"the blur must lie between 0 and {BLURRIEST:g} pixels, got {sigma}")
    if sigma == 0:
        return x.clone()
    down, across = (_smear(side, sigma).to(x.device, x.dtype) for side in x.shape[2:])
    return (down @ x @ across.T).clamp(0.0, 1.0)  # rounding may step out by a hair


def occlude(x: Tensor, top: int, left: int, side: int) -> Tensor:
    """A black square over the picture, its upper left corner at row ``top`` and column ``left``, both from 0.

    What reaches over the edge is cut off. Raises ValueError for a corner outside the picture or a negative side.
    """
    height, width = x.shape[2:]
    if not (0 <= top < height and 0 <= left < width):
        raise ValueError(f"the block's corner must lie in the picture, 0 to {height - 1}, got ({top}, {left})")
    if side < 0:
        raise ValueError(f"the block's side must be at least 0 pixels, got {side}")
    covered = x.clone()
    covered[:, :, top : top + side, left : left + side] = 0.0
    return covered


@lru_cache(maxsize=64)
def _smear(side: int, sigma: float) -> Tensor:
    """The blur along one axis as a matrix (side, side), float64."""
    reach = int(4 * sigma + 0.5)
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
    total = (-0.5 * (offsets / sigma) ** 2).exp().sum()
    places = torch.arange(side, dtype=torch.float64)
    apart = places[:, None] - places
    return torch.where(apart.abs() <= reach, (-0.5 * (apart / sigma) ** 2).exp() / total, 0.0)


def _per_image(x: Tensor, strength: Strength, name: str, limit: float) -> Tensor:
    """One number for all or (N,) numbers, checked, in a shape that multiplies (N, 1, 28, 28)."""
    strength = torch.as_tensor(strength, dtype=x.dtype, device=x.device)
    if strength.dim() not in (0, 1) or (strength.dim() == 1 and len(strength) != len(x)):
        raise ValueError(f"{name} must be one number or one for each of {len(x)} images, got {tuple(strength.shape)}")
    if not bool(((strength >= 0.0) & (strength <= limit) & strength.isfinite()).all()):
        bounds = "at least 0" if limit == float("inf") else f"between 0 and {limit:g}"
        raise ValueError(f"{name} must be finite and {bounds}, got {strength.min():g} to {strength.max():g}")
    return strength.reshape(-1, 1, 1, 1)  # (N, 1, 1, 1) or (1, 1, 1, 1)
