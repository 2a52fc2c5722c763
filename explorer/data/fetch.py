"""Fetching one file over HTTP from several mirrors, so that a bad line costs patience and never brings a wrong file.

Each request is made by pooch and appends to a part file; the next one, to the same mirror or to another, continues it.
A part file's name belongs to one process, so two of them never write into the same file.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from explorer.data import idx
from explorer.data.idx import IdxFile, Unusable
from explorer.data.transfer import Interrupted, Transfer

REQUESTS = 3  # for one file to one mirror
INTERVAL = 0.2  # seconds between two reports
IDLE = 120.0  # seconds without growth after which a part file belongs to nobody


@dataclass(frozen=True)
class DownloadProgress:
    """How far a file is, in bytes as they travel; ``total`` is None until the mirror has told it."""

    file: str
    received: int
    total: int | None
    mirror: str


class DownloadError(OSError):
    """A file that could not be fetched; ``sentences`` has one for each mirror that failed."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


def fetch(
    file: IdxFile, mirrors: Sequence[str], folder: Path, patience: float
) -> Generator[DownloadProgress, None, str]:
    """Put a file into a folder, plain and checked, and return the mirror that had it. Raises DownloadError."""
    failures = []
    try:
        with _part_file(folder, file.name) as part:
            for mirror in mirrors:
                try:
                    content = yield from _ask(file, mirror, part, patience)
                except (Interrupted, Unusable) as error:
                    failures.append(f"{file.name}.gz from {urlsplit(mirror).netloc} {error}.")
                else:
                    idx.store(content, folder / file.name, file)
                    os.truncate(part, 0)
                    return mirror
    except OSError as error:
        reason = f"The cache folder cannot be written ({error.strerror or error}); EXPLORER_CACHE can name another one."
        raise DownloadError([*failures, reason]) from error
    raise DownloadError(failures)


def _ask(file: IdxFile, mirror: str, part: Path, patience: float) -> Generator[DownloadProgress, None, bytes]:
    """The plain bytes of a file from one mirror; a request that brought something new is followed by another.

    Raises Interrupted, which leaves what has arrived, or Unusable, after which nothing of it is left.
    """
    requests = 0
    while True:
        before = part.stat().st_size
        requests += 1
        try:
            yield from _receive(file, mirror, part, patience)
            return idx.unpack(part.read_bytes(), file)
        except Interrupted:
            if part.stat().st_size == before or requests == REQUESTS:
                raise
        except Unusable:
            os.truncate(part, 0)
            if before == 0 or requests == REQUESTS:  # otherwise what was continued may have been at fault
                raise


def _receive(file: IdxFile, mirror: str, part: Path, patience: float) -> Iterator[DownloadProgress]:
    """Follow one request to its end, five times a second; only the last report has everything.

    Raises Interrupted and what the transfer raised.
    """
    host = urlsplit(mirror).netloc
    transfer = Transfer(f"{mirror.rstrip('/')}/{file.name}.gz", part, 2 * file.size, patience)
    try:
        received, since = transfer.received, time.monotonic()
        while transfer.is_running(INTERVAL):
            if transfer.received != transfer.total:
                yield DownloadProgress(file.name, transfer.received, transfer.total, host)
            if transfer.received != received:
                received, since = transfer.received, time.monotonic()
            elif time.monotonic() - since > patience:
                raise Interrupted(f"did not arrive: nothing came for {patience:g} seconds")
    finally:
        transfer.stop()
    if transfer.error is not None:
        raise transfer.error
    yield DownloadProgress(file.name, transfer.received, transfer.received, host)


@contextlib.contextmanager
def _part_file(folder: Path, name: str) -> Iterator[Path]:
    """A part file of our own, continuing the longest one that nobody writes to; left behind unless it is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.{uuid.uuid4().hex}.part"
    part.touch()
    for _, left in sorted(_idle(folder, name)):
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            os.replace(left, part)
    try:
        yield part
    finally:
        with contextlib.suppress(FileNotFoundError):  # somebody emptied the folder
            if part.stat().st_size == 0:
                part.unlink()
            else:
                os.utime(part, (0, 0))  # nobody writes to it any more


def _idle(folder: Path, name: str) -> list[tuple[int, Path]]:
    """The part files of a file that no process is writing to, each with its length in bytes."""
    found = []
    for part in folder.glob(f"{name}.*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > IDLE:
                found.append((part.stat().st_size, part))
    return found
