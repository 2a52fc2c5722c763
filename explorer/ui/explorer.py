"""What the whole server shares: the digits, the models, and the queue of trainings."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from weakref import WeakValueDictionary

from platformdirs import user_cache_path

from explorer.analysis.maps import execute_with_maps
from explorer.training.jobs import Jobs
from explorer.training.lent import decorated
from explorer.training.store import RunStore
from explorer.ui.batching import Batches
from explorer.ui.desk import Desk
from explorer.ui.gallery import Gallery
from explorer.ui.kept import Kept
from explorer.ui.library import Library
from explorer.ui.pace import Pace
from explorer.ui.session import Current, Session, current
from explorer.ui.swept import Sweep

log = logging.getLogger(__name__)

KEPT = 64  # files that took a moment to make


@dataclass(frozen=True)
class Explorer:
    """One for each server."""

    library: Library
    gallery: Gallery
    jobs: Jobs
    batches: Batches = field(default_factory=Batches)
    name: str = field(default_factory=partial(secrets.token_hex, 4))  # another one after every start
    kept: Kept[bytes] = field(default_factory=lambda: Kept(KEPT))
    pace: Pace = field(default_factory=Pace)
    prepared: threading.Event = field(default_factory=threading.Event)  # what Compress needs is fitted
    desks: WeakValueDictionary[str, Desk] = field(default_factory=WeakValueDictionary)  # by their runs
    sweeps: WeakValueDictionary[str, Sweep] = field(default_factory=WeakValueDictionary)  # by their ids

    @classmethod
    def open(cls) -> Explorer:
        """The usual one: runs are kept in the cache folder, trainings execute on workers or a lent GPU."""
        chosen = os.environ.get("EXPLORER_CACHE")
        folder = Path(chosen) if chosen else user_cache_path("autoencoder-explorer", appauthor=False)
        return cls(Library(), Gallery(writable(folder / "runs")), Jobs(execute_with_maps, on_gpu=decorated()))

    def current(self, session: Session) -> Current:
        """The session's model and input. Raises CheckpointError."""
        return current(session, self.gallery, self.library)


def writable(folder: Path) -> RunStore:
    """The store in this folder; where nothing can be written, one that is lost with this server."""
    try:
        store = RunStore(folder)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        log.warning("models are kept only until the next start, because the cache folder cannot be used: %s", error)
        store = RunStore(Path(tempfile.mkdtemp(prefix="explorer-runs-")))
    return store
