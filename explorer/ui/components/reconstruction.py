"""Input, code, reconstruction and error of one image: the first thing a visitor sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.ui.components.component import Component


class Reconstruction(Component):
    """Shows one image's way through a model; it sends nothing.

    ``value``: ``input`` and ``reconstruction`` (base64 of 784 uint8), ``error`` (base64 of 784 int8, reconstruction
    minus input, 127 for 1), ``code`` (list of numbers), ``mse`` (per pixel, in [0, 1]) and ``psnr`` (dB).
    Optional: ``label`` and ``index`` of the test digit; ``code_shape`` (rows, columns), which draws any code as a heat
    map; ``note``, a sentence beside the figures; ``mask``, one "0" or "1" a patch, "1" for hidden, row by row;
    ``masked_input`` (base64), if the encoder saw other pixels than the input's; ``masked_caption`` for that picture.
    """

    script = "reconstruction"

    def __init__(self, value: Mapping[str, Any] | None = None, **props: Any) -> None:
        super().__init__(value, **props)
