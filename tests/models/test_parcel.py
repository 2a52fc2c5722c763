"""A model's zip: what was wrapped comes out to the bit, and nothing else is let in."""

from __future__ import annotations

import io
import pickle
import time
import zipfile

import pytest

from explorer.models.checkpoint import CheckpointError
from explorer.models.parcel import LARGEST_PARCEL, unwrap, wrap
from tests.models.test_checkpoint import CARD, WEIGHTS, archive, npz

GOOD = wrap(CARD, WEIGHTS)
CARD_FILE = CARD.to_json().encode()


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as parcel:
        for name, content in files:
            parcel.writestr(name, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    """The zip with the flag that says a password is needed, in both places that say it."""
    content = bytearray(GOOD)
    for magic, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(magic, at + 1)
    return bytes(content)


NO_ZIP = "is no zip file, or a damaged one"
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NO_ZIP),
    "text": (b"<html>", NO_ZIP),
    "truncated": (GOOD[: len(GOOD) // 2], NO_ZIP),
    "cut by one byte": (GOOD[:-1], NO_ZIP),
    "a flipped bit": (GOOD[:2000] + bytes([GOOD[2000] ^ 1]) + GOOD[2001:], NO_ZIP),
    "pickle": (pickle.dumps({"weight": [1.0]}), NO_ZIP),
    ".pt": (
        zipped(("archive/data.pkl", pickle.dumps({})), ("archive/version", b"3")),
        "must hold one .json file, got 0",
    ),
    "npz": (npz(), "must hold one .json file, got 0"),
    "no weights": (zipped(("a.json", CARD_FILE)), "must hold one .safetensors file, got 0"),
    "two cards": (zipped(("a.json", CARD_FILE), ("b.json", CARD_FILE)), "must hold one .json file, got 2"),
    "1,000 files": (zipped(*((f"{n}.json", b"") for n in range(1000))), "holds more than 16 files"),
    "zip bomb": (
        zipped(("a.json", CARD_FILE), ("a.safetensors", bytes(10**9 // 4))),
        "'a.safetensors' would unpack to 250,000,000 bytes, the limit is 20,971,520",
    ),
    "large card": (zipped(("a.json", b" " * 10**6)), "'a.json' would unpack to 1,000,000 bytes, the limit is 65,536"),
    "bzip2": (zipped(("a.json", CARD_FILE), how=zipfile.ZIP_BZIP2), "is encrypted, or packed in a way"),
    "encrypted": (encrypted(), "is encrypted, or packed in a way"),
    "21 MB": (bytes(21 * 2**20), f"has 22,020,096 bytes, the limit is {LARGEST_PARCEL:,}"),
    "no card": (zipped(("a.json", b"[]"), ("a.safetensors", WEIGHTS)), "the card is not a JSON object"),
    "a zip in a zip": (archive(10**7), "must hold one .json file, got 0"),
}


def test_what_was_wrapped_comes_out_to_the_bit() -> None:
    assert unwrap(GOOD) == (CARD, WEIGHTS)
    assert wrap(CARD, WEIGHTS) == GOOD


def test_who_packs_it_again_may_compress_it_and_add_a_folder() -> None:
    folder = [("x/", b""), ("x/linear.json", CARD_FILE), ("x/linear.safetensors", WEIGHTS)]
    companions = [("__MACOSX/x/._linear.json", b"?"), ("__MACOSX/x/._linear.safetensors", b"?")]
    assert unwrap(zipped(*folder, *companions)) == (CARD, WEIGHTS)


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_models_zip_is_refused_in_one_sentence(what: str) -> None:
    content, sentence = REFUSED[what]
    started = time.perf_counter()
    with pytest.raises(CheckpointError, match=sentence) as refusal:
        unwrap(content)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200
    assert time.perf_counter() - started < 5
