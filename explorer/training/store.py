"""Where visitors' trained models are kept: a few files a model in one folder, named by ids that cannot be guessed."""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import replace
from pathlib import Path

from explorer.models.checkpoint import Card, CheckpointError, write_atomically
from explorer.training.bookmarks import Bookmarks, inventory
from explorer.training.record import ID, Curve, Record

PARTS = ("safetensors", "npz", "replay", "curve", "json")  # the card comes last: without it there is no model


class RunStore:
    """A folder of models with a limit in bytes; the ones not used for longest go first."""

    def __init__(self, folder: Path, limit: int = 500 * 2**20) -> None:
        """Makes the folder and removes what a killed process left half-written. Raises OSError."""
        self.folder, self.limit, self._lock = folder, limit, threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            is_orphan = file.name.startswith(".") or (file.suffix[1:] in PARTS and not self.holds(file.stem))
            if is_orphan:
                file.unlink(missing_ok=True)
        self.unfinished = Bookmarks(folder / "unfinished")

    def keep(self, weights: bytes, card: Card, maps: bytes, replay: bytes = b"", curve: bytes = b"") -> str:
        """Write a model and return its id, 128 random bits. Raises OSError for a full disk; nothing is left then."""
        run = secrets.token_urlsafe(16)
        try:
            for part, content in zip(PARTS, (weights, maps, replay, curve, card.to_json().encode()), strict=True):
                write_atomically(self.folder / f"{run}.{part}", content)
        except OSError:
            self._remove(run)
            raise
        self._make_room(run)
        return run

    def holds(self, run: str) -> bool:
        """Whether the model is still here."""
        return bool(ID.fullmatch(run)) and (self.folder / f"{run}.json").exists()

    def read(self, run: str) -> tuple[Card, bytes, bytes]:
        """Card, weights and maps. Raises CheckpointError for an unknown or evicted id, or a damaged file."""
        self._expect(run)
        try:
            weights, maps, card = (
                (self.folder / f"{run}.{part}").read_bytes() for part in ("safetensors", "npz", "json")
            )
            os.utime(self.folder / f"{run}.json")  # used just now: others go first
        except OSError as error:
            raise CheckpointError(f"the model cannot be read: {error.strerror}") from error
        return Card.from_json(card), weights, maps

    def replay(self, run: str) -> bytes:
        """The replay of its training; empty where there is none, or no such model."""
        return self._part(run, "replay")

    def curve(self, run: str) -> Curve:
        """The curve of its loss. Raises CheckpointError where there is none, no such model, or a damaged file."""
        return Curve.from_bytes(self._part(run, "curve"))

    def card(self, run: str) -> Card:
        """Its card. Raises CheckpointError as ``read`` does. Its visitor is here: other models go first."""
        self._expect(run)
        file = self.folder / f"{run}.json"
        try:
            os.utime(file)
            return Card.from_json(file.read_bytes())
        except OSError as error:
            raise CheckpointError(f"the model cannot be read: {error.strerror}") from error

    def record(self, run: str) -> Record:
        """What is told of a run. Raises CheckpointError for an unknown or evicted id, or a damaged file."""
        card = self.card(run)
        try:
            curve = self.curve(run)
        except CheckpointError:  # it was kept without one
            curve = Curve("done" if card.epochs == card.training.get("epochs") else "stopped")
        return Record(run, card, curve.status, curve.ended)

    def rename(self, run: str, title: str) -> Record:
        """Give a model another title. Raises CheckpointError for an unknown or evicted id."""
        record = self.record(run)
        record = replace(record, card=replace(record.card, title=title))
        write_atomically(self.folder / f"{run}.json", record.card.to_json().encode())
        return record

    def _expect(self, run: str) -> None:
        if not self.holds(run):
            raise CheckpointError(
                "this model is no longer kept: the Scoreboard, under Train, trains it again with its settings"
            )

    def _part(self, run: str, part: str) -> bytes:
        file = self.folder / f"{run}.{part}"
        return file.read_bytes() if self.holds(run) and file.exists() else b""

    def keep_maps(self, run: str, maps: bytes) -> None:
        """Replace a kept model's maps; nothing happens if the model is gone."""
        if self.holds(run):
            write_atomically(self.folder / f"{run}.npz", maps)

    def _make_room(self, newest: str) -> None:
        with self._lock:
            files = inventory(self.folder)
            size = sum(length for _, length, _ in files)
            for run in [file.stem for _, _, file in files if file.suffix == ".json"]:
                if size <= self.limit:
                    return
                if run != newest:
                    size -= sum(length for _, length, file in files if file.stem == run)
                    self._remove(run)

    def drop(self, run: str) -> None:
        """Forget a model."""
        if self.holds(run):
            self._remove(run)

    def _remove(self, run: str) -> None:
        for part in reversed(PARTS):
            (self.folder / f"{run}.{part}").unlink(missing_ok=True)
