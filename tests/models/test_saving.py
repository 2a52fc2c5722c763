"""Checkpoints on disk: each file is whole or not there, and the two of a model belong together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer.models.checkpoint import CheckpointError, load, pack, save, write_atomically
from explorer.models.registry import named
from explorer.models.variants.linear import LinearConfig
from tests.cases import Case, card_for

CASE = Case(named("linear"), LinearConfig(latent_dim=2))
WEIGHTS = pack(CASE.model())
CARD = card_for(CASE, WEIGHTS)


def test_a_saved_model_is_loaded(tmp_path: Path) -> None:
    save(tmp_path, CARD, WEIGHTS)
    model, card = load(tmp_path, "linear")
    assert card == CARD
    assert pack(model) == WEIGHTS
    assert sorted(file.name for file in tmp_path.iterdir()) == ["linear.json", "linear.safetensors"]


@pytest.mark.parametrize("missing", ["json", "safetensors"])
def test_a_missing_file_is_named(missing: str, tmp_path: Path) -> None:
    save(tmp_path, CARD, WEIGHTS)
    (tmp_path / f"linear.{missing}").unlink()
    with pytest.raises(CheckpointError, match="the checkpoint linear cannot be read: No such file"):
        load(tmp_path, "linear")


def test_weights_never_go_with_another_models_card(tmp_path: Path) -> None:
    save(tmp_path, CARD, WEIGHTS)
    write_atomically(tmp_path / "linear.safetensors", pack(CASE.model(seed=1)))  # killed before the card was written
    with pytest.raises(CheckpointError, match="do not match the hash"):
        load(tmp_path, "linear")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_is_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "file"
    write_atomically(target, b"old")
    monkeypatch.setattr("os.fsync", disk_is_full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert target.read_bytes() == b"old"


KILLER = """
import os, random, sys, time
from pathlib import Path
from explorer.models.checkpoint import write_atomically
target, draw = Path(sys.argv[1]), random.Random(0)
for _ in range(40):
    writer = os.fork()
    while not writer:  # the child writes until it is killed
        for letter in b"ab":
            write_atomically(target, bytes([letter]) * 1_000_000)
    time.sleep(0.002 + 0.05 * draw.random())
    os.kill(writer, 9)
    os.waitpid(writer, 0)
    content = target.read_bytes()
    assert content in (b"a" * 1_000_000, b"b" * 1_000_000), (len(content), content[:9])
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"a" * 1_000_000)
    done = subprocess.run([sys.executable, "-c", KILLER, str(tmp_path / "file")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) <= 41  # the file, and what the killed left beside it under hidden names
    assert all(file.name.startswith(".") for file in tmp_path.iterdir() if file.name != "file")
