"""Every registered variant, as it is and with each of its knobs turned once; found by itself, no list to edit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from explorer.data.digits import embedded
from explorer.models.base import Annealing, Autoencoder
from explorer.models.checkpoint import Card
from explorer.models.knobs import Choice, Config, Knob, Slider, knobs
from explorer.models.registry import Variant, named, variants

torch.set_num_threads(1)  # models this small only wait for a second thread, and longer where others compute


NEEDED: dict[tuple[str, str], dict[str, Any]] = {("dense", "width"): {"depth": 1}}  # without a hidden layer no width


@dataclass(frozen=True)
class Case:
    """A variant and settings for it; ``knob`` is the one that differs from the ``plain`` settings, empty for none."""

    variant: Variant
    config: Config
    knob: str = ""

    @property
    def plain(self) -> Config:
        """The variant's defaults, or where the knob does nothing with those, settings with which it does."""
        return self.variant.config.from_dict(NEEDED.get((self.variant.name, self.knob), {}))

    def __str__(self) -> str:
        return f"{self.variant.name}-{self.knob}={getattr(self.config, self.knob)}" if self.knob else self.variant.name

    def model(self, seed: int = 0) -> Autoencoder:
        """A fresh model in training mode."""
        return made(self.variant, self.config, seed)


def made(variant: Variant, config: Config, seed: int = 0) -> Autoencoder:
    """A fresh model of a variant, initialised with the stand-in digits' mean image."""
    model = variant.model(config)
    model.initialise(images(300).mean(dim=0), seeded(seed))
    return model


def model_of(name: str, **settings: Any) -> Autoencoder:
    """A fresh model of the named variant; what is not set keeps its default."""
    return made(named(name), named(name).config.from_dict(settings))


def seeded(seed: int) -> torch.Generator:
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def images(n: int, start: int = 0) -> Tensor:
    """Stand-in digits for training, (n, 1, 28, 28) in [0, 1]."""
    return torch.from_numpy(embedded().train_images[start : start + n].copy()).float() / 255


def trained(model: Autoencoder, steps: int, rate: float = 3e-3, batch: int = 64) -> Autoencoder:
    """The model after a few plain Adam steps on stand-in digits."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    model.train()
    for step in range(steps):
        x = images(batch, start=step * batch % 1280)
        optimiser.zero_grad()
        total(model, x, seed=step).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return model


def total(model: Autoencoder, x: Tensor, seed: int = 0) -> Tensor:
    """What is minimised: the sum of the named terms."""
    return torch.stack(list(model.loss(x, model(x, seeded(seed))).values())).sum()


def card_for(case: Case, weights: bytes) -> Card:
    """A card that fits these weights."""
    return Card(
        name=case.variant.name,
        title="for a test",
        variant=case.variant.name,
        settings=case.config.as_dict(),
        training=case.variant.training.as_dict(),
        dataset="digits",
        dataset_sha256="0" * 64,
        epochs=1,
        figures={"mse": 0.5},
        seconds=1.5,
        threads=1,
        device="cpu",
        torch_version=torch.__version__,
        weights_sha256=hashlib.sha256(weights).hexdigest(),
    )


def fingerprint(model: Autoencoder, x: Tensor) -> tuple[object, ...]:
    """All that a knob could change: size, loss and output in training and outside, early in training."""
    if isinstance(model, Annealing):
        model.anneal(0.1)
    facts: list[object] = [sum(p.numel() for p in model.parameters())]
    for mode in (True, False):
        model.train(mode)
        with torch.no_grad():
            output = model(x, seeded(1))
            facts += [output.reconstruction.sum().item(), total(model, x, seed=1).item()]
    return tuple(facts)


def other_values(knob: Knob, value: object) -> tuple[object, ...]:
    """Legal values beside ``value``: every other choice, or the two ends of a slider, the near one first."""
    if isinstance(knob, Choice):
        return tuple(option for option in knob.options if option != value)
    if isinstance(knob, Slider):
        ends = (knob.low, knob.high) if isinstance(value, float) else (round(knob.low), round(knob.high))
        return tuple(end for end in ends if end != value)
    return (not value,)


def turned(variant: Variant, name: str) -> Iterator[Case]:
    """The variant with one knob turned, to every other choice or to the first end of the slider that is allowed."""
    knob, plain = knobs(variant.config)[name], Case(variant, variant.config(), name).plain
    for value in other_values(knob, getattr(plain, name)):
        try:
            yield Case(variant, replace(plain, **{name: value}), name)
        except ValueError:  # a rule between knobs forbids this one
            continue
        if isinstance(knob, Slider):
            return


DEFAULTS = [Case(variant, variant.config()) for variant in variants().values()]
TURNED = [case for variant in variants().values() for name in knobs(variant.config) for case in turned(variant, name)]
CASES = [*DEFAULTS, *TURNED]
