"""The idx format of MNIST's files: a header that gives the shape, then one unsigned byte for each number.

No file is believed: its plain bytes must have the SHA-256 that is known for them before an array is made of them.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import math
import mmap
import os
import time
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.data.dataset import Pixels

ABANDONED = 3600.0  # seconds after which a temporary file is taken for that of a process that was killed


@dataclass(frozen=True)
class IdxFile:
    """One file by its name, the shape of its array and the SHA-256 of its plain bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """Two zeros, 8 for unsigned bytes, the number of axes; then each axis in four bytes, the highest first."""
        return bytes([0, 0, 8, len(self.shape)]) + b"".join(length.to_bytes(4, "big") for length in self.shape)

    @property
    def size(self) -> int:
        """Length of the plain file in bytes."""
        return len(self.header) + math.prod(self.shape)


class Unusable(ValueError):
    """A file that is not what it should be; the message says what it is and lacks the file's name: "is empty"."""


def mapped(path: Path, file: IdxFile) -> Pixels:
    """The array of a plain file, mapped: read-only, one copy for all processes. Raises Unusable or OSError."""
    with path.open("rb") as opened:
        if os.fstat(opened.fileno()).st_size == 0:  # an empty file cannot be mapped
            raise Unusable("is empty")
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    check(content, file)
    return array(content, file)


def array(content: bytes | mmap.mmap, file: IdxFile) -> Pixels:
    """The numbers behind the header, in the file's shape; not a copy."""
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)


def unpack(content: bytes, file: IdxFile) -> bytes:
    """The plain bytes of a file that may be compressed by gzip, checked. Raises Unusable."""
    if content.startswith(b"\x1f\x8b"):
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, file.size + 1)  # never more than is needed
        except zlib.error as error:
            raise Unusable("is damaged: it cannot be decompressed") from error
    check(content, file)
    return content


def check(content: bytes | mmap.mmap, file: IdxFile) -> None:
    """Raises Unusable, with the plainest reason there is, unless these are the plain bytes of the file."""
    if len(content) == 0:
        raise Unusable("is empty")
    if content[:256].lstrip().startswith(b"<"):
        raise Unusable("is a web page, not data")
    if content[:4] != file.header[:4]:
        raise Unusable(f"begins with {content[:4].hex()}, not with {file.header[:4].hex()}: it is another kind of file")
    if len(content) != file.size:
        word = "cut short" if len(content) < file.size else "too long"
        raise Unusable(f"is {word}: {len(content):,} bytes instead of {file.size:,}")
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Unusable("is damaged: its SHA-256 is not the one that is known for it")


def store(content: bytes, path: Path, file: IdxFile) -> None:
    """Write plain bytes so that nobody ever sees half a file. Raises OSError, also when they do not read back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{path.name}.*.new"):
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            if time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
    new = path.with_name(f"{path.name}.{uuid.uuid4().hex}.new")
    try:
        new.write_bytes(content)
        mapped(new, file)
        os.replace(new, path)
    except Unusable as error:
        raise OSError(errno.EIO, f"what was written {error}") from error
    finally:
        new.unlink(missing_ok=True)
