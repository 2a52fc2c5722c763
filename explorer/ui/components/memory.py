"""What the browser remembers of a visit."""

from __future__ import annotations

from typing import Any

from explorer.ui.components.component import Component


class Memory(Component):
    """Nothing to look at. Events: ``input``, as soon as the page is there, and again until there is a ``keep``; then
    ``select``, when the visitor does something, and once a minute at most: does the server still know this page?

    ``value`` is then ``{"visit": what was remembered, "server": of which server, "run": the id of the training that was
    on show last, "sweep": that of the sweep}``, JSON, or None in their places if nothing is, or the browser does not
    allow it. ``keep`` is written into the browser's storage whenever it changes; ``key`` says under which name.
    ``server`` is remembered as long as the tab lives. ``forgotten``, another number each time: the server knows nothing
    of this page; if it did before, the page is loaded again, and tells.
    """

    script = "memory"
    sends = ("input", "select")

    def __init__(
        self, value: Any = None, *, key: str = "", server: str = "", keep: Any = None, forgotten: int = 0, **props: Any
    ) -> None:
        props |= {"stored": key, "server": server, "keep": keep, "forgotten": forgotten}
        super().__init__(value, elem_classes="ae-memory", **props)
