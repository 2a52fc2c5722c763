"""The store of visitors' models: killed while it writes, used by many at once, and on a disk that is full."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.models.checkpoint import CheckpointError, pack, unpack
from explorer.models.registry import named
from explorer.training.bookmarks import Bookmarks
from explorer.training.store import RunStore
from explorer.training.worker import keep
from explorer.ui.failure import in_words
from tests.cases import Case, card_for

ROOT = Path(__file__).parents[2]
KILLS = 10
CASE = Case(named("linear"), named("linear").config.from_dict({"latent_dim": 2}))
WEIGHTS = pack(CASE.model())
CARD = card_for(CASE, WEIGHTS)

WRITER = """
import sys
from pathlib import Path
from explorer.models.checkpoint import pack
from explorer.models.registry import named
from explorer.training.store import RunStore
from tests.cases import Case, card_for
CASE = Case(named("linear"), named("linear").config.from_dict({"latent_dim": 2}))
WEIGHTS = pack(CASE.model())
CARD = card_for(CASE, WEIGHTS)
store = RunStore(Path(sys.argv[1]))
first = store.keep(WEIGHTS, CARD, b"maps")
print(first, flush=True)
import os, random, time
for draw in range(int(sys.argv[2])):
    writer = os.fork()
    while not writer:  # the child writes, in all ways there are, until it is killed
        run = store.keep(WEIGHTS, CARD, b"maps", bytes(200_000))
        store.unfinished.put(run, {"text": "x"}, bytes(500_000))
        store.rename(first, "renamed")
        store.keep_maps(first, b"maps" * 1000)
        store.unfinished.drop(run)
        store.drop(run)
    time.sleep(0.01 + 0.1 * random.Random(draw).random())
    os.kill(writer, 9)
    os.waitpid(writer, 0)
"""


def killed_while_writing(folder: Path, kills: int) -> int:
    """Let processes write into a new store until they are killed; how many files they left behind.

    Raises AssertionError unless the store, opened again, holds whole models and nothing else.
    """
    command = [sys.executable, "-c", WRITER, str(folder), str(kills)]
    first = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    before = {file.name for file in folder.rglob("*")}
    store = RunStore(folder)  # as the next server does
    runs = {file.stem for file in folder.glob("*.json")}
    assert first in runs
    for run in runs:
        card, weights, maps = store.read(run)
        assert pack(unpack(card, weights)) == WEIGHTS
        assert set(maps) <= set(b"maps")
    assert {file.name.split(".")[0] for file in folder.iterdir()} == runs | {"unfinished"}
    for file in (folder / "unfinished").iterdir():
        assert store.unfinished.get(file.name) == ({"text": "x"}, bytes(500_000))
    return len(before - {file.name for file in folder.rglob("*")})


def test_a_store_killed_at_any_moment_holds_only_whole_models(tmp_path: Path) -> None:
    killed_while_writing(tmp_path, KILLS)  # asserts it
    assert RunStore(tmp_path).keep(WEIGHTS, CARD, b"")


def test_many_visitors_at_once_never_see_each_others_files_come_and_go(tmp_path: Path) -> None:
    store, failures = RunStore(tmp_path, limit=4 * len(WEIGHTS)), list[Exception]()

    def visit() -> None:
        try:
            for _ in range(25):
                run = store.keep(WEIGHTS, CARD, b"")
                store.unfinished.put(run, {}, b"state")
                store.drop(run)
                store.unfinished.drop(run)
        except Exception as error:  # noqa: BLE001  the test tells of any
            failures.append(error)

    visitors = [threading.Thread(target=visit) for _ in range(6)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert failures == []
    assert [file.name for file in tmp_path.iterdir()] == ["unfinished"]


def test_bookmarks_stay_within_their_bytes_and_the_oldest_go(tmp_path: Path) -> None:
    bookmarks = Bookmarks(tmp_path, limit=3500)
    runs = [letter * 22 for letter in "abcde"]
    for run in runs:
        bookmarks.put(run, {}, bytes(1000))
    assert sorted(file.name for file in tmp_path.iterdir()) == runs[2:]
    bookmarks.put(runs[0], {}, bytes(10_000))  # the newest stays, however large
    assert [file.name for file in tmp_path.iterdir()] == runs[:1]
    with pytest.raises(CheckpointError, match="no longer kept"):
        bookmarks.get(runs[1])
    for guess in ("", "../../etc/passwd", "a\0b", "x" * 300):
        with pytest.raises(CheckpointError, match="not the id of a run"):
            bookmarks.get(guess)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of six megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a disk of six megabytes can only be made by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_a_sentence_and_what_was_there_can_be_read(small_disk: Path) -> None:
    store = RunStore(small_disk / "runs")
    old = store.keep(WEIGHTS, CARD, b"")
    store.unfinished.put(old, {"epoch": 1}, b"state")
    there = {file.name for file in store.folder.iterdir()}
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with pytest.raises(OSError, match="No space left") as failure:
        store.keep(WEIGHTS, CARD, b"")
    assert in_words(failure.value) == "The server's disk is full: please try again later."
    with pytest.raises(OSError, match="No space left"):
        store.unfinished.put(old, {"epoch": 2}, bytes(10_000))
    assert not keep(small_disk / "job.state", bytes(10_000))
    assert {file.name for file in store.folder.iterdir()} == there
    assert {file.name for file in small_disk.iterdir()} <= {"runs", "filler"}
    assert store.read(old)[1] == WEIGHTS
    assert store.unfinished.get(old) == ({"epoch": 1}, b"state")
    filler.unlink()
    assert store.read(store.keep(WEIGHTS, CARD, b""))[1] == WEIGHTS
    assert keep(small_disk / "job.state", bytes(10_000))
