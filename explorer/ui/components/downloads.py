"""Files to take home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class Downloads(Component):
    """A list of downloads. ``files``: ``[{"title", "about", "address"}]``; without an address ``about`` says why."""

    script = "downloads"

    def __init__(self, *, files: Sequence[Mapping[str, str]] = (), **props: Any) -> None:
        super().__init__(None, files=list(files), **props)
