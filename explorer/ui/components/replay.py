"""A training that can be played again: the map of its codes, and ten digits as the model gave them."""

from __future__ import annotations

from typing import Any

from explorer.ui.components.component import Component


class Replay(Component):
    """A map that moves, a slider over the moments of a training, and Play; it sends nothing.

    ``replay``: ``{"source": where the file of ``replays.replay_file`` is, "digits": base64 of the ten test digits,
    "epochs": of the whole training}``; None hides it.
    """

    script = "replay"

    def __init__(self, value: Any = None, *, replay: dict[str, Any] | None = None, **props: Any) -> None:
        super().__init__(value, replay=replay, **props)
