"""A picture with a block on it that can be moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.models.base import SIDE
from explorer.models.knobs import shown
from explorer.ui.components.component import Component


class BlockBoard(Component):
    """A digit, and the frame of a square that is dragged or moved by arrow keys. Event: ``input``.

    ``value`` is ``{"left": column, "top": row}``, the upper left corner in pixels from 0; ``board`` is
    ``{"picture": base64 of 784 uint8, "side": the square's side in pixels, 0 hides it}``; None hides everything.
    """

    script = "block_board"
    sends = ("input",)

    def __init__(
        self, value: Mapping[str, int] | None = None, *, board: Mapping[str, Any] | None = None, **props: Any
    ) -> None:
        super().__init__(value, board=board, **props)


def corner(value: object) -> tuple[int, int]:
    """Left and top as a browser sent them. Raises ValueError for a corner outside the picture."""
    left, top = (value.get(key, -1) for key in ("left", "top")) if isinstance(value, dict) else (-1, -1)
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < SIDE for one in (left, top)):
        raise ValueError(f"the block's corner must be left and top from 0 to {SIDE - 1}, got {shown(value)}")
    return left, top
