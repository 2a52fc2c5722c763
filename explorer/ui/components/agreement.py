"""How well two maps agree: one slider for the number of neighbours, figures that came once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from explorer.ui.components.component import Component


class Agreement(Component):
    """``asked``, of which ``agreement``, an async function, tells all that is shown; it sends nothing.

    That is: ``digits``, how many; ``curves``, a share for k = 1, 2, 3 ... by name; ``words``, a sentence for each k;
    ``trust``, rows of a title and two figures; ``verdict``, what they say. Or ``error``, a sentence.
    """

    script = "agreement"

    def __init__(
        self, value: Any = None, *, agreement: Callable[..., Any], asked: Sequence[str] = (), **props: Any
    ) -> None:
        super().__init__(value, server_functions=[agreement], asked=[*asked], **props)
