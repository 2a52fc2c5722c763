"""Is the model well? Which numbers of its code carry information, and whether it fell into one of the known traps."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.analysis.dictionary import is_dead
from explorer.analysis.traversal import kl_per_dimension
from explorer.data.dataset import Dataset, Pixels
from explorer.models.base import PIXELS, Autoencoder, Generative
from explorer.training.evaluate import batches, reconstruct, squared_error

ACTIVE = 0.01  # variance of a posterior mean, in units of the prior, from which a number counts as active
SAME = 0.01  # share of the pictures' variance below which all reconstructions are the same picture
OVERFITTED = 1.5  # test error over training error
FAR = 3.0  # times the mean image's error, from which a model is not stuck but lost
COPYING = 0.25  # share of a code as wide as the picture that is awake, from which it is no longer sparse
LOOKED_AT = 1000  # images of each kind
CORRELATED = 24  # numbers in the correlation matrix


@dataclass(frozen=True)
class Health:
    """What was found over ``tested`` test digits, and over ``trained`` training digits.

    ``variance`` (D,) of the codes; ``dead`` (D,) bool, zero for every digit; ``kl`` (D,) in nats and ``active`` (D,)
    bool for a variational model, otherwise None; ``spread``: variance of the reconstructions over that of the digits;
    ``train_mse`` and ``test_mse`` per pixel; ``mean_mse``: the error of always answering the mean training image;
    ``awake``: the share of the codes' numbers that are not zero; ``learnt``: whether the model saw the training digits.
    """

    variance: Tensor
    dead: Tensor
    kl: Tensor | None
    active: Tensor | None
    spread: float
    train_mse: float
    test_mse: float
    mean_mse: float
    awake: float
    trained: int = LOOKED_AT
    tested: int = LOOKED_AT
    learnt: bool = True


def examined(model: Autoencoder, codes: Tensor, dataset: Dataset, learnt: int = LOOKED_AT) -> Health:
    """Look at a model in evaluation mode whose test codes are (N, D), and which learnt from so many training images.

    If it learnt from none of them, the first are looked at all the same. Raises ValueError for fewer than two codes.
    """
    if len(codes) < 2:
        raise ValueError(f"at least two codes are needed, got {len(codes)}")
    train, test = dataset.train_images[: min(learnt or LOOKED_AT, LOOKED_AT)], dataset.test_images[:LOOKED_AT]
    rebuilt = rebuilt_from(model, test)
    digits = torch.cat(list(batches(test)))
    mean = torch.from_numpy(dataset.train_images.mean(axis=0, dtype="float64")).float() / 255
    kl = active = None
    if isinstance(model, Generative):
        with torch.inference_mode():
            parts = [model.posterior(x) for x in batches(test)]
        means, log_variances = (torch.cat(part) for part in zip(*parts, strict=True))
        kl, active = kl_per_dimension(means, log_variances), active_units(means)
    return Health(
        variance=codes.double().var(dim=0).float(),
        dead=is_dead(codes),
        kl=kl,
        active=active,
        spread=float(rebuilt.var(dim=0).mean() / digits.var(dim=0).mean()),
        train_mse=float(squared_error(torch.cat(list(batches(train))), rebuilt_from(model, train)).mean()),
        test_mse=float(squared_error(digits, rebuilt).mean()),
        mean_mse=float((digits - mean).square().mean()),
        awake=float((codes != 0).float().mean()),
        trained=len(train),
        tested=len(test),
        learnt=learnt > 0,
    )


def active_units(means: Tensor, threshold: float = ACTIVE) -> Tensor:
    """Which numbers carry information: (N, D) posterior means -> (D,) bool.

    A number is active when its mean varies over the data by more than ``threshold``. All False is posterior collapse.
    Burda, Grosse and Salakhutdinov 2016.
    """
    return means.var(dim=0) > threshold


def correlation(codes: Tensor, which: list[int]) -> Tensor:
    """Pearson's correlation of some numbers of the codes (N, D): (len(which), len(which)); 0 where one is constant."""
    centred = codes[:, which] - codes[:, which].mean(dim=0)
    length = centred.norm(dim=0)
    unit = torch.where(length > 0, centred / length.clamp_min(1e-12), torch.zeros_like(centred))
    return unit.T @ unit


def rebuilt_from(model: Autoencoder, images: Pixels) -> Tensor:
    """Reconstructions (N, 1, 28, 28) of uint8 images; what a masking model hides is drawn with seed 0."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        return torch.cat([reconstruct(model, x, generator) for x in batches(images)])


def alarms(health: Health) -> list[str]:
    """What is wrong, why, and what helps, one sentence or two for each; empty for a healthy model."""
    found, size = [], len(health.variance)
    if health.active is not None and int(health.active.sum()) < 0.7 * size:
        active = int(health.active.sum())
        name = "posterior collapse" if active <= 0.1 * size else "many numbers were pruned"
        found.append(
            f"**{active} of {size} numbers carry information: {name}.** The price of the KL term was higher than what "
            "the others could save in reconstruction. A smaller β helps, or a KL warm-up, in which the decoder learns "
            "to use the code first."
        )
    dead = int(health.dead.sum())
    if dead > 0.1 * size:
        found.append(
            f"**{dead} of {size} numbers are never awake: dead units.** They are below zero for every digit, so no "
            "gradient reaches them any more. A smaller learning rate helps; too strong a sparsity price does the same."
        )
    if health.spread < SAME:
        found.append(
            "**Every digit gets the same reconstruction.** The decoder ignores the code: it answers with the mean "
            "image, or with black. A smaller learning rate with a warm-up helps; for a variational model a smaller β."
        )
    if health.test_mse > health.mean_mse * (1 if health.spread >= SAME else FAR):
        found.append(
            f"**Its error {health.test_mse:.4f} is worse than that of always answering the mean image, "
            f"{health.mean_mse:.4f}.** It was trained too briefly, or it diverged: a smaller learning rate helps."
        )
    if health.learnt and health.test_mse > OVERFITTED * health.train_mse and health.spread >= SAME:
        found.append(
            f"**Overfitted: the error is {health.train_mse:.4f} on training digits and {health.test_mse:.4f} on test "
            "digits.** It learnt its examples by heart. More examples help, a narrower code, or noise on the input."
        )
    if size >= PIXELS and health.awake > COPYING:
        found.append(
            f"**The code has {size} numbers for {PIXELS} pixels, {health.awake:.0%} of them awake: it may copy.** "
            "A small error then says nothing about what was learnt. A bottleneck helps, or a price for numbers that "
            "are awake, or noise on the input."
        )
    return found
