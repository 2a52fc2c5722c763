"""A Plotly figure in the page's own look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from explorer.ui.components.component import Component


class Figure(Component):
    """Draws a Plotly figure, in the colours of light or dark mode. Event: ``select``, when a point is clicked.

    ``value`` is a ``go.Figure`` or ``{"data": [...], "layout": {...}}``; None hides it. What the layout leaves open
    (fonts, colours, grid, margins) comes from the page. ``description`` is what a screen reader says in its place;
    ``height`` is in pixels. The event's data are ``curve``, ``index``, ``x``, ``y`` and ``id`` (the customdata).
    """

    script = "figure"
    sends = ("select",)

    def __init__(
        self,
        value: go.Figure | Mapping[str, Any] | None = None,
        *,
        description: str = "",
        height: int = 360,
        **props: Any,
    ) -> None:
        super().__init__(value, description=description, height=height, **props)

    def postprocess(self, value: go.Figure | Mapping[str, Any] | None) -> Any:
        """The figure as JSON values; the template of plotly.py is left out, the page has its own."""
        if not isinstance(value, go.Figure):
            return value
        figure: dict[str, Any] = json.loads(value.to_json())
        figure["layout"].pop("template", None)
        return figure

    def preprocess(self, payload: object) -> None:
        """A figure says nothing to Python but its events."""
