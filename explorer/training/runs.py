"""A run: which variant, with which settings, on which data, from which seed -> a trained model with its card.

``execute`` is what a worker does. It is a generator of events, plain dictionaries of JSON values and bytes that travel
between processes, so whoever runs it (a worker, a test, the program that fills ``pretrained/``) sees the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from explorer.data import digits, mnist
from explorer.data.dataset import Dataset, Pixels
from explorer.models.base import Autoencoder
from explorer.models.checkpoint import FIGURE_LIMIT, Card, pack, round_to_half
from explorer.models.knobs import Config, shown
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named, parameter_count
from explorer.training.evaluate import batches, evaluate, reconstruct, squared_error
from explorer.training.train import Diverged, Progress, Training, mean_image

Event = dict[str, Any]

PARAMETER_LIMIT = 5_000_000
CUT_IMAGES = 2000  # test images on which a run is measured that was cut, so that one sees it soon
SHOWN_IMAGES = 1000  # test images behind the test error that is drawn while training runs
MOMENTS = 30  # at most so many times a run tells where test codes lie, closer together at its start
MOMENT_IMAGES = 2000
STATE_SECONDS = 5.0  # how much work a killed worker may cost


@dataclass(frozen=True)
class RunSpec:
    """All that decides a run's result."""

    variant: str
    settings: Mapping[str, Any]
    training: Mapping[str, Any]
    dataset: str = "mnist"

    def checked(self) -> tuple[Config, TrainingConfig]:
        """The settings as objects. Raises ValueError for unknown, wrong or too large ones before memory is used."""
        variant = named(self.variant)
        config, training = variant.config.from_dict(self.settings), TrainingConfig.from_dict(self.training)
        if self.dataset not in ("mnist", "digits"):
            raise ValueError(f"dataset must be mnist or digits, got {shown(self.dataset)}")
        parameters = parameter_count(variant, config)
        if parameters > PARAMETER_LIMIT:
            raise ValueError(f"the model would have {parameters:,} parameters, the limit is {PARAMETER_LIMIT:,}")
        return config, training

    @property
    def key(self) -> str:
        """Equal for equal runs: the SHA-256 of all settings, defaults written out."""
        config, training = self.checked()
        whole = [self.variant, config.as_dict(), training.as_dict(), self.dataset]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def never() -> bool:
    """The answer of someone who does not want to stop."""
    return False


def execute(
    spec: RunSpec,
    *,
    state: bytes | None = None,
    until_epoch: int | None = None,
    stopping: Callable[[], bool] = never,
    dataset: Dataset | None = None,
    device: str = "cpu",
) -> Iterator[Event]:
    """Train, and yield what happens; the last event is ``finished``. Raises ValueError for bad settings.

    ``dataset``: what to train on in the place of the one that the run names; ``device``: PyTorch's name of where.

    ``progress``: step, steps, at (in epochs), epoch, epochs, losses, learning_rate, images_per_second, seconds.
    ``epoch``: epoch, test_mse, pictures (ten test digits as the model now gives them, bytes of 10 x 784).
    ``moment``: step, at, test_mse, pictures, codes (bytes of float32), size (numbers in a code); from step 0 on.
    ``warning``: text. ``state``: step, state (continue from there). ``finished``: status (done, paused, stopped or
    diverged), text, weights, card, state.
    """
    spec.checked()
    run = _Run(spec, dataset or loaded(spec.dataset), state, device)
    training, watch, saved = run.training, time.perf_counter(), time.perf_counter()
    status, text = "done", ""
    try:
        if training.step % training.steps_per_epoch == 0:  # not where a cut run goes on in the middle of an epoch
            yield run.look()
        if training.step == 0:
            yield run.moment()
        for progress in training.run(until_epoch):
            yield run.report(progress, time.perf_counter() - watch)
            if run.is_due():
                yield run.moment()
            if training.step % training.steps_per_epoch == 0:
                yield from run.after_epoch()
            if training.step < training.steps and stopping():
                status, text = "stopped", f"stopped after {progress.at:.1f} of {progress.epochs} epochs, weights kept"
                break
            if time.perf_counter() - saved > STATE_SECONDS:
                saved = time.perf_counter()
                yield {"kind": "state", "step": training.step, "state": training.state()}
    except Diverged as diverged:
        status, text = "diverged", str(diverged)
    if status == "done" and training.step < training.steps:
        status, text = "paused", f"paused after epoch {training.epoch} of {training.config.epochs}"
    yield run.finished(status, text, time.perf_counter() - watch)


def loaded(name: str) -> Dataset:
    """The data set of that name. Raises ValueError when MNIST is asked for and not on this machine."""
    dataset = digits.embedded() if name == "digits" else mnist.available()
    if dataset is None:
        raise ValueError("this run needs MNIST, and MNIST is not on this machine")
    return dataset


def one_of_each(labels: Pixels) -> list[int]:
    """Where the first image of each digit stands: ten places."""
    return [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]


class _Run:
    """A model in training and what is told about it."""

    def __init__(self, spec: RunSpec, dataset: Dataset, state: bytes | None, device: str) -> None:
        self.spec, self.dataset = spec, dataset
        self.config, training = spec.checked()
        self.model: Autoencoder = named(spec.variant).model(self.config)
        self.training = Training(self.model, dataset.train_images, training, state, device)
        self.samples = dataset.test_images[one_of_each(dataset.test_labels)]
        mean = mean_image(dataset.train_images)
        self.moments = np.geomspace(1, self.training.steps, MOMENTS - 1)
        self.told = self._due()
        self.mean_error = float((_floats(dataset.test_images[:SHOWN_IMAGES]) - mean).square().mean())

    def report(self, progress: Progress, seconds: float) -> Event:
        facts = asdict(progress) | {"kind": "progress", "at": progress.at, "seconds": seconds}
        facts["images_per_second"] = facts.pop("images") / max(progress.seconds, 1e-9)
        return facts

    def is_due(self) -> bool:
        """Whether it is time for another moment; True once for each."""
        before, self.told = self.told, self._due()
        return self.told > before

    def _due(self) -> int:
        return int((self.moments <= self.training.step).sum())

    def moment(self) -> Event:
        """Where the codes of test images lie now, and all that ``look`` sees. Raises Diverged."""
        seen, device = self.look(), self.training.device
        with torch.no_grad():
            codes = torch.cat(
                [self.model.encode(x.to(device)) for x in batches(self.dataset.test_images[:MOMENT_IMAGES])]
            ).cpu()
        if not bool(codes.isfinite().all()):
            raise Diverged("the code", self.training.step)
        at = self.training.step / self.training.steps_per_epoch
        told = {"step": self.training.step, "at": at, "codes": codes.float().numpy().tobytes(), "size": codes.shape[1]}
        return {**seen, "kind": "moment", **told}

    def look(self) -> Event:
        """The ten sample digits and the test error as they are now. Raises Diverged."""
        self.model.eval()
        generator, device = torch.Generator().manual_seed(0), self.training.device
        with torch.no_grad():
            pictures = reconstruct(self.model, _floats(self.samples).to(device), generator).cpu()
            some = _floats(self.dataset.test_images[:SHOWN_IMAGES]).to(device)
            error = float(squared_error(some, reconstruct(self.model, some, generator)).mean())
        if not math.isfinite(error):
            raise Diverged("the test error", self.training.step)
        seen = (pictures.clamp(0, 1) * 255).round().byte().numpy().tobytes()
        return {"kind": "epoch", "epoch": self.training.epoch, "test_mse": error, "pictures": seen}

    def after_epoch(self) -> Iterator[Event]:
        event = self.look()
        yield event
        if event["epoch"] == 1 and event["test_mse"] >= self.mean_error:
            yield {
                "kind": "warning",
                "text": f"after one epoch the error {event['test_mse']:.4f} is no better than answering the mean "
                f"image every time ({self.mean_error:.4f}): the network may be stuck",
            }

    def finished(self, status: str, text: str, seconds: float) -> Event:
        state = self.training.state() if status in ("paused", "stopped") else None
        self.model.cpu()
        round_to_half(self.model)
        self.model.eval()
        weights = pack(self.model)
        tested = self.dataset.test_images if status == "done" else self.dataset.test_images[:CUT_IMAGES]
        card = asdict(self._card(weights, seconds, tested))
        return {"kind": "finished", "status": status, "text": text, "weights": weights, "card": card, "state": state}

    def _card(self, weights: bytes, seconds: float, tested: Pixels) -> Card:
        figures = evaluate(self.model, tested)
        size = getattr(self.config, "latent_dim", 0)
        return Card(
            name=self.spec.variant,
            title=f"{size} numbers, seed {self.training.config.seed}",
            variant=self.spec.variant,
            settings=self.config.as_dict(),
            training=self.training.config.as_dict(),
            dataset=self.dataset.name,
            dataset_sha256=self.dataset.sha256,
            epochs=self.training.epoch,
            figures={name: value for name, value in figures.items() if abs(value) < FIGURE_LIMIT},  # nor NaN
            seconds=round(seconds, 2),
            threads=torch.get_num_threads(),
            device=self.training.device.type,
            torch_version=torch.__version__,
            weights_sha256=hashlib.sha256(weights).hexdigest(),
            tested=len(tested),
        )


def _floats(images: Pixels) -> torch.Tensor:
    return torch.from_numpy(images.astype(np.float32) / 255)
