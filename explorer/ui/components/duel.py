"""PCA against autoencoders, code size by code size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class DuelBoard(Component):
    """One slider for the code size; pictures, charts and words follow it in the browser. It sends nothing.

    ``duel``: ``sizes``; ``sides``, a title each; ``pictures``: base64 of the input and of each side's answer at each
    size, 784 uint8 each; ``mse`` and ``test``: for each side one error a size, of this picture and of all test digits;
    ``words``: who wins, a text a size; ``chart``: a Plotly figure over the code size; ``crossings``: what it says;
    ``angles``: degrees for each size, ``slants``: a text for each; ``bases``: the address of the components and the
    linear decoder's columns. None hides all.
    """

    script = "duel"

    def __init__(self, value: Any = None, *, duel: Mapping[str, Any] | None = None, **props: Any) -> None:
        super().__init__(value, duel=duel, **props)
