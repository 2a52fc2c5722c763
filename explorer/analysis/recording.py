"""``python -m explorer.analysis.recording [names]``: record the shipped models' replays, ``pretrained/<name>.replay``.

Each is trained once more, from its seed, and must come out with the very weights that are shipped. With ``--anew`` what
comes out is shipped in their place; then ``explorer.analysis.maps`` draws its maps.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from explorer.analysis.maps import pointed
from explorer.analysis.replay import Moment, to_bytes, told
from explorer.models.checkpoint import Card, CheckpointError, write_atomically
from explorer.training.pretrain import FOLDER, keep
from explorer.training.runs import execute
from explorer.training.shipped import SHIPPED

log = logging.getLogger("recording")


def recorded(name: str, folder: Path, *, anew: bool = False) -> bytes:
    """Train a shipped model once more and keep what a replay needs; ``anew``: keep its weights and card, too.

    Otherwise raises CheckpointError where the run does not end with the very weights that are shipped.
    """
    card = None if anew else Card.from_json((folder / f"{name}.json").read_bytes())
    if card is not None:
        torch.set_num_threads(card.threads)  # the order of sums, and with it the last bits, depends on them
    moments: list[Moment] = []
    for event in execute(SHIPPED[name].spec()):
        if event["kind"] == "moment":
            moments.append(told(pointed(event), moments[-1] if moments else None))
            log.info("%s: after %.2f epochs, test error %.5f", name, moments[-1].at, moments[-1].error)
        elif event["kind"] == "finished":
            if card is None:
                keep(name, SHIPPED[name], event, folder)
            elif event["card"]["weights_sha256"] != card.weights_sha256:
                raise CheckpointError(f"{name} came out with other weights than those shipped: pretrain it first")
    return to_bytes(moments)


def main() -> None:
    """Record the replays of the named shipped models, or of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--anew", action="store_true", help="ship what comes out")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if unknown := [name for name in chosen.names if name not in SHIPPED]:
        parser.error(f"no shipped model is called {', '.join(unknown)}; there are {', '.join(SHIPPED)}")
    for name in chosen.names or list(SHIPPED):
        write_atomically(chosen.folder / f"{name}.replay", recorded(name, chosen.folder, anew=chosen.anew))


if __name__ == "__main__":
    main()
