"""How well simple readers do with a model's codes: figures, curve, confusions, heaps, and all models beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.ui.components.component import Component


class Knowledge(Component):
    """Everything that is said of one code. Event: ``input``, when a digit or a model is chosen.

    ``value`` from the browser is ``{"index": test digit}`` or ``{"open": model id}``. ``desk``: the ``model`` id, what
    it is called (``title``), the ``size`` of its code, the ``counts`` of labels on offer and the ``draws`` of each, how
    many digits are ``tested``, their ``labels`` (base64 of bytes), the address of their ``thumbnails``, the ``told``
    figures and sentences or None, the digits ``made`` for lessons or None, and ``lack``, why there are none.

    Server functions, each of a list: ``read`` of [model, labels, draw, classifier]; ``measure`` of [model] has a worker
    begin, and ``follow`` of [model, job] says how far it is; ``everyone`` of [model].
    """

    script = "knowledge"
    sends = ("input",)

    def __init__(
        self,
        value: Mapping[str, Any] | None = None,
        *,
        server_functions: Sequence[Callable[..., Any]],
        desk: Mapping[str, Any] | None = None,
        **props: Any,
    ) -> None:
        super().__init__(value, server_functions=list(server_functions), desk=desk, **props)
