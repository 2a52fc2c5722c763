"""``python -m explorer.training.pretrain [names]``: train the models that are shipped in ``pretrained/``.

Runs one after the other in this process, with every core, on MNIST; then ``explorer.analysis.maps`` draws their maps.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from explorer.models.checkpoint import Card, save
from explorer.models.registry import named
from explorer.training.runs import Event, RunSpec, execute

FOLDER = Path(__file__).parents[2] / "pretrained"
log = logging.getLogger("pretrain")


@dataclass(frozen=True)
class Shipped:
    """A model that is shipped: a variant, what differs from its defaults, and a title for the page."""

    variant: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    def spec(self) -> RunSpec:
        """The run that makes it."""
        return RunSpec(self.variant, self.settings, named(self.variant).training.as_dict() | dict(self.training))


SHIPPED: Mapping[str, Shipped] = {
    "linear": Shipped("linear", "16 numbers", training={"epochs": 20}),
    "dense": Shipped("dense", "64 numbers, one layer", training={"epochs": 60}),
    "dense-2d": Shipped(
        "dense",
        "2 numbers",
        {"latent_dim": 2, "depth": 3, "code": "linear"},
        {"epochs": 40, "learning_rate": 2e-3},
    ),
    "dense-deep": Shipped(
        "dense", "64 numbers, deep", {"depth": 2, "code": "linear"}, {"epochs": 50, "learning_rate": 2e-3}
    ),
    "convolutional": Shipped("convolutional", "32 numbers", training={"epochs": 40}),
    "convolutional-64": Shipped("convolutional", "64 numbers", {"latent_dim": 64}, {"epochs": 30}),
    "sequence": Shipped("sequence", "64 numbers", training={"epochs": 20}),
    "sparse_l1": Shipped("sparse_l1", "512 numbers, few awake", training={"epochs": 25}),
    "sparse_kl": Shipped("sparse_kl", "512 numbers that take turns", training={"epochs": 30}),
    "k_sparse": Shipped("k_sparse", "30 of 1,000 numbers", {"k": 30}, {"epochs": 20, "batch_size": 64}),
    "contractive": Shipped("contractive", "128 numbers, λ = 0.02", training={"epochs": 30}),
    "contractive-free": Shipped("contractive", "128 numbers, no price", {"weight": 0.0}, {"epochs": 30}),
    "denoising": Shipped("denoising", "128 numbers", training={"epochs": 40}),
    "masked": Shipped("masked", "75 % hidden", {"decoder_dim": 64, "decoder_depth": 2}, {"epochs": 20}),
    "variational": Shipped(
        "variational",
        "32 numbers, black or white pixels",
        {"latent_dim": 32, "depth": 2, "width": 500, "warmup": 0.15, "pixels": "binarised"},
        {"epochs": 60, "learning_rate": 1.5e-3},
    ),
    "variational-2d": Shipped(
        "variational", "2 numbers", {"latent_dim": 2, "depth": 3, "width": 500}, {"epochs": 60, "learning_rate": 1.5e-3}
    ),
}


def train(name: str, folder: Path) -> Card:
    """Train one shipped model and write its weights and card."""
    shipped = SHIPPED[name]
    finished: Event = {}
    for event in execute(shipped.spec()):
        if event["kind"] == "epoch":
            log.info("%s: epoch %d, test error %.5f", name, event["epoch"], event["test_mse"])
        finished = event
    weights = finished["weights"]
    card = replace(Card(**finished["card"]), name=name, title=shipped.title)
    save(folder, card, weights)
    log.info("%s: %s", name, {term: round(value, 5) for term, value in card.figures.items()})
    return card


def main() -> None:
    """Train the named models, or all of them, and draw their maps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(SHIPPED)}; all without a name")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - SHIPPED.keys())
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; there are {', '.join(SHIPPED)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    names = chosen.names or list(SHIPPED)
    for name in names:
        train(name, chosen.folder)
    # Maps are the business of the analysis, which stands above training: it runs as a program of its own.
    subprocess.run([sys.executable, "-m", "explorer.analysis.maps", "--folder", str(chosen.folder), *names], check=True)


if __name__ == "__main__":
    main()
