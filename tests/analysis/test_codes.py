"""Codes in pieces are the codes at once."""

from __future__ import annotations

import numpy as np
import torch

from explorer.analysis.codes import codes, errors
from explorer.data.dataset import Dataset
from explorer.models.registry import named
from tests.analysis.tiny import Copy, OneSigmoid


def test_codes_come_in_order_with_pixels_between_0_and_1(digits: Dataset) -> None:
    images = digits.train_images[:1203]  # more than two pieces, the last one short
    assert torch.equal(codes(Copy(), images), torch.from_numpy(images.reshape(1203, 784) / np.float32(255)))


def test_codes_in_pieces_are_the_codes_at_once(digits: Dataset) -> None:
    model = OneSigmoid(5).eval()
    at_once = model.encode(torch.from_numpy(digits.train_images[:700] / np.float32(255)))
    torch.testing.assert_close(codes(model, digits.train_images[:700]), at_once)


def test_something_can_be_trained_on_codes(digits: Dataset) -> None:
    z = codes(OneSigmoid(3).eval(), digits.test_images)
    weight = torch.zeros(3, requires_grad=True)
    (z @ weight).sum().backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None
    torch.testing.assert_close(weight.grad, z.sum(dim=0))


def test_each_error_is_the_mean_over_its_own_pixels(digits: Dataset) -> None:
    model = named("linear").model(named("linear").config())
    x = torch.from_numpy(digits.test_images / np.float32(255))
    model.initialise(x.mean(dim=0), torch.Generator().manual_seed(0))
    rebuilt = model.eval()(x, torch.Generator()).reconstruction
    expected = ((x - rebuilt) ** 2).sum(dim=(1, 2, 3)) / 784
    torch.testing.assert_close(errors(model, digits.test_images), expected.detach())
