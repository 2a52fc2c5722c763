"""Notebooks: valid, made from the variant's own file, and every cell of code runs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.models.registry import variants
from explorer.training.notebooks import main, notebook, to_bytes

ROOT = Path(__file__).parents[2]
MARKDOWN = {"id", "cell_type", "metadata", "source"}
FIELDS = {"markdown": MARKDOWN, "code": MARKDOWN | {"execution_count", "outputs"}}  # of nbformat 4.5


def cells(made: dict[str, Any], kind: str) -> list[str]:
    """The text of all cells of a kind."""
    return ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("name", variants())
def test_each_variant_has_a_valid_notebook_that_begins_with_its_lesson(name: str) -> None:
    variant = variants()[name]
    made = json.loads(to_bytes(notebook(variant)))
    assert set(made) == {"nbformat", "nbformat_minor", "metadata", "cells"}
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert all(set(cell) == FIELDS[cell["cell_type"]] for cell in made["cells"])
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    assert all(isinstance(line, str) for cell in made["cells"] for line in cell["source"])
    assert cells(made, "markdown")[0] == variant.lesson
    settings = next(text for text in cells(made, "code") if "config = " in text)
    scope: dict[str, Any] = {}
    exec(settings, scope)  # noqa: S102  # our own cell
    assert scope["config"] == variant.config()
    for text in cells(made, "code"):
        ast.parse(text)


@pytest.mark.parametrize("name", ["dense", "masked"])
def test_the_cells_run_in_order_in_a_fresh_process(name: str, tmp_path: Path) -> None:
    program = "\n\n".join(cells(notebook(variants()[name]), "code"))
    (tmp_path / "cells.py").write_text(f"{program}\nprint('sheet', sheet.shape, sheet[28:].max() > 0)\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | {
        "MNIST_DIR": str(tmp_path),  # none is there, nor in the cache
        "EXPLORER_CACHE": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "cells.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "stand-in digits: 1,497 to train with, 300 to test with"
    assert any(line.startswith("step ") for line in lines)
    assert lines[-2].startswith("{'mse': 0.")
    assert lines[-1] == "sheet (56, 280) True"


def test_the_command_writes_what_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = "autoencoder-explorer @ git+https://git.example.org/explorer"
    monkeypatch.setattr(sys, "argv", ["notebooks", str(tmp_path / "new"), "linear", "--package", package])
    main()
    (file,) = (tmp_path / "new").iterdir()
    assert file.name == "linear.ipynb"
    install = cells(json.loads(file.read_bytes()), "code")[0]
    assert repr(package) in install
    ast.parse(install)


def test_an_unknown_variant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["notebooks", str(tmp_path), "cyclic"])
    with pytest.raises(SystemExit):
        main()
    assert "unknown variant 'cyclic'" in capsys.readouterr().err
