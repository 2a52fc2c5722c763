"""How near a picture comes back for how many bytes: a model's rounded code, principal components, cosines, PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from explorer.analysis.codes import codes
from explorer.analysis.compression import FEW_BITS, MOST_BITS, IdealCoder, Quantiser, fit
from explorer.analysis.dct import QUALITIES, CosineCoder
from explorer.analysis.projection import Pca
from explorer.analysis.quality import psnr
from explorer.data.dataset import Pixels
from explorer.models.base import PIXELS, Decoding
from explorer.training.evaluate import BATCH

LEARNT_FROM = 2_000  # training digits for the ranges and frequencies of a code
COUNTED = 500  # training digits for the frequencies of the DCT's symbols: they have 8,000 blocks
FRAME = 8 + 25 + 12 + 12  # bytes that every PNG has: signature, size of the picture, frame of its data, end mark
FLOAT_BYTES = 4
ENOUGH = 0.1  # dB: as near to the unrounded code as this is near enough
BUDGETS = tuple(round(8 * 2 ** (step / 4)) for step in range(38))  # bits: from 1 byte to 608


@dataclass(frozen=True)
class Point:
    """One setting on test digits: bits a number (or the quality), mean bytes a picture, the same with an ideal entropy
    coder, and mean PSNR in dB."""

    setting: int
    size: float
    ideal: float
    decibels: float


class ModelCoder:
    """A model that writes its code with 1 to 16 bits a number; ranges and frequencies are those of training digits."""

    def __init__(self, model: Decoding, train_images: Pixels) -> None:
        known = codes(model, train_images[:LEARNT_FROM]).float()
        if not bool(known.isfinite().all()):
            raise ValueError("this model's codes are no numbers any more, so there is nothing to round")
        self.model, self.dim = model, known.shape[1]
        self.quantisers = fit(known, list(range(1, MOST_BITS + 1)))
        ideal = [IdealCoder.fit(one, known) for one in self.quantisers[: FEW_BITS + 1]]
        wide = self.quantisers[FEW_BITS + 1 :]  # the same ranges from here on, so the same first bits
        self._ideal = [*ideal, *(replace(ideal[-1], quantiser=one) for one in wide)]

    def quantiser(self, bits: int) -> Quantiser:
        """The one with so many bits a number."""
        return self.quantisers[bits - 1]

    def decoded(self, z: Tensor, bits: int) -> Tensor:
        """The pictures (N, 1, 28, 28) in [0, 1] of codes (N, D) that were rounded."""
        with torch.inference_mode():
            return self.model.decode(self.quantiser(bits)(z)).clamp(0, 1)

    def ideal_bits(self, z: Tensor, bits: int) -> Tensor:
        """Bits of the rounded codes (N, D) behind an ideal entropy coder: (N,)."""
        return self._ideal[bits - 1].size(z)

    def curve(self, x: Tensor) -> list[Point]:
        """A point for each number of bits, over images (N, 1, 28, 28) in [0, 1]; the last one is the unrounded code."""
        with torch.inference_mode():
            z = torch.cat([self.model.encode(part) for part in torch.split(x, BATCH)])
            whole = self.model.decode(z).clamp(0, 1)
        points = [
            _point(bits, self.quantiser(bits).size(z), self.ideal_bits(z, bits), x, self.decoded(z, bits))
            for bits in range(1, MOST_BITS + 1)
        ]
        exact = torch.full((len(z),), 8.0 * FLOAT_BYTES * self.dim)
        return [*points, _point(8 * FLOAT_BYTES, exact, exact, x, whole)]


def _point(setting: int, bits: Tensor, ideal: Tensor, x: Tensor, pictures: Tensor) -> Point:
    return Point(setting, float(bits.mean()) / 8, float(ideal.mean()) / 8, float(psnr(x, pictures).mean()))


def enough(points: Sequence[Point]) -> Point:
    """The fewest bits from which on no further bit brings more than a tenth of a decibel; the last is the unrounded."""
    *rounded, whole = points
    there = len(rounded) - 1
    while there > 0 and abs(rounded[there - 1].decibels - whole.decibels) <= ENOUGH:
        there -= 1
    return rounded[there]


class PcaCoder:
    """Principal components written in the same way: the first k, with equally many bits each."""

    def __init__(self, pca: Pca, train_images: Pixels) -> None:
        x = torch.from_numpy(train_images[:LEARNT_FROM].astype(np.float32) / 255)
        points = pca.project(x.flatten(1))
        self.pca, self.quantisers = pca, fit(points, list(range(1, MOST_BITS + 1)))
        energy = (x.flatten(1) - pca.mean).square().sum(dim=1).mean()
        kept = points.square().mean(dim=0)
        wrong = torch.stack([(one(points) - points).square().mean(dim=0) for one in self.quantisers])
        gained = torch.cat((torch.zeros(len(wrong), 1), (kept - wrong).cumsum(dim=1)), dim=1)
        self.error = (
            energy - gained
        ) / PIXELS  # (16, K + 1): per pixel, of the first k components, for training digits

    def best(self, budget: float) -> tuple[int, int]:
        """How many components, and bits for each: what comes nearest to training digits within a budget in bits."""
        k = torch.arange(self.error.shape[1])
        bits = torch.arange(1, MOST_BITS + 1).unsqueeze(1)
        which = int(self.error.masked_fill(k * bits > budget, torch.inf).argmin())
        return which % len(k), which // len(k) + 1

    def __call__(self, x: Tensor, k: int, bits: int) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] from their first k components, rounded."""
        points = self.quantisers[bits - 1](self.pca.project(x.flatten(1)))[:, :k]
        return (self.pca.mean + points @ self.pca.components[:k]).clamp(0, 1).reshape(x.shape)

    def curve(self, x: Tensor) -> list[Point]:
        """The best for each of BUDGETS, over images (N, 1, 28, 28); the setting is the number of components."""
        points = []
        for budget in BUDGETS:
            k, bits = self.best(budget)
            sizes = torch.full((len(x),), float(k * bits))
            points.append(_point(k, sizes, sizes, x, self(x, k, bits)))
        return list({point.size: point for point in points}.values())


class CosineLadder:
    """The cosines of JPEG at every quality, the smallest pictures first; frequencies are those of training digits."""

    def __init__(self, train_images: Pixels) -> None:
        x = torch.from_numpy(train_images[:COUNTED].astype(np.float32) / 255)
        self.coders = [CosineCoder.fit(x, quality) for quality in QUALITIES]

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, 1, 28, 28) -> at every quality (Q, N, 1, 28, 28), and their bits (Q, N)."""
        pictures, bits = zip(*(coder(x) for coder in self.coders), strict=True)
        return torch.stack(pictures), torch.stack(bits)

    def curve(self, x: Tensor) -> list[Point]:
        """A point for each quality, over images (N, 1, 28, 28)."""
        made = ((coder.quality, *coder(x)) for coder in self.coders)
        return [_point(quality, bits, bits, x, pictures) for quality, pictures, bits in made]


def within(bits: Tensor, budget: Tensor) -> Tensor:
    """Which quality each picture gets, the finest that its budget (N,) allows for, of (Q, N) bits: (N,).

    Where none is small enough it is the one with the fewest bits.
    """
    fits = bits <= budget
    last = len(bits) - 1 - fits.flip(0).int().argmax(dim=0)
    return torch.where(fits.any(dim=0), last, bits.argmin(dim=0))


def size_at(points: Sequence[Point], decibels: float) -> float | None:
    """Bytes at which a curve first reaches so many decibels, in a straight line from point to point; None if never."""
    if points[0].decibels >= decibels:
        return points[0].size
    for below, above in pairwise(points):
        if below.decibels < decibels <= above.decibels:
            share = (decibels - below.decibels) / (above.decibels - below.decibels)
            return below.size + share * (above.size - below.size)
    return None


def png_bytes(images: Pixels) -> list[int]:
    """Bytes of each uint8 picture (N, 1, 28, 28) as a PNG file, as small as Pillow makes it; FRAME of them in each."""
    return [len(png(picture[0])) for picture in images]


def png(picture: Pixels) -> bytes:
    """A PNG file of one picture (28, 28)."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", optimize=True)
    return file.getvalue()


def decoder_bytes(model: Decoding, dim: int) -> int:
    """Bytes, as 32-bit floats, of the weights on which a decoded picture depends."""
    with torch.enable_grad():
        picture = model.decode(torch.zeros(1, dim)).sum()
        weights = [one for one in model.parameters() if one.requires_grad]
        slopes: Sequence[Tensor | None] = torch.autograd.grad(picture, weights, allow_unused=True)
    return FLOAT_BYTES * sum(one.numel() for one, slope in zip(weights, slopes, strict=True) if slope is not None)
