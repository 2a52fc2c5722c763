"""``python -m explorer.training.anomaly [names]``: train the twenty small models that each know only some digits.

``only-3`` saw nothing but threes, ``without-3`` every digit but three. They train like any other run, with training
images alone, and are written to ``pretrained/anomaly/``.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from explorer.data.dataset import of_digits
from explorer.models.checkpoint import Card, save
from explorer.models.registry import named
from explorer.training.pretrain import shrunk
from explorer.training.runs import Event, RunSpec, execute, loaded

FOLDER = Path(__file__).parents[2] / "pretrained" / "anomaly"
VARIANT = "dense"
ONLY, WITHOUT = "only", "without"
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    ONLY: {"latent_dim": 16, "depth": 1, "width": 128, "code": "linear"},
    WITHOUT: {"latent_dim": 8, "depth": 1, "width": 128, "code": "linear"},
}
TRAINING: Mapping[str, Mapping[str, Any]] = {
    ONLY: {"epochs": 20, "batch_size": 64},
    WITHOUT: {"epochs": 1, "batch_size": 128, "learning_rate": 4e-3},  # longer, and it learns to build the tenth, too
}
log = logging.getLogger("anomaly")


@dataclass(frozen=True)
class Knower:
    """A model that knows one digit alone, or all but one."""

    kind: str
    digit: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.kind}-{self.digit}"

    @property
    def digits(self) -> tuple[int, ...]:
        """What it is trained on: its normal digits."""
        return tuple(digit for digit in range(10) if (digit == self.digit) == (self.kind == ONLY))

    def spec(self) -> RunSpec:
        """The run that makes it, but for the choice of digits."""
        training = named(VARIANT).training.as_dict() | dict(TRAINING[self.kind])
        return RunSpec(VARIANT, SETTINGS[self.kind], training)


KNOWERS: Mapping[str, Knower] = {
    one.name: one for one in (Knower(kind, digit) for kind in (ONLY, WITHOUT) for digit in range(10))
}


def train(name: str, folder: Path) -> Card:
    """Train one of them and write its weights and card, whose title says which digits it knows."""
    knower, finished = KNOWERS[name], Event()
    spec = knower.spec()
    normal = of_digits(loaded(spec.dataset), knower.digits)
    for event in execute(spec, dataset=normal):
        finished = event
    title = f"trained on {', '.join(map(str, knower.digits))} alone"
    card = replace(Card(**finished["card"]), name=name, title=title)
    card, weights = shrunk(card, finished["weights"], normal)
    save(folder, card, weights)
    log.info("%s: %s, %.1f s", name, title, card.seconds)
    return card


def main() -> None:
    """Train the named models, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(KNOWERS)}; all without a name")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - KNOWERS.keys())
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; there are {', '.join(KNOWERS)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in chosen.names or KNOWERS:
        train(name, chosen.folder)


if __name__ == "__main__":
    main()
