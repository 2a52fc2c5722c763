"""A grid of digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.models.knobs import shown
from explorer.ui.components.component import Component


class Sheet(Component):
    """Many digits in rows and columns. Event: ``input``, if ``choosable``: the value is ``{"cell": i, "id": id}``.

    ``sheet``, as ``digits_sheet`` makes it; None hides the grid. ``size`` is a digit's width in pixels, less where the
    screen is too narrow. Arrow keys walk over a choosable grid.
    """

    script = "sheet"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, int | None] | None = None,
        *,
        sheet: Mapping[str, Any] | None = None,
        choosable: bool = False,
        size: int = 56,
        **props: Any,
    ) -> None:
        super().__init__(value, sheet=sheet, choosable=choosable, size=size, **props)


def digits_sheet(
    pictures: str,
    columns: int,
    label: str,
    *,
    captions: Sequence[str] = (),
    rows: Sequence[str] = (),
    heads: Sequence[str] = (),
    marked: Sequence[int] = (),
    ids: Sequence[int] = (),
    signed: bool = False,
) -> dict[str, Any]:
    """What a Sheet shows. ``pictures``: base64 of N x 784 uint8 from black to white, or int8, -127 blue to 127 red.

    ``label`` tells a screen reader what it is; ``captions``: one a picture; ``rows`` and ``heads``: their titles;
    ``marked``: the cells with a frame; ``ids``: what the browser says when a cell is chosen.
    """
    words = {"captions": list(captions), "rows": list(rows), "heads": list(heads), "label": label}
    return {
        "pictures": pictures,
        "columns": columns,
        "signed": signed,
        "marked": list(marked),
        "ids": list(ids),
        **words,
    }


def chosen_cell(value: object, cells: int) -> int:
    """The cell that a browser says was chosen. Raises ValueError for one that does not exist."""
    cell = value.get("cell") if isinstance(value, dict) else None
    if isinstance(cell, bool) or not isinstance(cell, int) or not 0 <= cell < cells:
        raise ValueError(f"the cell must be a whole number from 0 to {cells - 1}, got {shown(cell)}")
    return cell
