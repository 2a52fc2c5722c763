"""A notebook for each variant, made from its file: ``python -m explorer.training.notebooks FOLDER [names]``.

The file's docstring is the lesson; then come its settings, its class, a short training, and what came out.
"""

from __future__ import annotations

import argparse
import inspect
import json
from pathlib import Path
from typing import Any

from explorer.models.checkpoint import write_atomically
from explorer.models.knobs import Choice, Knob, Slider, knobs
from explorer.models.registry import Variant, variants

Cell = dict[str, Any]

HERE = """import importlib.util

if importlib.util.find_spec("explorer") is None:
    raise SystemExit("Open this notebook in the folder of the Autoencoder Explorer, with its requirements installed.")
"""
INSTALLED = """import importlib.util
import subprocess
import sys

if importlib.util.find_spec("explorer") is None:
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", {package!r}], check=True)
"""
DATA = """from explorer import data
from explorer.data import mnist

FETCH = False  # True brings MNIST here, 12 MB; without it 1,797 stand-in digits do
if FETCH:
    for progress in mnist.download():
        pass
digits = data.load()
print(f"{digits.title}: {len(digits.train_images):,} to train with, {len(digits.test_images):,} to test with")
"""
TRAINING = """import torch

from explorer.models.recipe import TrainingConfig
from explorer.training.train import train

training = TrainingConfig.from_dict({recipe} | {{"epochs": 1, "images": 1000}})
model = {kind}(config)
for progress in train(model, digits.train_images[: training.images], training):
    terms = ", ".join(f"{{name}} {{value:.4f}}" for name, value in progress.losses.items())
    print(f"step {{progress.step}} of {{progress.steps}}: {{terms}}")
"""
LOOK = """from PIL import Image

from explorer.training.evaluate import evaluate, reconstruct

model.eval()
print({name: round(value, 4) for name, value in evaluate(model, digits.test_images[:300]).items()})
x = torch.from_numpy(digits.test_images[:10].copy()).float() / 255  # (10, 1, 28, 28)
with torch.no_grad():
    rebuilt = reconstruct(model, x, torch.Generator().manual_seed(0))
rows = [torch.cat(list(pictures[:, 0]), dim=1) for pictures in (x, rebuilt)]  # (28, 280) each
sheet = (torch.cat(rows).clamp(0, 1) * 255).byte().numpy()
Image.fromarray(sheet).resize((1120, 224), Image.Resampling.NEAREST)
"""


def notebook(variant: Variant, package: str = "") -> dict[str, Any]:
    """The variant's lesson as a notebook, nbformat 4.5. ``package``: for pip, where the explorer is missing."""
    kind, config = variant.kind.__name__, variant.config.__name__
    recipe = variant.training.as_dict()
    cells = [
        _words(variant.lesson),
        _code(INSTALLED.format(package=package) if package else HERE),
        _words("## The digits"),
        _code(DATA),
        _words("## The settings\n\nTurn them and run all that follows again."),
        _code(f"from explorer.models.variants.{variant.name} import {kind}, {config}\n\n{_settings(variant)}"),
        _words(f"## The model\n\n```python\n{inspect.getsource(variant.kind).rstrip()}\n```"),
        _words("## Training\n\nOne epoch on a thousand digits, to see it work; the figures of the page took longer."),
        _code(TRAINING.format(recipe=recipe, kind=kind)),
        _words("## What came out\n\nTen digits that training never saw, and under them what the model makes of them."),
        _code(LOOK),
    ]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells, start=1)],
    }


def to_bytes(made: dict[str, Any]) -> bytes:
    """A notebook as a file."""
    return (json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _settings(variant: Variant) -> str:
    """The variant's own settings, each with what it means and how far it goes."""
    values = variant.config().as_dict()
    lines = [f"    {name}={values[name]!r},  # {_range(knob)}\n" for name, knob in knobs(variant.config).items()]
    return f"config = {variant.config.__name__}(\n{''.join(lines)})\n"


def _range(knob: Knob) -> str:
    if isinstance(knob, Slider):
        return f"{knob.label}: {knob.low:g} to {knob.high:g}"
    return f"{knob.label}: {', '.join(knob.options)}" if isinstance(knob, Choice) else knob.label


def _words(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> Cell:
    source = text.rstrip().splitlines(keepends=True)
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def main() -> None:
    """Write the notebooks of the named variants, or of all."""
    parser = argparse.ArgumentParser(prog="python -m explorer.training.notebooks", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the notebooks are written")
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(variants())}; all without a name")
    parser.add_argument("--package", default="", help="what pip shall install where the explorer is missing")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - variants().keys())
    if unknown:
        parser.error(f"unknown variant {unknown[0]!r}; there are {', '.join(variants())}")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in chosen.names or variants():
        write_atomically(chosen.folder / f"{name}.ipynb", to_bytes(notebook(variants()[name], chosen.package)))


if __name__ == "__main__":
    main()
