"""A slider for each of the strongest numbers of a code, and the picture that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from explorer.ui.components.component import Component


class CodeSliders(Component):
    """Turning a slider decodes at once, in the browser where it can; it sends nothing.

    ``code``: ``{"model": id, "decoder": address or "", "input": [D numbers], "mean": [D numbers], "sliders": [{"index",
    "title", "low", "high"}], "picture": base64 of the input}``. ``decode`` is an async function of ``[model, code]``
    that returns base64 of 784 uint8 or ``{"error": sentence}``, for decoders that are too large for the browser.
    """

    script = "code_sliders"

    def __init__(
        self,
        value: Any = None,
        *,
        decode: Callable[..., Any],
        code: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, server_functions=[decode], code=code, **props)
