"""The pictures of a whole tab, to be saved."""

from __future__ import annotations

from explorer.ui.components.component import Component


class TabSheet(Component):
    """Stands once under all places: saves every digit that is to be seen as one PNG, with its caption."""

    script = "tab_sheet"
