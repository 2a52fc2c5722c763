"""Pictures as text for the components: base64 of 8-bit pixels, one digit after another."""

from __future__ import annotations

import base64

from torch import Tensor


def base64_of(images: Tensor) -> str:
    """(N, 1, 28, 28) in [0, 1] -> N x 784 uint8."""
    return base64.b64encode((images.clamp(0, 1) * 255).round().byte().cpu().numpy().tobytes()).decode()


def base64_of_signed(errors: Tensor) -> str:
    """(N, 1, 28, 28) in [-1, 1] -> N x 784 int8, 127 for 1."""
    return base64.b64encode((errors.clamp(-1, 1) * 127).round().char().cpu().numpy().tobytes()).decode()
