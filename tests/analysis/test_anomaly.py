"""Anomalies: the ROC curve and its area as scikit-learn has them, ties too; and what a threshold does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve

from explorer.analysis.anomaly import (
    BOUND,
    DISTANCE,
    ERROR,
    PER_INK,
    PER_ROOT,
    Counts,
    auroc,
    counts,
    nearest_distance,
    offered,
    rank_correlation,
    roc,
    scorer,
)
from explorer.analysis.codes import errors
from explorer.data.digits import embedded
from explorer.models.base import Generative
from tests.cases import model_of, seeded, trained


def two_sides(levels: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of 300 normal and 120 foreign pictures that take only so many values."""
    generator = seeded(seed)
    return torch.randint(levels, (300,), generator=generator), 2 + torch.randint(levels, (120,), generator=generator)


@pytest.mark.parametrize("levels", [3, 10, 10_000])
def test_the_curve_and_its_area_are_those_of_scikit_learn(levels: int) -> None:
    normal, foreign = two_sides(levels)
    truth, score = np.r_[np.zeros(300), np.ones(120)], torch.cat((normal, foreign)).numpy()
    alarms, caught, _ = roc_curve(truth, score, drop_intermediate=False)
    ours = roc(normal, foreign)
    assert_allclose(ours[0], alarms, atol=1e-12)
    assert_allclose(ours[1], caught, atol=1e-12)
    assert auroc(normal, foreign) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)


def test_the_area_is_the_share_of_pairs_in_which_the_foreign_one_scores_higher() -> None:
    normal, foreign = two_sides(5, seed=1)
    pairs = np.sign(foreign.numpy()[:, None] - normal.numpy())
    assert auroc(normal, foreign) == pytest.approx((pairs.mean() + 1) / 2, abs=1e-12)


def test_equal_scores_are_worth_a_coin_and_perfect_ones_everything() -> None:
    assert auroc(torch.ones(7), torch.ones(3)) == pytest.approx(0.5)
    assert auroc(torch.tensor([1.0, 2.0]), torch.tensor([3.0])) == 1.0
    assert auroc(torch.tensor([3.0]), torch.tensor([1.0, 2.0])) == 0.0


def test_a_curve_of_one_side_or_of_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="needs both sides, got 0 normal and 2 foreign"):
        roc(torch.zeros(0), torch.ones(2))
    with pytest.raises(ValueError, match="not a number"):
        roc(torch.tensor([1.0, float("nan")]), torch.ones(2))


@pytest.mark.parametrize("threshold", [-1.0, 0.0, 3.0, 5.5, 99.0])
def test_a_threshold_counts_as_a_confusion_matrix_does(threshold: float) -> None:
    normal, foreign = two_sides(8)
    truth, called = np.r_[np.zeros(300), np.ones(120)], torch.cat((normal, foreign)).numpy() > threshold
    (passed, alarms), (missed, caught) = confusion_matrix(truth, called, labels=[0, 1])
    assert counts(normal, foreign, threshold) == Counts(caught, missed, alarms, passed)


def test_the_distance_is_that_to_the_nearest_code() -> None:
    z, known = torch.randn(1500, 6, generator=seeded(0)), torch.randn(40, 6, generator=seeded(1))
    assert_allclose(nearest_distance(z, known), cdist(z, known).min(axis=1), rtol=1e-4, atol=1e-5)


def test_the_rank_correlation_is_spearmans() -> None:
    one, other = two_sides(6)[0], two_sides(9, seed=2)[0]
    assert rank_correlation(one, other) == pytest.approx(spearmanr(one, other).statistic, abs=1e-9)
    assert rank_correlation(one, torch.ones(300)) == 0.0


def test_only_a_generative_model_has_a_bound() -> None:
    for name in ("dense", "variational", "masked"):
        model = model_of(name)
        assert (BOUND in offered(model)) is isinstance(model, Generative)
    known = embedded().train_images
    with pytest.raises(ValueError, match="the score must be one of reconstruction error, .*, got '−ELBO'"):
        scorer(model_of("dense"), BOUND, known)


def test_the_scores_are_what_they_are_called() -> None:
    data, model = embedded(), model_of("variational", latent_dim=4, width=32).eval()
    images = data.test_images[:20]
    found = scorer(model, ERROR, data.train_images)(images)
    assert_allclose(found, errors(model, images), rtol=1e-6)
    squares = ((images / 255) ** 2).mean(axis=(1, 2, 3))
    assert_allclose(scorer(model, PER_INK, data.train_images)(images), found.numpy() / squares, rtol=1e-4)
    assert_allclose(scorer(model, PER_ROOT, data.train_images)(images), found.numpy() / squares**0.5, rtol=1e-4)
    assert scorer(model, BOUND, data.train_images)(images).shape == (20,)
    assert_allclose(scorer(model, DISTANCE, data.train_images)(data.train_images[:5]), np.zeros(5), atol=1e-2)


def test_a_model_that_learnt_digits_finds_static_foreign() -> None:
    data = embedded()
    model = trained(model_of("dense", latent_dim=8), 200).eval()
    noise = seeded(0)
    static = (torch.rand(50, 1, 28, 28, generator=noise) * 255).byte().numpy()
    normal, foreign = (scorer(model, ERROR, data.train_images)(images) for images in (data.test_images, static))
    assert auroc(normal, foreign) == pytest.approx(1.0)
