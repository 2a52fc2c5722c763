"""Two groups of scores, and a threshold between them that can be dragged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Threshold(Component):
    """A histogram of both groups, what the threshold does in numbers, and the ROC curve; all in the browser.

    ``scores``, None hides it: ``{"normal", "foreign": base64 of float32 in ascending order, "names": what the groups
    are, "title": of the score, "auc": number, "own": the input's score, "is_foreign": whether it is, None if nobody
    knows, "input" and "rebuilt": base64 of 784 uint8, "shown": the two ends of the axis}``. The threshold starts, and
    starts again with other scores, where as many normal pictures lie above it as before: five in a hundred at first.
    It is never sent to Python.
    """

    script = "threshold"

    def __init__(self, *, scores: Mapping[str, Any] | None = None, **props: Any) -> None:
        super().__init__(scores=scores, **props)
