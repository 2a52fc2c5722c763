"""The k-sparse autoencoder: how many numbers survive, which ones, and tied weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.models.variants.k_sparse import KSparse, KSparseConfig, keep_largest
from tests.cases import images, model_of, seeded, trained


def k_sparse(**settings: float) -> KSparse:
    model = model_of("k_sparse", **settings)
    assert isinstance(model, KSparse)
    return model


def survivors(model: KSparse) -> set[int]:
    """How many numbers of each image's code are not zero."""
    return set((model.encode(images(100)) != 0).sum(dim=1).tolist())


def test_the_largest_numbers_survive_and_not_the_longest() -> None:
    z = torch.tensor([[3.0, -5.0, 1.0, 2.0], [-1.0, -2.0, -3.0, -4.0]])
    assert keep_largest(z, 2).tolist() == [[3.0, 0.0, 0.0, 2.0], [-1.0, -2.0, 0.0, 0.0]]


def test_survivors_are_those_that_numpy_sorts_first() -> None:
    model = trained(k_sparse(), steps=3).eval()
    assert isinstance(model, KSparse)
    x = images(20).reshape(20, 784)
    everything = ((x - model.bias) @ model.weight.T).detach().numpy()
    expected = np.zeros_like(everything)
    for row, kept in zip(everything, expected, strict=True):
        best = np.argsort(row)[-25:]
        kept[best] = row[best]
    np.testing.assert_allclose(model.encode(images(20)).detach().numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("k", [1, 25, 120])
def test_exactly_k_survive_in_training(k: int) -> None:
    assert survivors(k_sparse(k=k).train()) == {k}


@pytest.mark.parametrize(("alpha", "kept"), [(1.0, 20), (1.5, 30), (3.0, 60), (4.0, 80)])
def test_exactly_alpha_k_survive_outside_training(alpha: float, kept: int) -> None:
    model = k_sparse(k=20, alpha=alpha)
    model.anneal(0.0)  # what training does with k must not be seen at test time
    assert survivors(model.eval()) == {kept}


@pytest.mark.parametrize(("progress", "k"), [(0.0, 150), (0.2, 88), (0.4, 25), (0.7, 25), (1.0, 25)])
def test_k_tightens_over_the_first_two_fifths_of_training(progress: float, k: int) -> None:
    model = k_sparse()
    model.anneal(progress)
    assert survivors(model.train()) == {k}


def test_the_decoder_is_the_encoders_transpose() -> None:
    model, z = k_sparse().train(), torch.randn(4, 1000, generator=seeded(1))
    expected = z.numpy() @ model.weight.detach().numpy() + model.bias.detach().numpy()
    np.testing.assert_allclose(model.decode(z).detach().numpy().reshape(4, 784), expected, atol=1e-4)
    assert sum(p.numel() for p in model.parameters()) == 1000 * 784 + 784


def test_it_starts_with_features_of_length_one_and_the_mean_image() -> None:
    model, mean = k_sparse(), images(300).mean(dim=0)
    assert torch.allclose(model.weight.norm(dim=1), torch.ones(1000), atol=1e-5)
    assert torch.equal(model.bias, mean.flatten())
    assert not model.encode(mean[None]).any()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"latent_dim": 64, "k": 50, "start_k": 60, "alpha": 2.0},
            "alpha \\* k must not exceed latent_dim 64, got 100",
        ),
        ({"k": 60, "start_k": 50}, "start_k must lie from k 60 to latent_dim 1000, got 50"),
        ({"latent_dim": 100, "start_k": 101}, "start_k must lie from k 25 to latent_dim 100, got 101"),
    ],
)
def test_impossible_numbers_of_survivors_are_refused(settings: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        KSparseConfig.from_dict(settings)
