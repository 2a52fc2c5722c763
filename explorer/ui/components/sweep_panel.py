"""A sweep: the form that plans it, its runs as they go, and what came out of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class SweepPanel(Component):
    """A form, two buttons, a chart and a table. Events: ``input``, the form was changed; ``submit``, a button was
    pressed; ``select``, a model is to be opened.

    ``value`` from the browser is ``{"form": form, "act": "start", "stop" or "resend", "open": id}``; a form is
    ``{"variants": [names], "knobs": [{"name": name, "values": "2, 8, 32"}, ...], "epochs": number, "images": number}``,
    with an empty name where no second knob is turned. ``variant`` is ``{"name", "title", "knobs", "form", "others"}``
    with the knobs as ``planned.offered`` gives them, the form to begin with, and the other variants by name and title;
    ``plan`` is ``{"text": what Python says of the form, "fits": whether it can be trained}``; ``sweep`` is what
    ``Sweep.shown`` gives, or None.
    """

    script = "sweep_panel"
    sends = ("input", "submit", "select")

    def __init__(
        self,
        value: Any = None,
        *,
        variant: Mapping[str, Any] | None = None,
        plan: Mapping[str, Any] | None = None,
        sweep: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, variant=variant, plan=plan, sweep=sweep, **props)
