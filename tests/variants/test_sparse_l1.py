"""The L1 penalty and what it does: soft thresholding."""

from __future__ import annotations

import torch

from explorer.data.dataset import Dataset
from explorer.models.recipe import TrainingConfig
from explorer.models.variants.sparse_l1 import SparseL1, SparseL1Config
from explorer.training.train import train


def test_the_penalty_is_the_sum_of_sizes_per_pixel() -> None:
    model = SparseL1(SparseL1Config(latent_dim=64, weight=0.5))
    model.initialise(torch.full((1, 28, 28), 0.1), torch.Generator().manual_seed(0))
    x = torch.rand(3, 1, 28, 28)
    output = model(x, torch.Generator())
    by_hand = sum(0.5 * number / 784 for number in output.latent.flatten().tolist()) / 3
    assert abs(model.loss(x, output)["sparsity"].item() - by_hand) < 1e-5


def test_the_columns_of_the_dictionary_have_length_one() -> None:
    model = SparseL1(SparseL1Config(latent_dim=64))
    torch.testing.assert_close(model.dictionary().norm(dim=0), torch.ones(64))


def test_the_penalty_shrinks_a_code_by_soft_thresholding() -> None:
    """min over z of 1/2 (z - a)^2 + weight |z| is max(0, |a| - weight) for a >= 0 (Donoho 1995)."""
    a, weight = torch.tensor([0.2, 0.6, 1.5]), 0.5
    z = a.clone().requires_grad_()
    optimiser = torch.optim.SGD([z], lr=0.01)
    for _ in range(2000):
        optimiser.zero_grad()
        (0.5 * (z - a).square() + weight * z.abs()).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    torch.testing.assert_close(z.detach(), (a - weight).clamp_min(0), atol=0.02, rtol=0)


def test_a_higher_price_leaves_fewer_numbers_awake(digits: Dataset) -> None:
    awake = []
    for weight in (1e-3, 1.0):
        model = SparseL1(SparseL1Config(latent_dim=128, weight=weight))
        for _ in train(model, digits.train_images, TrainingConfig(epochs=8)):
            pass
        z = model.encode(torch.from_numpy(digits.test_images).float() / 255)
        awake.append(float((z > 0).float().mean()))
    assert awake[1] < 0.5 * awake[0]
