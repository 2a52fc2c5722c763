"""The duel's figures against scikit-learn and scipy, and its counting on curves made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes, subspace_angles
from sklearn import decomposition

from explorer.analysis.duel import PCA, Duel, columns, equals, error_on, fought, rebuilt, turned
from explorer.data.dataset import Dataset
from explorer.models.checkpoint import load
from explorer.training.sweep import CODE_SIZES, SWEEP

LINE = [float(128 // k) for k in CODE_SIZES]  # 128, 64 ... 1


@pytest.fixture(scope="module")
def duel(digits: Dataset) -> Duel:
    return fought(digits)


def test_pca_is_that_of_scikit_learn_at_every_size(duel: Duel, digits: Dataset) -> None:
    train, test = (images.reshape(-1, 784) / 255.0 for images in (digits.train_images, digits.test_images))
    for at, k in enumerate(CODE_SIZES):
        theirs = decomposition.PCA(k, svd_solver="full").fit(train)
        answer = theirs.inverse_transform(theirs.transform(test))
        assert duel.unclipped[at] == pytest.approx(((answer - test) ** 2).mean(), rel=1e-4)
        assert duel.mse[PCA][at] == pytest.approx(((answer.clip(0, 1) - test) ** 2).mean(), rel=1e-4)


def test_the_angles_are_scipys(duel: Duel) -> None:
    for k, linear, angles in zip(CODE_SIZES, duel.models["linear"], duel.angles, strict=True):
        planes = columns(linear).double().numpy(), duel.pca.components[:k].T.double().numpy()
        np.testing.assert_allclose(angles.numpy(), np.degrees(subspace_angles(*planes))[::-1], atol=1e-3)


def test_what_is_shown_has_the_error_that_is_said(duel: Duel, digits: Dataset) -> None:
    few = torch.from_numpy(digits.test_images[:20].copy()).float() / 255
    some = replace(digits, test_images=digits.test_images[:20], test_labels=digits.test_labels[:20])
    said = fought(some).mse
    for side in said:
        errors = torch.stack([(rebuilt(duel, x[None])[side] - x).square().mean(dim=(1, 2, 3)) for x in few])
        np.testing.assert_allclose(errors.mean(dim=0).numpy(), said[side], rtol=1e-4)


def test_a_card_speaks_only_for_the_images_that_it_was_measured_on(digits: Dataset) -> None:
    model, card = load(SWEEP, "dense-2")
    x = torch.from_numpy(digits.test_images.astype(np.float32) / 255)
    with torch.no_grad():
        by_hand = float((model(x, torch.Generator()).reconstruction - x).square().mean())
    assert error_on(model, card, digits) == pytest.approx(by_hand, rel=1e-5)
    own = replace(card, dataset_sha256=digits.sha256, tested=len(x))
    assert error_on(model, own, digits) == card.figures["mse"]
    assert error_on(model, replace(own, tested=len(x) - 1), digits) == pytest.approx(by_hand, rel=1e-5)


def test_the_sweep_on_mnist_reaches_pca_where_it_is_flat_and_beats_it_where_it_may_bend(mnist: Dataset) -> None:
    mse = fought(mnist).mse
    assert mse[PCA][4] == pytest.approx(0.02538, abs=6e-6)
    assert all(0.999 < linear / pca < 1.005 for linear, pca in zip(mse["linear"], mse[PCA], strict=True))
    for family in ("dense", "convolutional"):
        assert all(bent < pca for bent, pca in zip(mse[family][:7], mse[PCA], strict=False))


def test_a_basis_of_the_same_space_is_turned_into_the_components(generator: torch.Generator) -> None:
    components = torch.linalg.qr(torch.randn(30, 5, generator=generator)).Q.T
    mixed = components.T @ torch.randn(5, 5, generator=generator)
    torch.testing.assert_close(turned(mixed, components), components, atol=1e-5, rtol=0)


def test_the_turn_is_scipys_procrustes(generator: torch.Generator) -> None:
    found, components = (torch.linalg.qr(torch.randn(30, 5, generator=generator)).Q for _ in range(2))
    turn, _ = orthogonal_procrustes(found.double().numpy(), components.double().numpy())
    np.testing.assert_allclose(turned(found, components.T).numpy(), (found.double().numpy() @ turn).T, atol=1e-5)


def test_a_curve_equals_another_where_it_saves_most() -> None:
    assert equals(LINE, LINE) is None
    assert equals([2 * error for error in LINE], LINE) is None
    assert equals([error / 2 for error in LINE], LINE) == (64, 128)
    once = [128.0, 16.0, 16.0, 16.0, 8.0, 4.0, 2.0, 1.0]  # 2 numbers do what 8 do; nothing else is gained
    assert equals(once, LINE) == (2, 8)
