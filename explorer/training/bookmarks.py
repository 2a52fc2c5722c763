"""Where the runs stand that are not over: kept on the disk, so that a restart of the server costs no run."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from explorer.models.checkpoint import CheckpointError, write_atomically
from explorer.training.record import ID

KEPT = 7 * 86400.0  # seconds that a run may lie


class Bookmarks:
    """A folder with one file a run: a line of JSON that tells of it, and its state. The oldest go first."""

    def __init__(self, folder: Path, limit: int = 300 * 2**20) -> None:
        """``limit`` in bytes. Removes what a killed process left half-written. Raises OSError."""
        self.folder, self.limit = folder, limit
        for orphan in folder.glob(".*"):
            orphan.unlink(missing_ok=True)

    def put(self, run: str, story: dict[str, Any], state: bytes) -> None:
        """Keep where a run stands, in place of where it stood. Raises OSError for a full disk; the old one stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file(run), json.dumps(story, allow_nan=False).encode() + b"\n" + state)
        self._make_room(run)

    def get(self, run: str) -> tuple[dict[str, Any], bytes]:
        """The story and the state of a run. Raises CheckpointError for an unknown one, or a damaged file."""
        file = self._file(run)
        try:
            line, _, state = file.read_bytes().partition(b"\n")
            story = json.loads(line)
        except OSError as error:
            raise CheckpointError("this run is no longer kept") from error
        except ValueError as error:
            raise CheckpointError("what was kept of this run is damaged") from error
        return dict(story), state

    def drop(self, run: str) -> None:
        """Forget a run."""
        self._file(run).unlink(missing_ok=True)

    def _file(self, run: str) -> Path:
        if not ID.fullmatch(run):
            raise CheckpointError("this is not the id of a run")
        return self.folder / run

    def _make_room(self, newest: str) -> None:
        """Remove the oldest of too many, and those that nobody came back for."""
        files = inventory(self.folder)
        size = sum(length for _, length, _ in files)
        for when, length, file in files:
            if file.name != newest and (size > self.limit or time.time() - when > KEPT):
                file.unlink(missing_ok=True)
                size -= length


def inventory(folder: Path) -> list[tuple[float, int, Path]]:
    """The files of a folder, the oldest first: when each was written last, its bytes, its path."""
    found = []
    for file in folder.iterdir():
        with suppress(FileNotFoundError):  # another thread was quicker
            facts = file.stat()
            found.append((facts.st_mtime, facts.st_size, file))
    return sorted(found)
