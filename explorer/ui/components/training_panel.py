"""Train, pause, stop and reset, with the curves and pictures of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from explorer.models.knobs import shown
from explorer.ui.components.component import Component

ACTIONS = ("train", "pause", "step", "stop", "reset", "resend")
STATES = ("idle", "queued", "running", "paused", "done", "stopped", "diverged")


@dataclass(frozen=True)
class Action:
    """A pressed button: which, the how-manieth, for which run, and how many points of its curve the browser has."""

    name: str
    count: int
    run: str | None
    have: int


class TrainingPanel(Component):
    """Buttons, a progress line, curves and ten reconstructions. Event: ``input``; handlers receive an ``Action``.

    ``value`` from Python: ``run`` (an id), ``state`` (one of ``STATES``; it decides which buttons work), ``text`` (one
    line), ``progress`` (0 to 1), and what is new: ``points`` ``[[epochs, {term: value}], ...]`` with ``start``, the
    number of points before them; ``pictures`` (base64 of ten reconstructions, 784 uint8 each) and ``epoch``, after
    which they were made; ``moment``, as ``desk.Desk`` tells it, or None. The browser files them under the run. When
    points are missing (a page in the background skips updates, a reloaded one has none) it presses ``resend`` by
    itself; answer with the points from ``have`` on. ``digits`` is base64 of the ten test digits to set above the
    reconstructions, ``labels`` of the labels of the map's dots.
    """

    script = "training_panel"
    sends = ("input",)

    def __init__(
        self, value: Mapping[str, Any] | None = None, *, digits: str = "", labels: str = "", **props: Any
    ) -> None:
        super().__init__(value, digits=digits, labels=labels, **props)

    def preprocess(self, payload: object) -> Action:  # type: ignore[override]  # HTML promises a text  # type: ignore[override]
        """What was pressed. Raises gr.Error for anything that no button sends."""
        sent = payload if isinstance(payload, dict) else {}
        name, count, run, have = (sent.get(key) for key in ("action", "count", "run", "have"))
        if name not in ACTIONS:
            raise gr.Error(f"action must be one of {', '.join(ACTIONS)}, got {shown(name)}")
        if not isinstance(run, str | None):
            raise gr.Error(f"run must be a word, got {shown(run)}")
        return Action(name, _natural("count", count), run, _natural("have", have))


def _natural(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise gr.Error(f"{name} must be a whole number from 0, got {shown(value)}")
    return value
