"""One image's way through a model, played step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class SlowMotion(Component):
    """All steps as a strip, the current one large. Event: ``input``, when something else shall be drawn by chance.

    ``value`` from the browser is ``{"seed": n, "noise": whether}``. ``motion`` has ``model``, ``steps``, each with
    ``part``, ``title``, ``words``, ``frames``, ``signs`` and ``pictures`` (numbers into the next list), ``pictures``,
    each with ``name``, ``about``, ``shape``, ``tiles`` (count, rows, columns), ``across``, ``ink``, ``uncovers`` and
    ``marks``, ``numbers`` (base64 of all pictures' numbers as 16-bit floats, NaN where there is none), and ``chance``:
    None or ``{"again": what its button says, "noise": on, off, or None for no such switch}``. None hides it.
    """

    script = "slow_motion"
    sends = ("input",)

    def __init__(
        self, value: Mapping[str, Any] | None = None, *, motion: Mapping[str, Any] | None = None, **props: Any
    ) -> None:
        super().__init__(value, motion=motion, **props)
