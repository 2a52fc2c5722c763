"""Makes Gradio send a component's properties whole.

Gradio 6.31 sends an update of a ``gr.HTML`` as the changed properties alone, and the browser puts them in the place of
all of them. What is on display keeps the others; what is in a tab that was not opened yet, or hidden by the server, has
lost them when it is shown. An update that changes nothing, as ``gr.skip()`` is one, loses them all.
"""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any

import gradio as gr
from gradio import blocks

OWN = frozenset(inspect.signature(gr.HTML.__init__).parameters) | {"__type__"}  # these are no properties


def complete_updates() -> None:
    """From now on an update carries every property, or none if it changes none. To call twice does no harm."""
    if not hasattr(blocks.postprocess_update_dict, "__wrapped__"):
        blocks.postprocess_update_dict = completed(blocks.postprocess_update_dict)


def completed(partial: Any) -> Any:
    """Gradio's function that words an update, with the properties completed from the block, which has them all."""

    @wraps(partial)
    def complete(block: Any, update_dict: dict[str, Any], postprocess: bool = True) -> dict[str, Any]:
        is_changed = not OWN.issuperset(update_dict)
        update: dict[str, Any] = partial(block, update_dict, postprocess)
        if isinstance(block, gr.HTML):
            update.pop("props", None)
            if is_changed:
                update["props"] = dict(block.props)
        return update

    return complete
