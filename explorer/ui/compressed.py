"""What becomes of digits in few bytes: pictures with their figures, a verdict in words, rate over distortion."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.analysis.dct import QUALITIES
from explorer.analysis.quality import psnr
from explorer.analysis.rate import (
    FLOAT_BYTES,
    FRAME,
    CosineLadder,
    ModelCoder,
    PcaCoder,
    Point,
    png_bytes,
    within,
)
from explorer.data.dataset import Dataset
from explorer.models.base import Decoding
from explorer.training.evaluate import batches
from explorer.ui.components.sheet import digits_sheet
from explorer.ui.denoised import components
from explorer.ui.explorer import Explorer
from explorer.ui.gallery import Exhibit, Gallery
from explorer.ui.images import base64_of
from explorer.ui.kept import Kept

CURVE_DIGITS = 200
EXACT = 99.9  # dB: no pixel differs
BREATH = 0.3  # seconds
NICE = 15
WAIT = 10.0  # seconds between two looks whether MNIST has come

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rivals:
    """What a model competes with, learnt from the training digits and measured on test digits.

    ``pca_curve`` and ``cosine_curve`` are rate over distortion; ``png`` is the mean size of a file in bytes.
    """

    pca: PcaCoder
    cosines: CosineLadder
    pca_curve: list[Point]
    cosine_curve: list[Point]
    png: float


@dataclass(frozen=True)
class Squeezed:
    """Pictures (N, 1, 28, 28) under a name, the bits of each (N,), how each was made, and its PSNR in dB (N,)."""

    name: str
    images: Tensor
    bits: Tensor
    notes: tuple[str, ...]
    decibels: Tensor

    @property
    def figures(self) -> list[str]:
        """Bytes and decibels of each picture."""
        return [described(*one) for one in zip(self.bits.tolist(), self.decibels.tolist(), strict=True)]

    @property
    def mean(self) -> str:
        """The same of all together."""
        return described(float(self.bits.mean()), float(self.decibels.mean()))


def described(bits: float, decibels: float) -> str:
    """Bytes and decibels in words."""
    return f"{byte(bits / 8)}, {f'{decibels:.1f} dB' if decibels < EXACT else 'exact'}"


_rivals: Kept[Rivals] = Kept(2)
_coders: Kept[ModelCoder] = Kept(24)
_curves: Kept[list[Point]] = Kept(48)
_cosines: Kept[tuple[Tensor, Tensor]] = Kept(48)


def measured(dataset: Dataset) -> Tensor:
    """The test digits that all curves are drawn of: (N, 1, 28, 28)."""
    return torch.cat([*batches(dataset.test_images[:CURVE_DIGITS])])


def rivals(dataset: Dataset) -> Rivals:
    """Found once for all visitors."""

    def made() -> Rivals:
        x, train = measured(dataset), dataset.train_images
        pca, cosines = PcaCoder(components(dataset), train), CosineLadder(train)
        files = png_bytes(dataset.test_images[:CURVE_DIGITS])
        return Rivals(pca, cosines, pca.curve(x), cosines.curve(x), sum(files) / len(files))

    return _rivals.get(dataset.sha256, made)


def coder(exhibit: Exhibit, dataset: Dataset) -> ModelCoder:
    """The model with its quantisers, kept. Raises ValueError for a model that cannot decode, or has no finite codes."""
    model = exhibit.model
    if not isinstance(model, Decoding):
        raise ValueError("this model has no decoder from a code to a picture, so its code cannot stand for one")
    key = (exhibit.card.weights_sha256, dataset.sha256)
    return _coders.get(key, lambda: ModelCoder(model, dataset.train_images))


def curve(exhibit: Exhibit, dataset: Dataset) -> list[Point]:
    """The model's rate over distortion, kept. Raises ValueError as ``coder`` does."""
    key = (exhibit.card.weights_sha256, dataset.sha256)
    return _curves.get(key, lambda: coder(exhibit, dataset).curve(measured(dataset)))


def prepare(explorer: Explorer) -> None:
    """Fit the rivals and every shipped model's coder, so that no visitor waits for them; again when MNIST has come."""
    if sys.platform == "linux":  # where a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    fitted = ""
    while True:
        dataset = explorer.library.dataset
        if dataset.sha256 != fitted:
            explorer.prepared.clear()
            try:
                fit_all(explorer.gallery, dataset)
            except Exception:
                log.exception("what Compress needs could not be fitted beforehand")
            fitted = dataset.sha256
            explorer.prepared.set()
        if not dataset.is_stand_in:
            return
        time.sleep(WAIT)


def fit_all(gallery: Gallery, dataset: Dataset) -> None:
    """With a breath after each model, in which the server answers visitors."""
    rivals(dataset)
    for name in gallery.shipped:
        with suppress(ValueError):  # it has no decoder, no finite codes, or a damaged file
            curve(gallery.open(name, dataset), dataset)
        time.sleep(BREATH)


def squeezed(exhibit: Exhibit, dataset: Dataset, x: Tensor, bits: int) -> list[Squeezed]:
    """Pictures x (N, 1, 28, 28) as PNG, by the model's code unrounded and rounded, and by PCA and DCT in as many bits.

    Each picture's own bits are the budget of its rivals.
    """
    own, others = coder(exhibit, dataset), rivals(dataset)
    with torch.inference_mode():
        z = own.model.encode(x)
        whole = own.model.decode(z).clamp(0, 1)
    size, ideal = own.quantiser(bits).size(z), own.ideal_bits(z, bits)
    ladder = _cosines.get((dataset.sha256, x.numpy().tobytes()), lambda: others.cosines(x))
    grey = (x * 255).round().byte().numpy()
    files = torch.tensor([8.0 * count for count in png_bytes(grey)])
    floats = torch.full_like(size, 8.0 * FLOAT_BYTES * own.dim)
    found = [
        ("the picture as a PNG", x, files, [f"{FRAME} of them are the file's frame"] * len(x)),
        ("the code, unrounded", whole, floats, [f"{own.dim:,} numbers of 32 bits"] * len(x)),
        ("the code, rounded", own.decoded(z, bits), size, code_notes(own, z, bits, ideal)),
        ("PCA", *by_components(others.pca, x, size)),
        ("DCT, as in JPEG", *by_cosines(ladder, size)),
    ]
    return [Squeezed(name, images, b, tuple(notes), psnr(x, images)) for name, images, b, notes in found]


def code_notes(own: ModelCoder, z: Tensor, bits: int, ideal: Tensor) -> list[str]:
    """How each code (N, D) is written."""
    sparse = own.quantiser(bits).is_sparse
    counts = (z != 0).sum(dim=1).tolist() if sparse else [own.dim] * len(z)
    awake = " awake" if sparse else ""
    return [
        f"{count:,}{awake} × {bits} bits{' and their places' if sparse else ''}; {byte(one / 8)} with an entropy coder"
        for count, one in zip(counts, ideal.tolist(), strict=True)
    ]


def by_components(pca: PcaCoder, x: Tensor, budget: Tensor) -> tuple[Tensor, Tensor, list[str]]:
    """Pictures (N, 1, 28, 28), bits (N,) and notes of the best that PCA does within a budget in bits for each (N,)."""
    chosen = [pca.best(one) for one in budget.tolist()]
    images = torch.cat([pca(x[i : i + 1], *how) for i, how in enumerate(chosen)])
    sizes = torch.tensor([float(k * bits) for k, bits in chosen])
    return images, sizes, [f"{k} components × {bits} bits" for k, bits in chosen]


def by_cosines(made: tuple[Tensor, Tensor], budget: Tensor) -> tuple[Tensor, Tensor, list[str]]:
    """The same of the DCT, of what a CosineLadder made.

    Where it cannot be small enough it is as small as it can be, and the note says so.
    """
    pictures, sizes = made
    which, every = within(sizes, budget), torch.arange(len(budget))
    bits = sizes[which, every]
    notes = [
        f"quality {QUALITIES[place]}" + ("" if fits else ": it cannot be smaller")
        for place, fits in zip(which.tolist(), (bits <= budget).tolist(), strict=True)
    ]
    return pictures[which, every], bits, notes


def one_picture(found: Sequence[Squeezed]) -> dict[str, Any]:
    """What the SqueezePanel component shows of a single picture."""
    captions = [[one.name, one.figures[0], one.notes[0]] for one in found]
    return {"pictures": base64_of(torch.cat([one.images for one in found])), "captions": captions}


def sheet_of(found: Sequence[Squeezed]) -> dict[str, Any]:
    """Several digits, a column each, a row for each way."""
    columns = len(found[0].images)
    captions = [
        f"{bits / 8:.0f} B" if one is found[0] else f"{dB:.1f} dB"
        for one in found
        for bits, dB in zip(one.bits.tolist(), one.decibels, strict=True)
    ]
    rows = [f"{one.name}: {one.mean}" for one in found]
    pictures = base64_of(torch.cat([one.images for one in found]))
    return digits_sheet(pictures, columns, "squeezed digits", captions=captions, rows=rows)


def byte(count: float) -> str:
    """Bytes in words; fractions where they count, for many pictures in one file share their bytes."""
    if count < 10 and count != round(count):
        return f"{count:.2g} bytes"
    return "1 byte" if count == 1 else f"{count:,.0f} bytes"
