"""A linear autoencoder finds what PCA finds: held against numpy's singular value decomposition."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from explorer.data.digits import embedded
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named
from explorer.models.variants.linear import Linear, LinearConfig
from explorer.training.train import train
from tests.cases import images, made, model_of, seeded


@cache
def decomposition() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Singular values (784,) and principal directions, one a row (784, 784), of the centred training images."""
    pixels = embedded().train_images.reshape(-1, 784) / 255
    _, singular, directions = np.linalg.svd(pixels - pixels.mean(axis=0), full_matrices=False)
    return singular, directions


@cache
def learnt(k: int) -> Linear:
    """A linear autoencoder trained on all stand-in digits."""
    model = Linear(LinearConfig(latent_dim=k))
    recipe = TrainingConfig(epochs=20, learning_rate=2e-2, warmup=0.0)
    assert [progress.step for progress in train(model, embedded().train_images, recipe)][-1] == 240
    return model


@pytest.mark.parametrize("k", [2, 8])
def test_it_reaches_the_error_of_pca_and_never_less(k: int) -> None:
    model, x = learnt(k), images(len(embedded().train_images))
    optimum = (decomposition()[0][k:] ** 2).sum() / x.numel()
    with torch.no_grad():
        error = model.loss(x, model(x, seeded(0)))["reconstruction"].item()
    assert 0.9999 * optimum <= error <= 1.01 * optimum


def test_the_decoder_spans_the_principal_plane() -> None:
    basis = np.linalg.qr(learnt(2).decoder.weight.detach().double().numpy()).Q  # (784, 2)
    cosines = np.linalg.svd(basis.T @ decomposition()[1][:2].T, compute_uv=False)
    assert np.degrees(np.arccos(cosines.clip(-1, 1))).max() < 3


def test_it_starts_as_an_orthogonal_projection_through_the_mean_image() -> None:
    model = model_of("linear", latent_dim=16)
    assert isinstance(model, Linear)
    mean = images(300).mean(dim=0)
    basis = model.decoder.weight
    assert torch.allclose(basis.T @ basis, torch.eye(16), atol=1e-5)
    assert torch.equal(model.encoder.weight, basis.T)
    assert torch.allclose(model.encode(mean[None]), torch.zeros(1, 16), atol=1e-5)
    assert torch.allclose(model.decode(torch.zeros(1, 16))[0], mean, atol=1e-6)
    x = images(8)
    once = model.decode(model.encode(x))
    assert torch.allclose(model.decode(model.encode(once)), once, atol=1e-5), "a projection done twice changes nothing"


def test_between_code_and_image_everything_is_linear() -> None:
    model = made(named("linear"), LinearConfig(latent_dim=5)).train()
    assert isinstance(model, Linear)
    a, b = torch.randn(2, 3, 5, generator=seeded(1))
    middle = model.decode((a + b) / 2)
    assert torch.allclose(middle, (model.decode(a) + model.decode(b)) / 2, atol=1e-6)
    assert sum(p.numel() for p in model.parameters()) == 784 * 5 + 5 + 5 * 784 + 784
