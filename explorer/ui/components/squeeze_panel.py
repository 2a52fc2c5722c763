"""A slider for the bits of a number, and what becomes of a picture in so many bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from explorer.ui.components.component import Component


class SqueezePanel(Component):
    """Turning the slider squeezes at once, by the server. Event: ``input``, when the hand rests.

    ``value``: ``{"bits": n}``, 1 to ``most``. ``desk``: ``{"model": id, "input": base64 of 784 uint8, "answer":
    {"pictures": base64 of N such pictures, "captions": [[title, figures, note] of each]}}``, None hides all.
    ``squeeze`` is an async function of ``[model, input, bits]`` that returns such an answer or ``{"error": sentence}``.
    """

    script = "squeeze_panel"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, int] | None = None,
        *,
        squeeze: Callable[..., Any],
        most: int,
        desk: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, server_functions=[squeeze], most=most, desk=desk, **props)
