"""The knobs of a variant and of its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class KnobPanel(Component):
    """Sliders, choices and switches made from ``controls.schema``. Event: ``input``.

    ``value`` is ``{"settings": {name: value}, "training": {name: value}}`` with every setting, as ``controls.defaults``
    gives it and ``controls.read`` checks it. ``start`` holds the settings to begin with: they are taken over whenever
    ``model``, the id of the model they belong to, changes; what a visitor has turned since stays. ``message`` is the
    sentence to show when Python refuses a combination.
    """

    script = "knob_panel"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        schema: Sequence[Mapping[str, Any]] = (),
        start: Mapping[str, Mapping[str, Any]] | None = None,
        model: str = "",
        message: str = "",
        **props: Any,
    ) -> None:
        super().__init__(value, schema=list(schema), start=start, model=model, message=message, **props)
