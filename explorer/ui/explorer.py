"""What the whole server shares: the digits, the models, and the queue of trainings."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path

from explorer.analysis.maps import execute_with_maps
from explorer.training.jobs import Jobs
from explorer.training.store import RunStore
from explorer.ui.batching import Batches
from explorer.ui.gallery import Gallery
from explorer.ui.kept import Kept
from explorer.ui.library import Library
from explorer.ui.session import Current, Session, current

KEPT = 64  # files that took a moment to make


@dataclass(frozen=True)
class Explorer:
    """One for each server."""

    library: Library
    gallery: Gallery
    jobs: Jobs
    batches: Batches = field(default_factory=Batches)
    kept: Kept[bytes] = field(default_factory=lambda: Kept(KEPT))

    @classmethod
    def open(cls) -> Explorer:
        """The usual one: runs are kept in the cache folder, trainings execute on this machine's workers."""
        chosen = os.environ.get("EXPLORER_CACHE")
        folder = Path(chosen) if chosen else user_cache_path("autoencoder-explorer", appauthor=False)
        return cls(Library(), Gallery(RunStore(folder / "runs")), Jobs(execute_with_maps))

    def current(self, session: Session) -> Current:
        """The session's model and input. Raises CheckpointError."""
        return current(session, self.gallery, self.library)
