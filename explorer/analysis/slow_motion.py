"""One image's way through a model, step by step: every layer's numbers to the code, and back to the image."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from explorer.analysis.moments import Moment, Picture, drawn, ink, number, same, verdict
from explorer.analysis.operations import told, watched
from explorer.analysis.slow_patches import patch_by_patch
from explorer.analysis.slow_rows import row_by_row
from explorer.analysis.slow_skips import down_and_up
from explorer.models.base import PIXELS, Autoencoder, Decoding, Generative, Masking
from explorer.models.variants.sequence import Sequence
from explorer.models.variants.unet import UNet

START = "784 pixels, from black 0 to white 1. Step by step they are turned into a code, and the code into pixels again."


def slow_motion(model: Autoencoder, x: Tensor, generator: torch.Generator, noise: float = 0.0) -> list[Moment]:
    """Every step of a model in evaluation mode on one image x (1, 1, 28, 28) in [0, 1], in order.

    All numbers are what the model's own modules compute. The last step's last picture is the reconstruction that
    ``evaluate.reconstruct`` gives, the last step of the part "code" shows ``encode(x)``. With ``noise`` a generative
    model decodes z = mean + noise * deviation * draw instead, as in training for 1; the draw comes from the generator,
    and so do the patches that a masking model hides. Raises ValueError for another shape or for other models.
    """
    if x.shape != (1, 1, 28, 28):
        raise ValueError(f"slow motion shows one image (1, 1, 28, 28), got {tuple(x.shape)}")
    with torch.inference_mode():
        if isinstance(model, Masking):
            return patch_by_patch(model, x, generator)
        if isinstance(model, Sequence):
            return row_by_row(model, x)
        if isinstance(model, UNet):
            return down_and_up(model, x)
        if not isinstance(model, Decoding):
            raise ValueError(f"slow motion needs a model that decodes or masks, got {type(model).__name__}")
        if isinstance(model, Generative):
            way, z = gaussian(model, x, generator, noise)
        else:
            way, z = plain(model, x)
        return [*way, *decoded(model, x, z, way[-1].pictures[-1])]


def beginning(x: Tensor) -> Moment:
    """The input on its own."""
    return Moment("encoder", "The input", START, (ink("input", x[0]),))


def plain(model: Decoding, x: Tensor) -> tuple[list[Moment], Tensor]:
    """From the input to the code, and the code (1, D)."""
    first = beginning(x)
    z, operations = watched(model.encode, x)
    steps = [first, *told("encoder", first.pictures[0], operations)]
    last = steps[-1].pictures[-1]
    shown = (replace(last, name="code z"),) if same(last.values, z) else (last, drawn("code z", z[0]))
    return [*steps, bottleneck(shown)], z


def bottleneck(shown: tuple[Picture, ...], more: str = "") -> Moment:
    """The code, the last of the pictures, and what it is in words."""
    z = shown[-1].values
    awake, size = int((z != 0).sum()), z.numel()
    words = f"These {size:,} numbers are all that the decoder is given. {more}"
    if size < PIXELS / 2:
        words += f"The image had {PIXELS}."
    elif awake < size / 2:
        words += f"Only {awake:,} of them are not zero."
    return Moment("code", "The code", words.strip(), shown, "→" * (len(shown) - 1))


def gaussian(model: Generative, x: Tensor, generator: torch.Generator, noise: float) -> tuple[list[Moment], Tensor]:
    """The same for a code that is a cloud: its mean and deviation, the noise that is drawn, and the sample."""
    first = beginning(x)
    (mean, log_variance), operations = watched(model.posterior, x)
    layers = [one for one in operations if one.name != "clamp"]  # it only keeps the variance from overflowing
    steps = [first, *told("encoder", first.pictures[0], layers)]
    deviation = (log_variance / 2).exp()
    mu, log, sigma = drawn("mean μ", mean[0]), drawn("ln σ²", log_variance[0]), drawn("deviation σ", deviation[0])
    halves = (
        "One half is the mean μ of a cloud of codes, the other the logarithm of its variance, which may be negative."
    )
    steps.append(Moment("encoder", "Two halves", halves, (steps[-1].pictures[-1], mu, log), "→&"))
    words = (
        f"σ = exp(½ ln σ²), at least {number(float(deviation.min()))}, at most {number(float(deviation.max()))}: how "
    )
    words += "wide the cloud is in each direction. A σ near 1 with a μ near 0 is the prior: such a number says nothing."
    steps.append(Moment("encoder", "The deviation", words, (log, sigma), "→"))
    if noise == 0:
        words = "Outside training no noise is drawn: the middle of the cloud is the code."
        return [*steps, bottleneck((replace(mu, name="code z = μ"),), f"{words} ")], mean
    draw = noise * torch.randn(mean.shape, generator=generator).to(mean)
    z = mean + deviation * draw
    sample = drawn("z", z[0])
    words = (
        "A number is drawn from N(0, 1) for each dimension, times σ, plus μ: one point of the cloud. In training each "
    )
    words += "image gets another one every time, so that all of the cloud has to decode into something like it."
    pictures = (mu, sigma, drawn("noise ε", draw[0]), sample)
    steps.append(Moment("encoder", "A draw from the cloud", words, pictures, "+×="))
    return [*steps, bottleneck((replace(sample, name="code z"),))], z


def decoded(model: Decoding, x: Tensor, z: Tensor, code: Picture) -> list[Moment]:
    """From the code to the reconstruction."""
    result, operations = watched(model.decode, z)
    steps = told("decoder", code, operations)
    output = ink("reconstruction", result[0])
    if steps and same(steps[-1].pictures[-1].values, result):
        last = steps.pop()
        return [*steps, replace(last, words=f"{last.words} {verdict(x, result)}", pictures=(last.pictures[0], output))]
    before = steps[-1].pictures[-1] if steps else code
    return [*steps, Moment("decoder", "The reconstruction", verdict(x, result), (before, output), "→")]
