"""Where visitors' trained models are kept: a few files a model in one folder, named by ids that cannot be guessed."""

from __future__ import annotations

import re
import secrets
import threading
from pathlib import Path

from explorer.models.checkpoint import Card, CheckpointError, write_atomically

PARTS = ("safetensors", "npz", "replay", "json")  # the card comes last: without it there is no model
ID = re.compile(r"[A-Za-z0-9_-]{22}")


class RunStore:
    """A folder of models with a limit in bytes; the ones not used for longest go first."""

    def __init__(self, folder: Path, limit: int = 500 * 2**20) -> None:
        """Makes the folder and removes what a killed process left half-written. Raises OSError."""
        self.folder, self.limit, self._lock = folder, limit, threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for orphan in folder.glob(".*"):
            orphan.unlink(missing_ok=True)

    def keep(self, weights: bytes, card: Card, maps: bytes, replay: bytes = b"") -> str:
        """Write a model and return its id, 128 random bits. Raises OSError for a full disk; nothing is left then."""
        run = secrets.token_urlsafe(16)
        try:
            for part, content in zip(PARTS, (weights, maps, replay, card.to_json().encode()), strict=True):
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
        if not self.holds(run):
            raise CheckpointError("this model is no longer kept: train it again with its settings")
        try:
            weights, maps, card = ((self.folder / f"{run}.{part}").read_bytes() for part in PARTS if part != "replay")
            (self.folder / f"{run}.json").touch()  # used just now: others go first
        except OSError as error:
            raise CheckpointError(f"the model cannot be read: {error.strerror}") from error
        return Card.from_json(card), weights, maps

    def replay(self, run: str) -> bytes:
        """The replay of its training; empty where there is none, or no such model."""
        file = self.folder / f"{run}.replay"
        return file.read_bytes() if self.holds(run) and file.exists() else b""

    def keep_maps(self, run: str, maps: bytes) -> None:
        """Replace a kept model's maps; nothing happens if the model is gone."""
        if self.holds(run):
            write_atomically(self.folder / f"{run}.npz", maps)

    def _make_room(self, newest: str) -> None:
        with self._lock:
            cards = sorted(self.folder.glob("*.json"), key=lambda card: card.stat().st_mtime)
            size = sum(file.stat().st_size for file in self.folder.iterdir())
            for card in cards:
                if size <= self.limit:
                    return
                if card.stem != newest:
                    size -= sum(file.stat().st_size for file in self.folder.glob(f"{card.stem}.*"))
                    self._remove(card.stem)

    def drop(self, run: str) -> None:
        """Forget a model."""
        if self.holds(run):
            self._remove(run)

    def _remove(self, run: str) -> None:
        for part in reversed(PARTS):
            (self.folder / f"{run}.{part}").unlink(missing_ok=True)
