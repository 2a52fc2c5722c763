"""The linear autoencoder's optimum is known: principal component analysis."""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import subspace_angles

from explorer.data.dataset import Dataset
from explorer.models.recipe import TrainingConfig
from explorer.models.variants.linear import Linear, LinearConfig
from explorer.training.train import mean_image, train


def trained(digits: Dataset, k: int) -> Linear:
    model = Linear(LinearConfig(latent_dim=k))
    for _ in train(model, digits.train_images, TrainingConfig(epochs=40, batch_size=64, learning_rate=2e-3, warmup=0.0)):
        pass
    return model


def principal(digits: Dataset, k: int) -> tuple[np.ndarray, float]:
    """The first k directions (784, k) by numpy's SVD, and the error per pixel that they leave."""
    x = digits.train_images.reshape(-1, 784) / 255.0
    _, singular, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    return directions[:k].T, float((singular[k:] ** 2).sum() / x.size)


def test_training_reaches_the_error_of_pca(digits: Dataset) -> None:
    model = trained(digits, 8)
    x = torch.from_numpy(digits.train_images / np.float32(255))
    with torch.no_grad():
        error = float((model.train()(x, torch.Generator()).reconstruction - x).square().mean())
    assert 0.9999 < error / principal(digits, 8)[1] < 1.01


def test_the_decoder_spans_the_principal_plane(digits: Dataset) -> None:
    model = trained(digits, 2)
    angles = np.degrees(subspace_angles(model.decoder.weight.detach().numpy(), principal(digits, 2)[0]))
    assert angles.max() < 5


def test_it_starts_as_an_orthogonal_projection_through_the_mean(digits: Dataset) -> None:
    model = Linear(LinearConfig(latent_dim=5))
    mean = mean_image(digits.train_images)
    model.initialise(mean, torch.Generator().manual_seed(0))
    weight = model.decoder.weight.detach()
    torch.testing.assert_close(weight.T @ weight, torch.eye(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(model.eval()(mean[None], torch.Generator()).reconstruction, mean[None], atol=1e-5, rtol=0)
