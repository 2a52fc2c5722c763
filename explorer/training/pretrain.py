"""``python -m explorer.training.pretrain [names]``: train the models that are shipped in ``pretrained/``.

Runs one after the other in this process, with every core, on MNIST; then ``explorer.analysis.maps`` draws their maps.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from explorer.data.dataset import Dataset
from explorer.models.checkpoint import Card, pack_small, save, unpack
from explorer.training.evaluate import evaluate
from explorer.training.runs import Event, execute, loaded
from explorer.training.shipped import FAILURES, SHIPPED, Shipped

FOLDER = Path(__file__).parents[2] / "pretrained"
log = logging.getLogger("pretrain")
ALL: Mapping[str, Shipped] = {**SHIPPED, **FAILURES}


def train(name: str, shipped: Shipped, folder: Path) -> Card:
    """Train one shipped model and write its weights and card under that name."""
    finished: Event = {}
    for event in execute(shipped.spec()):
        if event["kind"] == "epoch":
            log.info("%s: epoch %d, test error %.5f", name, event["epoch"], event["test_mse"])
        finished = event
    return keep(name, shipped, finished, folder)


def keep(name: str, shipped: Shipped, finished: Event, folder: Path) -> Card:
    """Write what came out of the run that makes a shipped model."""
    card, weights = replace(Card(**finished["card"]), name=name, title=shipped.title), finished["weights"]
    if shipped.small:
        card, weights = shrunk(card, weights, loaded(shipped.spec().dataset))
    save(folder, card, weights)
    log.info("%s: %s", name, {term: round(value, 5) for term, value in card.figures.items()})
    return card


def shrunk(card: Card, weights: bytes, dataset: Dataset) -> tuple[Card, bytes]:
    """The same model with 8 bits a weight, and its figures as they are then."""
    small = pack_small(unpack(card, weights))
    card = replace(card, weights_sha256=hashlib.sha256(small).hexdigest())
    return replace(card, figures=evaluate(unpack(card, small), dataset.test_images[: card.tested])), small


def main() -> None:
    """Train the named models, or all of them, and draw their maps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(ALL)}; all without a name")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - ALL.keys())
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; there are {', '.join(ALL)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    names = chosen.names or list(ALL)
    for name in names:
        train(name, ALL[name], chosen.folder)
    # Maps are the business of the analysis, which stands above training: it runs as a program of its own.
    subprocess.run([sys.executable, "-m", "explorer.analysis.maps", "--folder", str(chosen.folder), *names], check=True)


if __name__ == "__main__":
    main()
