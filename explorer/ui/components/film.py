"""Pictures in a row, played like a film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Film(Component):
    """One large picture out of many, chosen by a slider or played; it sends nothing.

    ``film``: ``{"frames": base64 of N x 784 uint8, "captions": [N texts], "label": what it is}``; None hides it.
    """

    script = "film"

    def __init__(self, value: Any = None, *, film: Mapping[str, Any] | None = None, **props: Any) -> None:
        super().__init__(value, film=film, **props)
