"""A model for other programs: its encoder and its decoder as ONNX, the format that most of them read.

PyTorch writes it with the help of two packages that the explorer does not need otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import torch
from torch import Tensor, nn

from explorer.models.base import SIDE, Autoencoder, Decoding

PACKAGES = ("onnx", "onnxscript")
TRACED = 3  # images that the export sees; what it writes takes any number of them


def missing() -> Sequence[str]:
    """Which of the packages that the export needs are not installed."""
    return [package for package in PACKAGES if find_spec(package) is None]


def encoder_onnx(model: Autoencoder) -> bytes:
    """x (N, 1, 28, 28) -> z (N, D) as an ONNX file. Raises ValueError where a package is missing."""
    return _exported(_Step(model, "encode"), torch.zeros(TRACED, 1, SIDE, SIDE), "x", "z")


def decoder_onnx(model: Decoding) -> bytes:
    """z (N, D) -> x (N, 1, 28, 28) as an ONNX file. Raises ValueError where a package is missing."""
    with torch.no_grad():
        z = model.encode(torch.zeros(TRACED, 1, SIDE, SIDE))
    return _exported(_Step(model, "decode"), z, "z", "x")


class _Step(nn.Module):
    """One half of an autoencoder; a module, because only modules are exported."""

    def __init__(self, model: Autoencoder, step: str) -> None:
        super().__init__()
        self.model, self.step = model.eval(), step

    def forward(self, given: Tensor) -> Tensor:
        result: Tensor = getattr(self.model, self.step)(given)
        return result


def _exported(step: _Step, example: Tensor, given: str, made: str) -> bytes:
    if missing():
        raise ValueError(f"the export to ONNX needs packages that are not installed: {', '.join(missing())}")
    with torch.enable_grad():  # without gradients a transformer runs a fused layer, which ONNX does not know
        program = torch.onnx.export(
            step,
            (example,),
            input_names=[given],
            output_names=[made],
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise ValueError("the model could not be exported to ONNX")
    content: bytes = program.model_proto.SerializeToString()
    return content
