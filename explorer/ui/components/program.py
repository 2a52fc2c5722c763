"""A few lines of Python to copy."""

from __future__ import annotations

from typing import Any

from explorer.ui.components.component import Component


class Program(Component):
    """A Python program under a title, with a button that copies it. ``value`` is its text."""

    script = "program"

    def __init__(self, value: str = "", *, title: str, **props: Any) -> None:
        super().__init__(value, title=title, **props)
