"""A model as one file: a zip of its weights and its card, to be taken home and brought back.

Whatever comes back may be damaged or hostile: what would be unpacked is counted and measured before it is.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from explorer.models.checkpoint import LARGEST, Card, CheckpointError
from explorer.models.knobs import shown

ENTRIES = 16  # of a zip: whoever packs it again may add a few of his own
LARGEST_CARD = 64 * 2**10
LARGEST_PARCEL = LARGEST + LARGEST_CARD
ENTRY = b"PK\1\2"  # before each name in a zip's table of contents
KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # these unpack no more than they say


def wrap(card: Card, weights: bytes) -> bytes:
    """``<name>.safetensors`` and ``<name>.json``, as ``checkpoint.load`` reads them; equal for equal models."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as parcel:
        for part, content in (("safetensors", weights), ("json", card.to_json().encode())):
            entry = zipfile.ZipInfo(f"{card.name}.{part}")
            entry.external_attr = 0o644 << 16
            parcel.writestr(entry, content)
    return buffer.getvalue()


def unwrap(content: bytes) -> tuple[Card, bytes]:
    """Card and weights, the weights unchecked as yet. Raises CheckpointError in one sentence."""
    if len(content) > LARGEST_PARCEL:
        raise CheckpointError(f"the file has {len(content):,} bytes, the limit is {LARGEST_PARCEL:,}")
    if content.count(ENTRY) > ENTRIES:
        raise CheckpointError(f"the zip file holds more than {ENTRIES} files")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            card = _only(parcel, ".json", LARGEST_CARD)
            return Card.from_json(card), _only(parcel, ".safetensors", LARGEST)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError("the file is no zip file, or a damaged one") from error


def _only(parcel: zipfile.ZipFile, ending: str, limit: int) -> bytes:
    """The one file of the zip with this ending. Raises CheckpointError."""
    found = [entry for entry in parcel.infolist() if _visible(entry.filename) and entry.filename.endswith(ending)]
    if len(found) != 1:
        raise CheckpointError(f"the zip file must hold one {ending} file, got {len(found)}")
    entry = found[0]
    if entry.flag_bits & 1 or entry.compress_type not in KNOWN:
        raise CheckpointError(f"{shown(entry.filename)} is encrypted, or packed in a way that is not read here")
    if entry.file_size > limit:
        name, size = shown(entry.filename), entry.file_size
        raise CheckpointError(f"{name} would unpack to {size:,} bytes, the limit is {limit:,}")
    return parcel.read(entry)


def _visible(name: str) -> bool:
    """Whether this is no companion file, as a Mac adds one to each."""
    return not name.rpartition("/")[2].startswith(".")
