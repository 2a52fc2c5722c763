"""The one training loop. It is a generator that yields facts; whoever iterates shows, logs or stops.

Every step draws its randomness from a seed of its own, and every epoch its order, so a run that was cut anywhere and
goes on from its state ends with the same bits as one that was never cut.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from explorer.models.base import Annealing, Autoencoder
from explorer.models.recipe import MOMENTUM, TrainingConfig

POINTS_PER_EPOCH = 40  # how often the loop reports


class Diverged(RuntimeError):
    """Training produced a number that is not finite; the model keeps the last finite weights."""

    def __init__(self, term: str, step: int) -> None:
        super().__init__(f"training diverged at step {step}: {term} is no longer finite")
        self.term, self.step = term, step


@dataclass(frozen=True)
class Progress:
    """Where training stands. ``losses`` is each named term's mean over the ``images`` seen since the last report."""

    step: int
    steps: int
    epoch: int  # finished epochs
    epochs: int
    losses: dict[str, float]
    learning_rate: float
    images: int
    seconds: float  # that these images took

    @property
    def at(self) -> float:
        """Position on the chart's axis, in epochs."""
        return self.step * self.epochs / self.steps


def train(model: Autoencoder, images: NDArray[np.uint8], config: TrainingConfig) -> Iterator[Progress]:
    """Train from scratch on images (N, 1, 28, 28) uint8. Raises Diverged."""
    return Training(model, images, config).run()


class Training:
    """A model, its training images and the optimiser between them; can be cut at any report and continued."""

    def __init__(
        self,
        model: Autoencoder,
        images: NDArray[np.uint8],
        config: TrainingConfig,
        state: bytes | None = None,
        device: str = "cpu",
    ) -> None:
        """Draws the first weights, or continues from ``state()``. Raises ValueError for a state of another run."""
        self.model, self.config = model, config
        images = images[: config.images]
        self.images = as_tensor(images)
        self.device = torch.device(device)
        self.steps_per_epoch = math.ceil(len(images) / config.batch_size)
        self.steps = config.epochs * self.steps_per_epoch
        self.step = 0
        if state is None:
            model.initialise(mean_image(images), torch.Generator().manual_seed(config.seed))
        self.optimiser = optimiser(model.to(device), config)
        if state is not None:
            self._restore(state)

    @property
    def epoch(self) -> int:
        """Finished epochs."""
        return self.step // self.steps_per_epoch

    def run(self, until_epoch: int | None = None) -> Iterator[Progress]:
        """Train to the end, or until so many epochs are finished. Raises Diverged."""
        torch.set_flush_denormal(True)  # subnormal gradients of ever-black pixels cost up to nine times the speed
        last = self.steps if until_epoch is None else min(self.steps, until_epoch * self.steps_per_epoch)
        every = max(1, self.steps_per_epoch // POINTS_PER_EPOCH)
        order, sums, seen, since = self._order(), dict[str, float](), 0, time.perf_counter()
        while self.step < last:
            within = self.step % self.steps_per_epoch
            order = self._order() if within == 0 else order
            x = self._images(order[within * self.config.batch_size :][: self.config.batch_size])
            for term, value in self._learn(x).items():
                sums[term] = sums.get(term, 0.0) + value * len(x)
            seen += len(x)
            if within % every == every - 1 or within == self.steps_per_epoch - 1:
                now = time.perf_counter()
                means = {term: total / seen for term, total in sums.items()}
                rate = self._learning_rate(self.step - 1)
                yield Progress(self.step, self.steps, self.epoch, self.config.epochs, means, rate, seen, now - since)
                sums, seen, since = {}, 0, time.perf_counter()  # what others did meanwhile is not our time

    def state(self) -> bytes:
        """All that is needed to go on, as safetensors in full precision."""
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors["step"] = torch.tensor(self.step)
        for number, parameter in enumerate(self.model.parameters()):
            for name, tensor in self.optimiser.state.get(parameter, {}).items():
                tensors[f"optimiser.{number}.{name}"] = tensor
        return safetensors.save({name: tensor.contiguous() for name, tensor in tensors.items()})

    def _learn(self, x: Tensor) -> dict[str, float]:
        """One step on x (B, 1, 28, 28); the value of each named term before it. Raises Diverged."""
        self.model.train()
        if isinstance(self.model, Annealing):
            self.model.anneal(self.step / self.steps)
        noise = torch.Generator().manual_seed(self.config.seed * 10_000_019 + self.step)
        losses = self.model.loss(x, self.model(x, noise))
        values = {term: loss.item() for term, loss in losses.items()}
        for term, value in values.items():
            if not math.isfinite(value):
                raise Diverged(term, self.step)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if not math.isfinite(length := norm.item()):
            raise Diverged("the gradient", self.step)
        if length > self.config.clip_norm:  # hardly ever, and a pass over all gradients less
            torch.nn.utils.clip_grads_with_norm_(self.model.parameters(), self.config.clip_norm, norm)
        self.optimiser.param_groups[0]["lr"] = self._learning_rate(self.step)
        self.optimiser.step()
        self.step += 1
        return values

    def _learning_rate(self, step: int) -> float:
        """A linear warm-up, then a cosine down to one per cent."""
        warm = self.config.warmup * self.steps
        if step < warm:
            return self.config.learning_rate * (step + 1) / (warm + 1)
        done = (step - warm) / max(1.0, self.steps - warm)
        return self.config.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))

    def _order(self) -> Tensor:
        """In which order this epoch sees the images."""
        seed = self.config.seed * 10_000_019 + 5_000_000 + self.epoch
        return torch.randperm(len(self.images), generator=torch.Generator().manual_seed(seed))

    def _images(self, which: Tensor) -> Tensor:
        """Indexing with brackets takes six times as long."""
        return self.images.index_select(0, which).to(self.device).float().div_(255)

    def _restore(self, state: bytes) -> None:
        try:
            tensors = safetensors.load(state)
            self.step = int(tensors.pop("step"))
            self.model.load_state_dict({name[6:]: t for name, t in tensors.items() if name.startswith("model.")})
        except (SafetensorError, RuntimeError, KeyError) as error:
            raise ValueError("the state cannot be continued: it is damaged or of another model") from error
        for number, parameter in enumerate(self.model.parameters()):
            prefix = f"optimiser.{number}."
            found = {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
            self.optimiser.state[parameter] = {name: t.to(parameter.device) for name, t in found.items()}
        if self.step > self.steps:
            raise ValueError(f"the state is at step {self.step}, and this training has {self.steps} steps")


def step_of(state: bytes) -> int:
    """At which step a state was taken. Raises ValueError for what is none."""
    try:
        return int(safetensors.load(state)["step"])
    except (SafetensorError, KeyError) as error:
        raise ValueError("the state cannot be continued: it is damaged") from error


def optimiser(model: Autoencoder, config: TrainingConfig) -> torch.optim.Optimizer:
    """The one that the settings name, over all of the model's weights."""
    if config.optimiser == "Adam":
        return torch.optim.AdamW(model.parameters(), weight_decay=config.weight_decay, fused=True)
    return torch.optim.SGD(model.parameters(), lr=0.0, momentum=MOMENTUM, weight_decay=config.weight_decay, fused=True)


def as_tensor(images: NDArray[np.uint8]) -> Tensor:
    """The same memory as a tensor; it must only be read. Read-only arrays make PyTorch warn, needlessly here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.from_numpy(images)


def mean_image(images: NDArray[np.uint8]) -> Tensor:
    """(N, 1, 28, 28) uint8 -> the mean image (1, 28, 28), in [0, 1]."""
    return torch.from_numpy(images.mean(axis=0, dtype=np.float64)).float() / 255
