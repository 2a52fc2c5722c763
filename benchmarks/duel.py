"""PCA against autoencoders of the same code size: MSE per pixel on MNIST's test set, recomputed from the checkpoints.

``python benchmarks/duel.py [--json FILE]``; needs MNIST (see README). All pixels in [0, 1] but in "PCA, unclipped".
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.table import parser, report  # noqa: E402
from explorer.analysis.codes import errors  # noqa: E402
from explorer.analysis.duel import PCA, equals, fought  # noqa: E402
from explorer.data.mnist import available  # noqa: E402
from explorer.training.sweep import CODE_SIZES, FAMILIES  # noqa: E402


def main() -> None:
    """One row for each code size, then where one curve equals another."""
    asked = parser(__doc__).parse_args()
    dataset = available()
    if dataset is None:
        sys.exit("These figures are of MNIST, which is not on this machine: name its folder in MNIST_DIR.")
    duel = fought(dataset)
    measured = {
        family: [float(errors(model, dataset.test_images).mean()) for model in models]
        for family, models in duel.models.items()
    }
    duel = replace(duel, mse={PCA: duel.mse[PCA], **measured})
    rows = []
    for at, k in enumerate(CODE_SIZES):
        mse = {side: curve[at] for side, curve in duel.mse.items()}
        rows.append(
            {
                "k": k,
                "PCA, unclipped": f"{duel.unclipped[at]:.5f}",
                "PCA": f"{mse[PCA]:.5f}",
                **{FAMILIES[family].title: f"{mse[family]:.5f}" for family in FAMILIES},
                "linear / PCA": f"{mse['linear'] / mse[PCA]:.4f}",
                "best bent / PCA": f"{min(mse[family] for family in FAMILIES if family != 'linear') / mse[PCA]:.3f}",
                "largest angle": f"{float(duel.angles[at][-1]):.1f}°",
            }
        )
    report(rows, asked.json)
    for family in FAMILIES:
        found = equals(duel.mse[family], duel.mse[PCA])
        if found:
            print(f"{FAMILIES[family].title}: {found[0]} numbers do what PCA does with {found[1]}")


if __name__ == "__main__":
    main()
