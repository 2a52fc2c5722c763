"""The atoms that make up one digit, each with a switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Atoms(Component):
    """Switch off an atom, and the picture is built again from the others, in the browser; it sends nothing.

    ``parts``: ``{"decoder": address, "code": [D numbers], "which": [the atoms shown, the strongest first], "pictures":
    base64 of as many x 784 int8, "picture": base64 of the input}``; None hides it.
    """

    script = "atoms"

    def __init__(self, value: Any = None, *, parts: Mapping[str, Any] | None = None, **props: Any) -> None:
        super().__init__(value, parts=parts, **props)
