"""The input, cut into patches that can be hidden by hand or in a pattern, and what becomes of the holes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class PatchGrid(Component):
    """Patches are painted by mouse, touch or keys; every change is filled at once. Event: ``input``, once it stands.

    ``value`` is ``{"pattern": name, "share": hidden, 0 to 1, "seed": n, "side": patches in a row, "mask": ""}``, or as
    ``mask`` what the visitor painted, a letter for each patch, "1" for hidden. ``patches``: ``{"model": id, "side":
    patches in a row, "picture": base64 of the input, "tokens": whether visible patches are numbered}``; None hides all.
    ``patterns``: ``{"name": text, "share": bool, "seed": bool}`` each, whether share and seed change it. ``seeds`` is
    the largest seed.

    ``fill`` is an async function of ``[model, value, picture]`` that returns ``{"error": sentence}`` or ``{"mask":
    text, "pictures": base64 of 5 x 784 uint8 (raw output, pasted, and three guesses), "error": base64 of 784 int8,
    "captions": [six texts, the error's third], "words": a sentence, "attention": {"rows": base64 of patches x patches
    uint8, each row's largest number 255, "peaks": what 255 stands for in each row} or None}``.
    """

    script = "patch_grid"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, Any] | None = None,
        *,
        fill: Callable[..., Any],
        patterns: Sequence[Mapping[str, Any]],
        seeds: int,
        patches: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, server_functions=[fill], patterns=list(patterns), seeds=seeds, patches=patches, **props)
