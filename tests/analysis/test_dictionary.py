"""A decoder of one layer is a sum of pictures."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.analysis.dictionary import atoms, contributions, is_dead, most_used, scaled
from explorer.models.base import Decoding
from tests.cases import model_of, seeded


@pytest.mark.parametrize("name", ["linear", "dense", "sparse_l1", "sparse_kl", "k_sparse", "contractive"])
def test_the_sum_of_atoms_is_what_the_decoder_gives(name: str) -> None:
    model = model_of(name).eval()
    assert isinstance(model, Decoding)
    layer, *after = model.chain()
    pictures = atoms(model.chain())
    assert pictures is not None
    assert isinstance(layer, nn.Linear)
    z = 0.1 * torch.rand(1, len(pictures), generator=seeded(0))
    with torch.no_grad():
        total = (z[0, :, None] * pictures.flatten(1)).sum(dim=0) + layer.bias
        for step in after:
            total = step(total)
        torch.testing.assert_close(total, model.decode(z).flatten().to(total.dtype), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["convolutional", "denoising", "variational"])
def test_a_deeper_decoder_has_no_atoms(name: str) -> None:
    model = model_of(name)
    assert isinstance(model, Decoding)
    assert atoms(model.chain()) is None
    assert atoms(()) is None
    assert atoms((nn.Linear(3, 10),)) is None


def test_contributions_are_lengths_of_summands() -> None:
    pictures = torch.randn(5, 1, 28, 28, generator=seeded(1))
    z = torch.tensor([0.0, -2.0, 1.0, 0.5, 0.0])
    parts = (z[:, None] * pictures.flatten(1)).norm(dim=1)
    torch.testing.assert_close(contributions(z, pictures), parts)


def test_the_most_used_atoms_come_first_and_dead_ones_are_found() -> None:
    pictures = torch.ones(4, 1, 28, 28)
    codes = torch.tensor([[0.0, 1.0, -3.0, 0.0], [0.0, 1.0, 3.0, 0.5]])
    assert most_used(codes, pictures, 3) == [2, 1, 3]
    assert is_dead(codes).tolist() == [True, False, False, False]


def test_scaled_pictures_reach_one() -> None:
    pictures = torch.randn(3, 1, 28, 28, generator=seeded(2)) * torch.tensor([1e-6, 1.0, 50.0]).reshape(3, 1, 1, 1)
    torch.testing.assert_close(scaled(pictures).flatten(1).abs().amax(dim=1), torch.ones(3))
    assert float(scaled(torch.zeros(1, 1, 28, 28)).abs().max()) == 0
