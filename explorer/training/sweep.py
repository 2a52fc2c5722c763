"""``python -m explorer.training.sweep [families]``: train small models of many code sizes into ``pretrained/sweep/``.

They answer one question, what a number more in the code is worth to each family, and are shown nowhere but there.
Each family has the same settings at every size, so that nothing but the size of the code differs.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from explorer.training.pretrain import FOLDER, train
from explorer.training.shipped import Shipped

SWEEP = FOLDER / "sweep"
CODE_SIZES = (1, 2, 4, 8, 16, 32, 64, 128)

FAMILIES: Mapping[str, Shipped] = {
    "linear": Shipped("linear", "linear autoencoder", {}, {"epochs": 10}, small=True),
    "dense": Shipped(
        "dense",
        "deep dense autoencoder",
        {"depth": 2, "width": 256, "code": "linear"},
        {"epochs": 10, "learning_rate": 2e-3},
        small=True,
    ),
    "convolutional": Shipped("convolutional", "convolutional autoencoder", {}, {"epochs": 5}, small=True),
}


def name_of(family: str, k: int) -> str:
    """What the checkpoint of a family with k numbers in the code is called."""
    return f"{family}-{k}"


def recipe(family: str, k: int) -> Shipped:
    """The family's settings with k numbers in the code."""
    plain = FAMILIES[family]
    return replace(plain, title=f"{plain.title}, k = {k}", settings={**plain.settings, "latent_dim": k})


def main() -> None:
    """Train the named families, or all of them, from the smallest code to the largest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", help=f"which of {', '.join(FAMILIES)}; all without a name")
    parser.add_argument("--folder", type=Path, default=SWEEP)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.families) - FAMILIES.keys())
    if unknown:
        parser.error(f"unknown family {unknown[0]!r}; there are {', '.join(FAMILIES)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    chosen.folder.mkdir(exist_ok=True)
    for family in chosen.families or FAMILIES:
        for k in CODE_SIZES:
            train(name_of(family, k), recipe(family, k), chosen.folder)


if __name__ == "__main__":
    main()
