"""The browser is found by trying it, and installed by whatever way works on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium


def program(folder: Path, name: str, *lines: str) -> Path:
    """A shell script that stands in for an installed program."""
    file = folder / name
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no browser at all and no way to get one: only the programs in this folder can be called."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    monkeypatch.setattr(chromium, "INSTALLED", ("chromium", "google-chrome"))
    (tmp_path / "env").symlink_to("/usr/bin/env")
    return tmp_path


def test_the_named_browser_comes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "chromium", "exit 0")
    mine = program(bare, "mine", "exit 0")
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert chromium.find() == str(mine)


def test_a_named_browser_that_is_not_there_is_an_error(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "chromium", "exit 0")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(ValueError, match="CHROMIUM must name a browser that starts, got '/nowhere/chromium'"):
        chromium.find()


def test_a_stub_that_only_asks_for_another_package_is_passed_over(bare: Path) -> None:
    program(bare, "chromium", "echo 'please install the other package' >&2", "exit 1")
    works = program(bare, "google-chrome", "exit 0")
    assert chromium.find() == str(works)


def test_where_the_download_fails_the_package_is_installed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(program(bare, "python", "exit 1")))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    copy = f"[ $1 = install ] || exit 0\n/bin/ln -s {program(bare, 'packaged', 'exit 0')} {bare}/chromium"
    program(bare, "apt-get", copy)
    assert chromium.main() == 0
    assert chromium.find() == str(bare / "chromium")


def test_without_any_way_the_sentence_says_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sys.executable", str(program(bare, "python", "exit 1")))
    caplog.set_level("INFO")
    assert chromium.main() == 1
    assert caplog.messages[-1] == chromium.MISSING
