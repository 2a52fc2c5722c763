"""The models on show: the shipped ones, and what visitors have trained."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explorer.analysis.codes import codes
from explorer.analysis.maps import Maps, draw
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder
from explorer.models.checkpoint import Card, CheckpointError, load
from explorer.models.checkpoint import unpack as unpack_model
from explorer.models.registry import Variant, named
from explorer.training.shipped import FAILURES
from explorer.training.store import RunStore
from explorer.ui.kept import Kept

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parents[2] / "pretrained"
CODES_KEPT = 160 * 2**20  # bytes of codes held in memory
OPEN = 24  # models held in memory; any other is read again when somebody looks at it


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A model, its card, and its maps over the test digits that are on show."""

    id: str
    card: Card
    model: Autoencoder
    maps: Maps

    @property
    def variant(self) -> Variant:
        """What kind of autoencoder it is."""
        return named(self.card.variant)


class Gallery:
    """Opens models by id, a shipped model's name or a visitor's unguessable one. Thread-safe."""

    def __init__(self, store: RunStore, shipped: Path = SHIPPED) -> None:
        self.store, self.folder = store, shipped
        self.shipped: dict[str, Card] = {}
        self.broken: dict[str, str] = {}  # shipped models that cannot be used, and why
        self._open = Kept[Exhibit](OPEN)
        self._drawing = threading.Lock()  # of maps: the memory for one at a time
        self._codes: OrderedDict[tuple[str, str], Tensor] = OrderedDict()
        self._encoding = threading.Lock()
        for file in sorted(shipped.glob("*.json")):
            try:
                self.shipped[file.stem] = Card.from_json(file.read_bytes())
            except (OSError, CheckpointError) as error:
                self.broken[file.stem] = str(error)

    def of(self, variant: str, mine: Sequence[str] = (), chosen: str = "") -> list[dict[str, object]]:
        """What the picker offers for a variant: the shipped models, the plain one first, then the visitor's own.

        Of the exhibits of failed trainings only the one that was chosen, if any.
        """
        names = sorted(
            (n for n, card in self.shipped.items() if card.variant == variant and (n not in FAILURES or n == chosen)),
            key=lambda n: (n in FAILURES, n != variant, n),
        )
        offered: list[dict[str, object]] = [
            {
                "id": n,
                "title": self.shipped[n].title,
                "detail": "exhibit" if n in FAILURES else f"shipped, {_epochs(self.shipped[n])}",
                "mine": False,
            }
            for n in names
            if n not in self.broken
        ]
        for run in mine:
            with suppress(CheckpointError):  # gone since, or damaged
                card = self.store.card(run)
                if card.variant == variant:
                    detail = f"yours, {_epochs(card)}"
                    offered.append({"id": run, "title": card.title, "detail": detail, "mine": True})
        return offered

    def open(self, model_id: str, dataset: Dataset) -> Exhibit:
        """The model with maps for this data set. Raises CheckpointError in one sentence."""
        key = (model_id, dataset.sha256)
        return self._open.get(key, lambda: self._read(model_id, dataset))

    def check(self) -> None:
        """Find the shipped models whose weights are not what their card says; they are ``broken`` from then on."""
        for name in [*self.shipped]:
            try:
                card, weights = self.on_disk(name)
                if hashlib.sha256(weights).hexdigest() != card.weights_sha256:
                    raise CheckpointError(f"the checkpoint {name} is damaged: its SHA-256 is not that of its card")
            except CheckpointError as error:
                log.warning("a shipped model cannot be used: %s", error)
                self.broken[name] = str(error)

    def on_disk(self, model_id: str) -> tuple[Card, bytes]:
        """A model's card and weights as they lie on the disk. Raises CheckpointError."""
        if model_id not in self.shipped:
            return self.store.read(model_id)[:2]
        try:
            return self.shipped[model_id], (self.folder / f"{model_id}.safetensors").read_bytes()
        except OSError as error:
            raise CheckpointError(f"the checkpoint {model_id} cannot be read: {error.strerror}") from error

    def codes(self, exhibit: Exhibit, dataset: Dataset) -> Tensor:
        """The codes of all test digits: (N, D) float32."""
        key = (exhibit.id, dataset.sha256)
        with self._encoding:
            if key not in self._codes:
                self._codes[key] = codes(exhibit.model, dataset.test_images).float()
                while len(self._codes) > 1 and sum(z.nbytes for z in self._codes.values()) > CODES_KEPT:
                    self._codes.popitem(last=False)
            self._codes.move_to_end(key)
            return self._codes[key]

    def replay(self, model_id: str) -> bytes:
        """The replay of a model's training as ``analysis.replay`` wrote it; empty where there is none."""
        if model_id not in self.shipped:
            return self.store.replay(model_id)
        file = self.folder / f"{model_id}.replay"
        return file.read_bytes() if file.exists() else b""

    def add_points(self, exhibit: Exhibit, dataset: Dataset, name: str, points: NDArray[np.float32]) -> None:
        """Another projection of a model's codes, kept with the model."""
        maps = replace(exhibit.maps, points={**exhibit.maps.points, name: points})
        self._open.put((exhibit.id, dataset.sha256), replace(exhibit, maps=maps))
        if exhibit.id not in self.shipped:
            self.store.keep_maps(exhibit.id, maps.to_bytes())

    def forget(self, model_id: str) -> None:
        """Hold no visitor's model in memory that was renamed or deleted."""
        self._open.drop(lambda key: key[0] == model_id)

    def _read(self, model_id: str, dataset: Dataset) -> Exhibit:
        if model_id in self.shipped:
            return self._read_shipped(model_id, dataset)
        card, weights, maps = self.store.read(model_id)
        model = unpack_model(card, weights)
        fitting = self._fitting(model, maps, dataset)
        if not maps:  # it was brought without
            with suppress(OSError):
                self.store.keep_maps(model_id, fitting.to_bytes())
        return Exhibit(model_id, card, model, fitting)

    def _read_shipped(self, name: str, dataset: Dataset) -> Exhibit:
        try:
            model, card = load(self.folder, name)
        except CheckpointError as error:
            self.broken[name] = str(error)
            raise CheckpointError(f"{error}; train this variant to see it") from error
        file = self.folder / f"{name}.npz"
        return Exhibit(name, card, model, self._fitting(model, file.read_bytes() if file.exists() else b"", dataset))

    def _fitting(self, model: Autoencoder, maps: bytes, dataset: Dataset) -> Maps:
        """The kept maps if they are of this data set, otherwise new ones."""
        if maps:
            kept = Maps.from_bytes(maps)
            if kept.dataset_sha256 == dataset.sha256:
                return kept
        with self._drawing:
            return draw(model, dataset)


def _epochs(card: Card) -> str:
    return "1 epoch" if card.epochs == 1 else f"{card.epochs} epochs"
