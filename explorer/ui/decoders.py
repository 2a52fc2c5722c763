"""Decoders for the browser: a chain of layers as one small file that ``components/decoder.js`` runs."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.models.base import SIDE
from explorer.models.checkpoint import HALF_LIMIT
from explorer.models.layers import RowWriter

LIMIT = 2_000_000  # multiply-adds an image: a few milliseconds in a browser
SIMPLE = {
    nn.ReLU: "relu",
    nn.GELU: "gelu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.Unflatten: "unflatten",
    nn.Flatten: "flatten",
}


def fits_browser(chain: Sequence[nn.Module]) -> bool:
    """Whether the decoder is a chain of known layers, small enough to run at every move of the mouse."""
    known = all(type(layer) in (nn.Linear, nn.ConvTranspose2d, RowWriter, nn.Hardtanh, *SIMPLE) for layer in chain)
    return bool(chain) and known and multiply_adds(chain) <= LIMIT


def multiply_adds(chain: Sequence[nn.Module]) -> int:
    """How many multiplications one image costs."""
    total, side, rows = 0, 1, 1
    for layer in chain:
        if isinstance(layer, nn.Linear):
            total += rows * layer.weight.numel()
        elif isinstance(layer, RowWriter):
            rows = SIDE
            total += 3 * layer.cell.hidden_size * (layer.cell.input_size + rows * layer.cell.hidden_size)
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
    weights = [torch.empty(0)]
    channels, side = 1, 1
    for layer in chain:
        if isinstance(layer, nn.Unflatten):
            channels, side = _sizes(layer)
        layers.append(_described(layer, channels, side))
        if isinstance(layer, nn.Linear):
            weights += [layer.weight, _bias(layer)]
        elif isinstance(layer, RowWriter):
            weights += [*layer.cell.parameters()]  # for the input and the state, then the biases of both
        elif isinstance(layer, nn.ConvTranspose2d):
            weights += [layer.weight.permute(2, 3, 0, 1), _bias(layer)]  # kernel row, column, input, output
            channels, side = layer.out_channels, _grown(layer, side)
    numbers = torch.cat([w.detach().cpu().flatten() for w in weights])
    if not bool((numbers.abs() < HALF_LIMIT).all()):  # false for NaN as well
        raise ValueError("the decoder has weights that half precision cannot hold")
    header: dict[str, Any] = {
        "layers": layers,
        "lift": None if lift is None else np.round(lift.astype(float), 6).tolist(),
    }
    return framed(header) + numbers.half().numpy().astype("<f2").tobytes()


def framed(header: dict[str, Any]) -> bytes:
    """A JSON header behind its length (uint32), padded so that what follows starts at a multiple of four bytes."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text


def _described(layer: nn.Module, channels: int, side: int) -> dict[str, Any]:
    """What decoder.js must know about a layer besides its weights."""
    if isinstance(layer, nn.Linear):
        return {"op": "linear", "inputs": layer.in_features, "outputs": layer.out_features}
    if isinstance(layer, RowWriter):
        _require_single(layer.cell)
        return {"op": "gru", "inputs": layer.cell.input_size, "width": layer.cell.hidden_size, "steps": SIDE}
    if isinstance(layer, nn.ConvTranspose2d):
        _require_plain(layer)
        sizes = {"inputs": layer.in_channels, "outputs": layer.out_channels, "side": side}
        shape = {"kernel": layer.kernel_size[0], "stride": layer.stride[0], "padding": int(layer.padding[0])}
        return {"op": "convtranspose", **sizes, **shape}
    if isinstance(layer, nn.Hardtanh):
        return {"op": "clamp", "low": layer.min_val, "high": layer.max_val}
    if type(layer) not in SIMPLE or (isinstance(layer, nn.GELU) and layer.approximate != "none"):
        raise ValueError(f"the browser cannot run the layer {layer}")
    return {"op": SIMPLE[type(layer)], "channels": channels, "side": side}


def _require_plain(layer: nn.ConvTranspose2d) -> None:
    """Raises ValueError for a transposed convolution with one of the options that decoder.js leaves out."""
    square = all(len(set(sizes)) == 1 for sizes in (layer.kernel_size, layer.stride, layer.padding))
    simple = {*layer.dilation, layer.groups} == {1} and not any(layer.output_padding)
    if not (square and simple):
        raise ValueError(f"the browser cannot run the layer {layer}")


def _require_single(layer: nn.GRU) -> None:
    """Raises ValueError for a GRU of several layers or directions, or without bias."""
    if layer.num_layers > 1 or layer.bidirectional or not layer.bias:
        raise ValueError(f"the browser cannot run the layer {layer}")


def _bias(layer: nn.Linear | nn.ConvTranspose2d) -> Tensor:
    outputs = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
    return torch.zeros(outputs) if layer.bias is None else layer.bias


def _sizes(layer: nn.Unflatten) -> tuple[int, int]:
    """Channels and side of the images (C, side, side) that a flat vector becomes."""
    channels, height, width = (int(size) for size in layer.unflattened_size)
    if height != width:
        raise ValueError(f"the browser only knows square images, got {height} x {width}")
    return channels, height


def _grown(layer: nn.ConvTranspose2d, side: int) -> int:
    return (side - 1) * layer.stride[0] - 2 * int(layer.padding[0]) + layer.kernel_size[0]
