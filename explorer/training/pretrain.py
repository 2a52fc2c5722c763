"""``python -m explorer.training.pretrain [names]``: train the models that are shipped in ``pretrained/``.

Runs one after the other in this process, with every core, on MNIST; then ``explorer.analysis.maps`` draws their maps.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from explorer.models.checkpoint import Card, save
from explorer.training.runs import Event, execute
from explorer.training.shipped import FAILURES, SHIPPED, Shipped

FOLDER = Path(__file__).parents[2] / "pretrained"
log = logging.getLogger("pretrain")
ALL: Mapping[str, Shipped] = {**SHIPPED, **FAILURES}


def train(name: str, folder: Path) -> Card:
    """Train one shipped model and write its weights and card."""
    shipped = ALL[name]
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
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(ALL)}; all without a name")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - ALL.keys())
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; there are {', '.join(ALL)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    names = chosen.names or list(ALL)
    for name in names:
        train(name, chosen.folder)
    # Maps are the business of the analysis, which stands above training: it runs as a program of its own.
    subprocess.run([sys.executable, "-m", "explorer.analysis.maps", "--folder", str(chosen.folder), *names], check=True)


if __name__ == "__main__":
    main()
