"""A table of models: what each makes of the same picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Comparison(Component):
    """One row a model, to be sorted by any column; rows can be put away. Event: ``input``, when a model is opened.

    ``value`` from the browser is ``{"open": id}``. ``table`` is a JSON list of rows, as text, since the page copies
    every number of a list on its own; a row has ``id``, ``title``, ``variant``, ``mine``, ``reconstruction`` (784
    uint8), ``error`` (784 int8), ``code`` (numbers), ``mse``, ``psnr`` (dB), ``numbers``, ``awake``, ``bytes``,
    ``parameters`` and ``ms``.
    """

    script = "comparison"
    sends = ("input",)

    def __init__(self, value: Mapping[str, str] | None = None, *, table: str = "", **props: Any) -> None:
        super().__init__(value, table=table, **props)
