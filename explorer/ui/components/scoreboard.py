"""The scoreboard: a table of runs, to sort, to choose curves from, to open, rename, delete and train again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Scoreboard(Component):
    """One row a run. Events: ``input``, other curves are chosen; ``select``, a run is opened, renamed or deleted;
    ``submit``, one is to be trained again.

    ``value`` from the browser is ``{"chosen": [ids], "do": "open", "rename" or "delete", "id": id, "title": title,
    "train": id}``: what was chosen last of each. A place in ``chosen`` stands for a colour; ``""`` is a free one.
    ``board`` is ``{"rows": [...], "chosen": [...], "open": id}`` with rows as ``scores.row`` makes them, the runs that
    are drawn as long as the visitor has not chosen any, and the page's model. Sorting, hiding and the CSV file are the
    browser's own work.
    """

    script = "scoreboard"
    sends = ("input", "select", "submit")

    def __init__(
        self, value: Mapping[str, Any] | None = None, *, board: Mapping[str, Any] | None = None, **props: Any
    ) -> None:
        super().__init__(value, board=board, **props)
