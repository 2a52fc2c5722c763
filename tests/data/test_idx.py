"""A file is written whole and right, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from explorer.data.idx import store
from explorer.data.mnist import FILES
from tests.data.mirror import flipped, small_file

FILE, PLAIN = small_file()


def test_the_headers_are_those_of_the_format() -> None:
    assert FILES[0].header.hex() == "00000803" + "0000ea60" + "0000001c" + "0000001c"
    assert FILES[1].header.hex() == "00000801" + "0000ea60"
    assert [file.size for file in FILES] == [47_040_016, 60_008, 7_840_016, 10_008]


def test_what_does_not_read_back_right_replaces_nothing(cache: Path) -> None:
    path = cache / FILE.name
    store(PLAIN, path, FILE)
    with pytest.raises(OSError, match="what was written is damaged"):
        store(flipped(PLAIN), path, FILE)
    assert path.read_bytes() == PLAIN
    assert list(cache.iterdir()) == [path]


def test_half_a_file_of_a_killed_process_is_cleared_away(cache: Path) -> None:
    path = cache / FILE.name
    old, recent = cache / f"{FILE.name}.0.new", cache / f"{FILE.name}.1.new"
    cache.mkdir(parents=True)
    for half in (old, recent):
        half.write_bytes(PLAIN[:100])
    os.utime(old, (0, 0))
    store(PLAIN, path, FILE)
    assert sorted(cache.iterdir()) == [path, recent]
