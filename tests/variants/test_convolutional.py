"""The convolutional autoencoder: shared filters and the promised shapes."""

from __future__ import annotations

import torch

from explorer.models.registry import named, parameter_count
from explorer.models.variants.convolutional import Convolutional, ConvolutionalConfig


def test_a_shifted_stroke_gives_shifted_features() -> None:
    model = Convolutional(ConvolutionalConfig())
    x = torch.zeros(1, 1, 28, 28)
    x[..., 8:12, 8:12] = 1
    here, there = (model.encoder[0](image) for image in (x, x.roll((4, 4), dims=(2, 3))))  # the stride is two
    torch.testing.assert_close(here.roll((2, 2), dims=(2, 3))[..., 4:10, 4:10], there[..., 4:10, 4:10])


def test_its_size_is_counted_by_hand() -> None:
    convolutions = (9 * 1 * 16 + 16) + (9 * 16 * 32 + 32)
    linear = (1568 * 32 + 32) + (32 * 1568 + 1568)
    transposed = (16 * 32 * 16 + 16) + (16 * 16 * 1 + 1)
    assert parameter_count(named("convolutional"), ConvolutionalConfig()) == convolutions + linear + transposed
