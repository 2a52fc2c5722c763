"""What longer training buys the k-sparse autoencoder: errors of a linear classifier on its codes, run by run.

``python benchmarks/k_sparse.py [epochs ...] [--json FILE]``; each run has its own schedule, by default of 5, 10, 20
and 40 epochs: about 40 minutes of one core, printed as they come. Needs MNIST (see README). The curve is held against
the paper's 1.35 % (Makhzani and Frey, *k-sparse autoencoders*, ICLR 2014, k = 25).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.quality import classifier_error, mse  # noqa: E402
from benchmarks.table import parser, report  # noqa: E402
from explorer.data.mnist import available  # noqa: E402
from explorer.models.checkpoint import Card, unpack  # noqa: E402
from explorer.training.runs import Event, execute  # noqa: E402
from explorer.training.shipped import SHIPPED  # noqa: E402

ALPHAS = (1.0, 2.0, 3.0)


def main() -> None:
    """Train, measure, print."""
    arguments = parser(__doc__)
    arguments.add_argument("epochs", nargs="*", type=int, default=[5, 10, 20, 40])
    asked = arguments.parse_args()
    dataset = available()
    if dataset is None:
        sys.exit("These figures are of MNIST, which is not on this machine: name its folder in MNIST_DIR.")
    spec, rows = SHIPPED["k_sparse"].spec(), []
    for epochs in asked.epochs:
        finished = Event()
        for event in execute(replace(spec, training={**spec.training, "epochs": epochs})):
            finished = event
        card = Card(**finished["card"])
        model = unpack(card, finished["weights"])
        row = {"epochs": epochs, "seconds": f"{card.seconds:.0f}", "test MSE": f"{mse(model, dataset):.5f}"}
        rows.append(row | {f"error at α = {a:g}, %": f"{classifier_error(model, dataset, a):.2f}" for a in ALPHAS})
        print(rows[-1], flush=True)
    report(rows, asked.json)


if __name__ == "__main__":
    main()
