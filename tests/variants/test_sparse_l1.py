"""The L1-sparse autoencoder: the lasso's soft threshold, unit columns, and what a higher price does."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from explorer.models.base import Output
from explorer.models.layers import image
from explorer.models.variants.sparse_l1 import SparseL1
from tests.cases import images, model_of, seeded, trained


def awake(model: SparseL1) -> float:
    """The share of numbers that are not zero."""
    return float((model.encode(images(200)) > 0).float().mean())


def sparse(**settings: float) -> SparseL1:
    model = model_of("sparse_l1", **settings)
    assert isinstance(model, SparseL1)
    return model


@pytest.mark.parametrize("weight", [0.1, 1.0, 4.0])
def test_with_an_orthonormal_dictionary_the_best_code_is_softly_thresholded(weight: float) -> None:
    model = sparse(weight=weight)
    dictionary = torch.linalg.qr(torch.randn(784, 64, generator=seeded(1))).Q  # (784, 64)
    x = image(4 * torch.randn(3, 784, generator=seeded(2)))
    z = torch.full((3, 64), 2.0, requires_grad=True)
    optimiser = torch.optim.SGD([z], lr=300.0)
    for _ in range(200):  # projected gradient descent on the model's own objective, the code kept from below zero
        optimiser.zero_grad()
        torch.stack(list(model.loss(x, Output(image(z @ dictionary.T), z)).values())).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        z.data.clamp_(min=1e-9)  # at zero itself the price would have no slope
    soft = (x.reshape(3, 784) @ dictionary - weight / 2).clamp_min(0)  # Tibshirani's soft threshold
    torch.testing.assert_close(z.detach(), soft, rtol=1e-3, atol=1e-3)
    assert 0 < int((soft == 0).sum()) < soft.numel()


def test_the_terms_are_the_formula_of_the_lesson() -> None:
    model, x, z = sparse(weight=0.5), images(2), torch.zeros(2, 512)
    z[0, :3], z[1, 7] = 2.0, 4.0
    terms = model.loss(x, Output(torch.zeros_like(x), z))
    assert terms["sparsity"].item() == pytest.approx(0.5 * (3 * 2.0 + 4.0) / 2 / 784)
    assert terms["reconstruction"].item() == pytest.approx(x.square().mean().item())


def test_columns_stay_of_length_one_so_that_the_price_cannot_be_dodged() -> None:
    model = trained(sparse(), steps=5)
    assert isinstance(model, SparseL1)
    assert torch.allclose(model.dictionary().norm(dim=0), torch.ones(512), atol=1e-5)
    z, before = model.encode(images(4)).detach(), None
    for scale in (1.0, 10.0):
        model.decoder.weight.data.mul_(scale)
        after = model.decode(z)
        assert before is None or torch.allclose(before, after, atol=1e-5)
        before = after
    layer = model.chain()[0]
    assert torch.allclose(layer.get_parameter("weight"), F.normalize(model.decoder.weight, dim=0))


def test_a_higher_price_leaves_fewer_numbers_awake() -> None:
    cheap, dear = (trained(sparse(weight=weight), steps=60) for weight in (1e-4, 1.0))
    assert isinstance(cheap, SparseL1)
    assert isinstance(dear, SparseL1)
    assert awake(dear) < 0.5 * awake(cheap)
