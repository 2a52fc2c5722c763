"""Exactly k numbers survive."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.models.variants.k_sparse import KSparse, KSparseConfig, keep_largest


def made(alpha: float) -> KSparse:
    model = KSparse(KSparseConfig(latent_dim=200, k=10, start_k=40, alpha=alpha))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    return model


def test_the_k_largest_are_those_that_sorting_gives() -> None:
    z = torch.randn(5, 50, generator=torch.Generator().manual_seed(0))
    kept = keep_largest(z, 7).numpy()
    for row, all_numbers in zip(kept, z.numpy(), strict=True):
        assert set(np.flatnonzero(row)) == set(np.argsort(all_numbers)[-7:])


def test_k_survive_in_training_and_alpha_k_at_test_time() -> None:
    model, x = made(alpha=3.0), torch.rand(6, 1, 28, 28)
    assert (model.train().encode(x) != 0).sum(dim=1).tolist() == [10] * 6
    assert (model.eval().encode(x) != 0).sum(dim=1).tolist() == [30] * 6


def test_k_comes_down_while_training_proceeds() -> None:
    model = made(alpha=1.0)
    ks = []
    for progress in (0.0, 0.2, 0.4, 1.0):
        model.anneal(progress)
        ks.append(model.k)
    assert ks == [40, 25, 10, 10]


def test_encoder_and_decoder_share_their_weights() -> None:
    model, z = made(alpha=1.0), torch.zeros(1, 200)
    z[0, 3] = 1
    atom = model.train().decode(z).flatten() - model.bias
    torch.testing.assert_close(atom, model.weight[3])


@pytest.mark.parametrize("wrong", [{"k": 50, "start_k": 20}, {"latent_dim": 64, "k": 60, "start_k": 64, "alpha": 2.0}])
def test_impossible_combinations_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="got"):
        KSparseConfig.from_dict(wrong)
