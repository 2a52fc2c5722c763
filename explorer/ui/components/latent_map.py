"""The map of a latent space: every test digit a dot, and the digit under the mouse decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.ui.components.component import Component


class LatentMap(Component):
    """Hovering or dragging decodes, a click pins, a click on a dot takes its digit. Events: ``input``, ``select``.

    ``value`` from the browser is ``{"index": i, "x": x, "y": y}``. With ``input`` test digit number i was taken; with
    ``select`` a place between the dots was pinned, and i is None. The props are those of ``latent.map_props``.
    Where ``decodes`` is "server", or no decoder arrived, the page's route for points is asked. With ``mean``, an
    async function of [model, numbers of test digits], dots can be selected by box and lasso. Maps of the page that have
    the same ``link`` share what is selected, which classes are on, and the digit that is pointed at.
    """

    script = "latent_map"
    sends = ("input", "select")

    def __init__(
        self, value: Any = None, *, mean: Callable[..., Any] | None = None, link: str = "", **props: Any
    ) -> None:
        defaults = {"source": "", "thumbnails": "", "decoder": "", "decodes": "no", "note": "", "model": ""}
        more = {
            "projection": "",
            "axes": ["", ""],
            "line": False,
            "colour": "label",
            "point": None,
            "path": [],
            "index": 0,
            "prior": False,
            "posterior": None,
            "clusters": "",
        }
        asked = [mean] if mean else []
        super().__init__(
            value, server_functions=asked, selects=mean is not None, link=link, **{**defaults, **more, **props}
        )
