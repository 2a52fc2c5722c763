"""What the browser remembers of a visit."""

from __future__ import annotations

from typing import Any

from explorer.ui.components.component import Component


class Memory(Component):
    """Nothing to look at. Event: ``input``, as soon as the page is there, and again until there is a ``keep``.

    ``value`` is then ``{"visit": what was remembered}``, JSON, or None in its place if nothing is, or the browser does
    not allow it. ``keep`` is written into the browser's storage whenever it changes; ``key`` says under which name.
    """

    script = "memory"
    sends = ("input",)

    def __init__(self, value: Any = None, *, key: str = "", keep: Any = None, **props: Any) -> None:
        super().__init__(value, stored=key, keep=keep, elem_classes="ae-memory", **props)
