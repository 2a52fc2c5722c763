"""The whole page on a slow server: the first answer is so late that the next one is ready before it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

LATE, SOON = 0.8, 0.1  # seconds
QUICK = 0.5  # seconds between two moves


def main() -> None:
    """Serve the page where HOST and PORT say."""
    from explorer.ui import page, visit, wiring
    from explorer.ui.server import launch

    usual, before = visit.handler, [0.0]

    def slow(show: Callable[..., list[Any]], outputs: Sequence[Any], change: Callable[..., None] | None = None) -> Any:
        def late(*values: Any) -> list[Any]:
            is_first = time.monotonic() - before[0] > QUICK
            before[0] = time.monotonic()
            time.sleep(LATE if is_first else SOON)
            return show(*values)

        return usual(late, outputs, change)

    page.handler = wiring.handler = slow  # type: ignore[attr-defined]
    launch(os.environ["HOST"], int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
