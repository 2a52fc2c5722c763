"""ONNX: another program computes what PyTorch computes, for any number of images."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from explorer.models.base import Decoding
from explorer.models.exchange import PACKAGES, decoder_onnx, encoder_onnx
from tests.cases import DEFAULTS, Case, images, model_of

NEEDED = [*PACKAGES, "onnxruntime"]
ABSENT = [package for package in NEEDED if find_spec(package) is None]


@pytest.mark.slow
@pytest.mark.skipif(bool(ABSENT), reason=f"to check ONNX files, pip install {' '.join(ABSENT)}")
@pytest.mark.filterwarnings("ignore")  # PyTorch's exporter warns of what it will change in itself
@pytest.mark.parametrize("case", DEFAULTS, ids=str)
def test_onnxruntime_encodes_and_decodes_as_pytorch_does(case: Case) -> None:
    import onnxruntime  # type: ignore[import-not-found]

    def run(content: bytes, given: str, value: torch.Tensor) -> torch.Tensor:
        program = onnxruntime.InferenceSession(content)
        return torch.from_numpy(np.asarray(program.run(None, {given: value.numpy()})[0]))

    model, x = case.model().eval(), images(5)
    with torch.no_grad():
        z = model.encode(x)
        torch.testing.assert_close(run(encoder_onnx(model), "x", x), z, rtol=1e-4, atol=1e-4)
        if isinstance(model, Decoding):
            torch.testing.assert_close(run(decoder_onnx(model), "z", z), model.decode(z), rtol=1e-4, atol=1e-4)


def test_without_the_packages_the_export_says_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.models.exchange.find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ValueError, match="packages that are not installed: onnxscript$"):
        encoder_onnx(model_of("linear"))
