"""Views: each tab of the page is one file in ``ui/views`` that declares itself with ``@view``. No list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gradio.blocks import Block
from gradio.components import Component

from explorer.models.base import Autoencoder, Decoding, Generative, Masking
from explorer.ui import views as package

if TYPE_CHECKING:
    from explorer.ui.page import Page
    from explorer.ui.session import Current

LACKS = {
    Decoding.__name__: "needs a decoder that turns any code into an image. A masked autoencoder has none: it fills in "
    "patches, and needs the visible ones to do it. Nor has a U-Net: skip connections go round its deepest level.",
    Generative.__name__: "needs codes with a known distribution, and only a variational autoencoder has them.",
    Masking.__name__: "needs an encoder that can leave patches out, and only a masked autoencoder has one.",
}
PLACES = ("See", "Latent space", "Damage", "Train", "Compare", "Learn")


def nothing(*_: Any) -> list[Any]:
    """What a view shows that has no controls of its own."""
    return []


@dataclass(frozen=True)
class Panel:
    """What a view built, and what its components show.

    ``render(current)`` says it of the ``outputs``, which follow the current model and input. ``show(current, *values)``
    says it of the ``results``, which follow the view's own ``controls`` too; their values stay when the model changes.
    """

    outputs: Sequence[Block]
    render: Callable[[Current], list[Any]]
    controls: Sequence[Component] = ()
    results: Sequence[Block] = ()
    show: Callable[..., list[Any]] = nothing


@dataclass(frozen=True)
class View:
    """A title, its place on the page, and what a model must promise for it to appear."""

    title: str
    place: str
    order: int
    needs: type[Any]
    build: Callable[[Page], Panel]

    @property
    def key(self) -> str:
        """One word for it: no other view has the same."""
        return f"{self.place}/{self.title}"

    def lacking(self, model: Autoencoder) -> str:
        """Why this model cannot be seen in this view, in words; nothing if it can."""
        if isinstance(model, self.needs):
            return ""
        return f"**{self.title}** {LACKS[self.needs.__name__]} Choose another variant above to see it."


_found: dict[str, View] = {}


def view(
    title: str, *, place: str, order: int, needs: type[Any] = Autoencoder
) -> Callable[[Callable[[Page], Panel]], Callable[[Page], Panel]]:
    """Register the decorated ``build`` function. Raises ValueError for a place that the page does not have."""
    if place not in PLACES:
        raise ValueError(f"place must be one of {', '.join(PLACES)}, got {place!r}")

    def register(build: Callable[[Page], Panel]) -> Callable[[Page], Panel]:
        declared = View(title, place, order, needs, build)
        _found[declared.key] = declared
        return build

    return register


@cache
def views() -> Mapping[str, tuple[View, ...]]:
    """The views of each place that has any, in order."""
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    ordered = sorted(_found.values(), key=lambda v: v.order)
    places = {place: tuple(v for v in ordered if v.place == place) for place in PLACES}
    return {place: inside for place, inside in places.items() if inside}
