"""Tests of the data have a cache folder and an ``MNIST_DIR`` of their own, both empty at first."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are unpacked and downloaded to; it does not exist yet."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mnist"


@pytest.fixture(autouse=True)
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that ``MNIST_DIR`` names."""
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv("MNIST_DIR", str(folder))
    return folder
