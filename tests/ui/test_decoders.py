"""Which decoders the browser may run, what they cost, and what their files refuse to hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from explorer.models.base import Decoding
from explorer.models.layers import RowWriter
from explorer.models.registry import variants
from explorer.ui.decoders import LIMIT, fits_browser, multiply_adds, pack_decoder

CONVOLUTIONS = (
    nn.Linear(32, 32 * 49),
    nn.ReLU(),
    nn.Unflatten(1, (32, 7, 7)),
    nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
    nn.Sigmoid(),
)


def test_multiplications_are_counted_layer_by_layer() -> None:
    assert multiply_adds((nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())) == 2 * 64 + 64 * 784
    first, second = 7 * 7 * 32 * 16 * 4 * 4, 14 * 14 * 16 * 4 * 4
    assert multiply_adds(CONVOLUTIONS) == 32 * 32 * 49 + first + second


def test_a_decoder_fits_when_it_is_known_and_small() -> None:
    assert fits_browser(CONVOLUTIONS)
    assert not fits_browser(())
    assert not fits_browser((nn.Linear(2, 784), nn.Softplus()))
    assert not fits_browser((nn.Linear(LIMIT // 784 + 1, 784),))


def test_a_recurrent_decoder_costs_a_step_a_row() -> None:
    chain = (RowWriter(nn.GRU(10 + 28, 16)), nn.Linear(16, 28), nn.Sigmoid())
    assert multiply_adds(chain) == 3 * 16 * (10 + 28) + 28 * (3 * 16 * 16 + 16 * 28)


def test_a_sequence_model_of_another_cell_is_left_to_the_server() -> None:
    variant = variants()["sequence"]
    for settings in ({"cell": "LSTM"}, {"teacher_forcing": True}, {"width": 256}):
        model = variant.model(variant.config.from_dict(settings))
        assert isinstance(model, Decoding)
        assert not fits_browser(model.chain())


@pytest.mark.parametrize("name", sorted(set(variants()) - {"masked", "unet"}))
def test_every_variant_with_a_chain_runs_in_the_browser_as_it_is_shipped(name: str) -> None:
    variant = variants()[name]
    model = variant.model(variant.config())
    assert isinstance(model, Decoding)
    assert fits_browser(model.chain())


def test_a_file_is_its_header_and_two_bytes_a_weight() -> None:
    layer = nn.Linear(3, 784)
    packed = pack_decoder((layer, nn.Sigmoid()), np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0.25]], dtype=np.float32))
    length = int.from_bytes(packed[:4], "little")
    header = json.loads(packed[4 : 4 + length])
    assert [one["op"] for one in header["layers"]] == ["linear", "sigmoid"]
    assert header["lift"] == [[1, 0, 0], [0, 1, 0], [0, 0, 0.25]]
    assert length % 4 == 0
    weights = torch.from_numpy(np.frombuffer(packed[4 + length :], "<f2").astype(np.float32))
    torch.testing.assert_close(weights[: 3 * 784].reshape(784, 3), layer.weight.detach().half().float())
    assert len(weights) == 4 * 784


@pytest.mark.parametrize(
    "layer",
    [
        nn.Softplus(),
        nn.GELU(approximate="tanh"),
        nn.ConvTranspose2d(4, 4, 3, groups=2),
        nn.ConvTranspose2d(4, 4, 3, dilation=2),
        nn.ConvTranspose2d(4, 4, 3, stride=2, output_padding=1),
        nn.ConvTranspose2d(4, 4, (3, 2)),
        RowWriter(nn.GRU(32, 4, num_layers=2)),
        RowWriter(nn.GRU(32, 4, bidirectional=True)),
        nn.Unflatten(1, (1, 28, 14)),
    ],
)
def test_a_layer_that_the_browser_does_not_know_is_refused_by_name(layer: nn.Module) -> None:
    with pytest.raises(ValueError, match="the browser"):
        pack_decoder((nn.Linear(2, 4), layer))


@pytest.mark.parametrize("weight", [1e5, float("nan"), float("inf")])
def test_a_weight_beyond_half_precision_is_refused(weight: float) -> None:
    layer = nn.Linear(2, 784)
    nn.init.constant_(layer.weight, weight)
    with pytest.raises(ValueError, match="half precision"):
        pack_decoder((layer,))
