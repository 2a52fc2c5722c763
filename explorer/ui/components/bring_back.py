"""A model from the visitor's own disk, or from the Hugging Face Hub."""

from __future__ import annotations

from typing import Any

from explorer.ui.components.component import Component


class BringBack(Component):
    """Sends a model's zip, its two files, or the name of its repository to the server. Event: ``input``, when the model
    was taken: ``{"id": its id}``.

    ``most``: bytes that the server takes.
    """

    script = "bring_back"
    sends = ("input",)

    def __init__(self, *, most: int, **props: Any) -> None:
        super().__init__(None, most=most, **props)
