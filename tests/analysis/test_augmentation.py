"""Digits made as lessons: codes of the right place and spread, labels of their origin, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.analysis.augmentation import WAYS, bell, lessons, made, near, told
from explorer.analysis.codes import codes
from explorer.data.dataset import Dataset
from explorer.models.base import Generative
from explorer.models.checkpoint import load
from tests.cases import seeded

SHIPPED = Path(__file__).parents[2] / "pretrained"


@pytest.fixture(scope="module")
def model() -> Generative:
    found, _ = load(SHIPPED, "variational-2d")
    assert isinstance(found, Generative)
    return found


def test_a_bell_curve_has_its_digits_mean_and_the_spread_within_digits(model: Generative, digits: Dataset) -> None:
    x, labels = told(digits, 0)
    assert labels.tolist() == [digit for digit in range(10) for _ in range(10)]
    with torch.inference_mode():
        z = model.encode(x).reshape(10, 10, 2)
        drawn = bell(model, x, 4000, seeded(0)).reshape(10, 4000, 2)
    torch.testing.assert_close(drawn.mean(dim=1), z.mean(dim=1), atol=0.1, rtol=0)
    within = (z - z.mean(dim=1, keepdim=True)).flatten(0, 1)
    for spread in drawn:
        torch.testing.assert_close(torch.cov(spread.T), within.T @ within / 90, atol=0.05, rtol=0.1)


def test_a_draw_near_a_digit_is_one_of_its_posterior(model: Generative, digits: Dataset) -> None:
    x, _ = told(digits, 0)
    with torch.inference_mode():
        mean, log_variance = model.posterior(x[:1].repeat(100, 1, 1, 1))
        drawn = near(model, x[:1].repeat(100, 1, 1, 1), 1000, seeded(0))
    torch.testing.assert_close(drawn.mean(dim=0), mean[0], atol=0.02, rtol=0)
    torch.testing.assert_close(drawn.var(dim=0), log_variance[0].exp(), atol=0, rtol=0.1)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_makes_the_same_digits(way: str, model: Generative, digits: Dataset) -> None:
    x, _ = told(digits, 1)
    one, again, other = (made(model, x, way, 50, seed) for seed in (1, 1, 2))
    assert one.shape == (50, 1, 28, 28)
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_lessons_count_what_each_reader_gets_right(model: Generative, digits: Dataset) -> None:
    found = lessons(model, digits, range(2))
    assert list(found) == ["alone", "bell", "near"]
    counts = [right for readers in found.values() for draws in readers.values() for right in draws]
    assert len(counts) == 3 * 5 * 2
    assert all(0 < right <= len(digits.test_labels) for right in counts)
    assert found["alone"] == lessons(model, digits, range(2))["alone"]
    assert len(codes(model, digits.test_images)) == 300
