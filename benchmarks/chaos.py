"""Kills, stops, swells and floods the explorer, and looks what is left: bars 16 to 30, as far as they take long.

``python benchmarks/chaos.py [--only server stop] [--times 3] [--json FILE]``; loopback only. ``--times`` multiplies how
often each thing is done. Ends with 1 when a bar is missed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.chaos_jobs import at_once, budget, closed_tab, stop, workers_that_break  # noqa: E402
from benchmarks.chaos_server import disk, no_network, saving, seeds, server, umap  # noqa: E402
from benchmarks.table import parser, report  # noqa: E402

BARS: dict[str, Callable[[int, Path], list[tuple[str, str, bool]]]] = {
    "saving": saving,
    "server": server,
    "network": no_network,
    "disk": disk,
    "stop": stop,
    "cap": at_once,
    "tab": closed_tab,
    "budget": budget,
    "break": workers_that_break,
    "seeds": seeds,
    "umap": umap,
}


def main() -> int:
    """Measure and print; 1 if a bar is missed."""
    asked = parser(__doc__)
    asked.add_argument("--only", nargs="+", choices=[*BARS], default=[*BARS], metavar="BAR", help=", ".join(BARS))
    asked.add_argument("--times", type=int, default=1, metavar="N")
    chosen = asked.parse_args()
    rows: list[dict[str, Any]] = []
    for name in chosen.only:
        with tempfile.TemporaryDirectory(prefix="explorer-chaos-", ignore_cleanup_errors=True) as folder:
            try:
                told = BARS[name](max(1, chosen.times), Path(folder))
            except Exception as error:  # noqa: BLE001  a bar that breaks down is missed, and the next one is tried
                told = [(name, f"{type(error).__name__}: {str(error)[-300:]}", False)]
        rows += [
            {"what": what, "measured": measured, "bar": "held" if holds else "MISSED"} for what, measured, holds in told
        ]
        print(*(f"{row['what']}: {row['measured']}, {row['bar']}" for row in rows[-len(told) :]), sep="\n", flush=True)
    print()
    report(rows, chosen.json)
    return int(any(row["bar"] == "MISSED" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
