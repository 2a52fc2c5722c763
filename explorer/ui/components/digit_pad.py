"""A pad to draw a digit on, and a photo in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component

RASTER = 112  # a drawing comes to the server as so many pixels, down and across


class DigitPad(Component):
    """Draws with mouse, finger, pen or keys, and takes photos. Event: ``input``.

    ``value`` from the browser is ``{"own": base64 of 784 uint8}``, the new input, or ``{"own": ""}`` when it is to be a
    test digit again. Two async server functions make it: ``draw`` of ``[model, drawing]`` (base64 of RASTER x RASTER
    uint8, ink bright) and ``photo`` of ``[model, base64 of the file, polarity]``. They return ``{"own": base64 of 784
    uint8, "result": the same of its reconstruction, "steps": [{"title", "width", "height", "pixels": base64}]}`` or
    ``{"error": sentence}``.
    ``own`` is the input that the page has, empty for a test digit; ``index`` that digit; ``model`` the open one;
    ``result`` (base64) its reconstruction of the input; ``polarities`` the choices for a photo.
    """

    script = "digit_pad"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, str] | None = None,
        *,
        draw: Callable[..., Any],
        photo: Callable[..., Any],
        polarities: Sequence[str],
        own: str = "",
        index: int = 0,
        model: str = "",
        result: str = "",
        **props: Any,
    ) -> None:
        functions = [draw, photo]
        super().__init__(
            value,
            server_functions=functions,
            polarities=list(polarities),
            own=own,
            index=index,
            model=model,
            result=result,
            **props,
        )
