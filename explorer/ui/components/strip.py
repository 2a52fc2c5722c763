"""A row of test digits to choose the current input from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Strip(Component):
    """Chooses the current input among the test digits. Event: ``input``.

    ``value`` from the browser is ``{"index": i}``, a digit of the row or a typed number, or ``{"label": 7 or None,
    "roll": n}``: throw the dice for any digit with that label (None: any at all); ``n`` counts the throws. Python
    answers a throw with ``{"index": i}``, which marks the digit and fills the number box;
    ``{"index": None}`` marks none and empties the box.
    ``digits`` is the row: ``{"indices": [...], "labels": [...], "inputs": base64, "reconstructions": base64}``, the
    pictures being 784 uint8 each, one after another; ``count`` says how many test digits there are.
    """

    script = "strip"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, Any] | None = None,
        *,
        digits: Mapping[str, Any] | None = None,
        count: int = 10_000,
        **props: Any,
    ) -> None:
        super().__init__(value, digits=digits, count=count, **props)
