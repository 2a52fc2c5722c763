"""The variant picker and, below it, the chooser of its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class Picker(Component):
    """Which autoencoder the page shows. Event: ``input``.

    ``value`` is ``{"variant": name, "model": id}``; a freshly chosen variant arrives with the model ``""``, for Python
    to fill in. ``variants`` are ``{"name", "title", "group", "summary"}`` in the order of the page; ``models``, those
    of the chosen variant, are ``{"id", "title", "detail", "mine"}``, ``mine`` marking what the visitor trained.
    """

    script = "picker"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, str] | None = None,
        *,
        variants: Sequence[Mapping[str, str]] = (),
        models: Sequence[Mapping[str, Any]] = (),
        **props: Any,
    ) -> None:
        super().__init__(value, variants=list(variants), models=list(models), **props)
