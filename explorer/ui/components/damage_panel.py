"""Sliders for every kind of damage, the damaged picture, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class DamagePanel(Component):
    """Turning a slider damages at once, by the server. Event: ``input``, when the hand rests.

    ``value`` names a number for each slider, and where the black block is: ``left`` and ``top``, in pixels from 0.
    ``sliders``: ``[{"name", "title", "least", "most", "step"}]``; ``desk``: ``{"model": id, "input": base64 of 784
    uint8, "pictures": base64 of two such pictures}``, None hides all. ``damage`` is an async function of ``[model,
    input, value]`` that returns both pictures, damaged and rebuilt, or ``{"error": sentence}``.
    """

    script = "damage_panel"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, float] | None = None,
        *,
        damage: Callable[..., Any],
        sliders: Sequence[Mapping[str, Any]],
        desk: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, server_functions=[damage], sliders=list(sliders), desk=desk, **props)
