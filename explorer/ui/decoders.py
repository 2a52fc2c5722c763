"""Decoders for the browser: a chain of layers as one small file that ``components/decoder.js`` runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

LIMIT = 2_000_000  # multiply-adds an image: a few milliseconds in a browser


def fits_browser(chain: Sequence[nn.Module]) -> bool:
    """Whether the decoder is a chain that is small enough to run at every move of the mouse."""
    return bool(chain) and multiply_adds(chain) <= LIMIT


def multiply_adds(chain: Sequence[nn.Module]) -> int:
    """How many multiplications one image costs."""
    total, side = 0, 1
    for layer in chain:
        if isinstance(layer, nn.Linear):
            total += layer.weight.numel()
        elif isinstance(layer, nn.Unflatten):
            side = _sizes(layer)[1]
        elif isinstance(layer, nn.ConvTranspose2d):
            total += side * side * layer.weight.numel()
            side = _grown(layer, side)
    return total


def pack_decoder(chain: Sequence[nn.Module], lift: NDArray[np.float32] | None = None) -> bytes:
    """Header and half-precision weights. ``lift`` (D, 3) leads from a point of the map to a code.

    Raises ValueError for a layer that the browser does not know, or a weight beyond half precision.
    """
    layers: list[dict[str, Any]] = []
    weights: list[Tensor] = []
    channels, side = 1, 1
    for layer in chain:
        if isinstance(layer, nn.Unflatten):
            channels, side = _sizes(layer)
        layers.append(_described(layer, channels, side))
        if isinstance(layer, nn.Linear):
            weights += [layer.weight, layer.bias]
        elif isinstance(layer, nn.ConvTranspose2d):
            weights += [layer.weight.permute(2, 3, 0, 1), layer.bias]  # kernel row, column, input, output
            channels, side = layer.out_channels, _grown(layer, side)
    numbers = np.concatenate([w.detach().cpu().numpy().ravel() for w in weights]) if weights else np.zeros(0)
    if not (np.abs(numbers) < 65504).all():
        raise ValueError("the decoder has weights that half precision cannot hold")
    header: dict[str, Any] = {
        "layers": layers,
        "lift": None if lift is None else np.round(lift.astype(float), 6).tolist(),
    }
    return framed(header) + numbers.astype("<f2").tobytes()


def framed(header: dict[str, Any]) -> bytes:
    """A JSON header behind its length (uint32), padded so that what follows starts at a multiple of four bytes."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return np.uint32(len(text)).astype("<u4").tobytes() + text


def _described(layer: nn.Module, channels: int, side: int) -> dict[str, Any]:
    """What decoder.js must know about a layer besides its weights."""
    if isinstance(layer, nn.Linear):
        return {"op": "linear", "inputs": layer.in_features, "outputs": layer.out_features}
    if isinstance(layer, nn.ConvTranspose2d):
        sizes = {"inputs": layer.in_channels, "outputs": layer.out_channels, "side": side}
        shape = {"kernel": layer.kernel_size[0], "stride": layer.stride[0], "padding": int(layer.padding[0])}
        return {"op": "convtranspose", **sizes, **shape}
    if isinstance(layer, nn.Hardtanh):
        return {"op": "clamp", "low": layer.min_val, "high": layer.max_val}
    simple = {nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh", nn.Unflatten: "unflatten", nn.Flatten: "flatten"}
    if type(layer) not in simple:
        raise ValueError(f"the browser cannot run a layer of the kind {type(layer).__name__}")
    return {"op": simple[type(layer)], "channels": channels, "side": side}


def _sizes(layer: nn.Unflatten) -> tuple[int, int]:
    channels, side, _ = (int(size) for size in layer.unflattened_size)  # (C, H, W), square
    return channels, side


def _grown(layer: nn.ConvTranspose2d, side: int) -> int:
    return (side - 1) * layer.stride[0] - 2 * int(layer.padding[0]) + layer.kernel_size[0]
