"""The code behind what is shown, on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Source(Component):
    """A Python file that opens under one line. ``value`` is ``{"title", "text"}``; None hides it."""

    script = "source"

    def __init__(self, value: Mapping[str, str] | None = None, **props: Any) -> None:
        super().__init__(value, **props)
