"""Pictures as text for the components: base64 of 8-bit pixels, one digit after another."""

from __future__ import annotations

import base64

import numpy as np
import torch
from torch import Tensor

from explorer.models.base import PIXELS, SIDE
from explorer.models.knobs import shown


def base64_of(images: Tensor) -> str:
    """(N, 1, 28, 28) in [0, 1] -> N x 784 uint8."""
    return base64.b64encode((images.clamp(0, 1) * 255).round().byte().cpu().numpy().tobytes()).decode()


def base64_of_signed(errors: Tensor) -> str:
    """(N, 1, 28, 28) in [-1, 1] -> N x 784 int8, 127 for 1."""
    return base64.b64encode((errors.clamp(-1, 1) * 127).round().char().cpu().numpy().tobytes()).decode()


def pixels_of(text: object) -> bytes:
    """Base64 -> the 784 grey values of a picture. Raises ValueError for anything else."""
    try:
        content = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:  # binascii.Error, and letters beyond ASCII
        content = b""
    if len(content) != PIXELS:
        raise ValueError(f"a picture must be base64 of {PIXELS} grey values, got {shown(text)}")
    return content


def picture_of(text: object) -> Tensor:
    """The same as a picture (1, 1, 28, 28) in [0, 1]. Raises ValueError."""
    grey = np.frombuffer(pixels_of(text), dtype=np.uint8).astype(np.float32)
    return torch.from_numpy(grey / 255).reshape(1, 1, SIDE, SIDE)
