"""Errors at hidden pixels, and the best linear guess worked out for one image at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.analysis.linear import image_moments
from explorer.analysis.masked import (
    RIDGE,
    ConditionalMean,
    Guess,
    MeanImage,
    guessing_error,
    hidden_patch_error,
    nearest_visible,
)
from explorer.analysis.patterns import spread
from explorer.data.dataset import Dataset
from explorer.models.base import Masking
from explorer.models.registry import named
from tests.analysis.tiny import Quarters


def seeded() -> torch.Generator:
    """The same masks every time."""
    return torch.Generator().manual_seed(6)


def always(image: Tensor) -> Guess:
    """The guess that is the same picture every time."""
    return lambda x, _: image.expand_as(x)


def test_only_hidden_pixels_count(digits: Dataset) -> None:
    model, images = Quarters(), digits.test_images[:30]
    hidden = model.random_mask(30, 0.25, seeded()).numpy().reshape(30, 1, 4, 4)
    squares = (images / 255.0 - model.grey) ** 2
    expected = squares[np.kron(hidden, np.ones((7, 7), bool))].mean()
    assert hidden_patch_error(model, images, 0.25, seeded()) == pytest.approx(expected, rel=1e-5)


def test_a_guess_is_judged_under_the_masks_of_the_model(digits: Dataset) -> None:
    model = Quarters()

    def grey(x: Tensor, hidden: Tensor) -> Tensor:
        return torch.where(hidden, model.grey, 77.0)  # what is said at visible pixels must not matter

    guessed = guessing_error(model, digits.test_images, 0.75, seeded(), grey)
    assert guessed == hidden_patch_error(model, digits.test_images, 0.75, seeded())


def test_hidden_pixels_are_those_of_the_hidden_patches() -> None:
    mask = torch.zeros(1, 16, dtype=torch.bool)
    mask[0, 6] = True  # second row, third column of the 4 x 4 patches
    rows, columns = spread(mask)[0, 0].nonzero().unbind(dim=1)
    assert (int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())) == (7, 13, 14, 20)


def test_the_linear_guess_solves_each_image_by_itself(digits: Dataset) -> None:
    x = torch.from_numpy(digits.test_images[:60].astype("float32") / 255)
    hidden = spread(torch.cat([Quarters().random_mask(20, ratio, seeded()) for ratio in (0.25, 0.5, 0.75)]))
    guess = ConditionalMean.fit(digits.train_images)(x, hidden).flatten(1).numpy()
    mean, covariance = (moment.numpy() for moment in image_moments(digits.train_images))
    covariance = covariance + RIDGE * np.eye(784)
    for n in (0, 19, 20, 59):  # few hidden, half of them, many
        h = hidden[n].flatten().numpy()
        np.testing.assert_array_equal(guess[n][~h], x[n].flatten().numpy()[~h])
        solved = np.linalg.solve(covariance[np.ix_(~h, ~h)], x[n].flatten().numpy()[~h] - mean[~h])
        np.testing.assert_allclose(guess[n][h], mean[h] + covariance[np.ix_(h, ~h)] @ solved, atol=1e-3)


def test_the_linear_guess_beats_the_mean_image(digits: Dataset) -> None:
    mean = torch.from_numpy(digits.train_images.mean(axis=0, dtype=np.float64)).float() / 255
    linear = ConditionalMean.fit(digits.train_images)
    worse = guessing_error(Quarters(), digits.test_images, 0.5, seeded(), always(mean))
    assert guessing_error(Quarters(), digits.test_images, 0.5, seeded(), linear) < 0.7 * worse


def test_with_nothing_to_see_the_best_linear_guess_is_the_mean(digits: Dataset) -> None:
    x = torch.from_numpy(digits.test_images[:2].astype("float32") / 255)
    mean = torch.from_numpy(digits.train_images.mean(axis=0, dtype=np.float64)).float() / 255
    blind = torch.ones(2, 1, 28, 28, dtype=torch.bool)
    torch.testing.assert_close(ConditionalMean.fit(digits.train_images)(x, blind), mean.expand_as(x))
    torch.testing.assert_close(MeanImage(mean.flatten())(x, blind), mean.expand_as(x))
    torch.testing.assert_close(ConditionalMean.fit(digits.train_images)(x, ~blind), x)


def test_the_nearest_visible_pixel_is_found_among_all_of_them() -> None:
    x = torch.rand(2, 1, 28, 28, generator=seeded())
    hidden = spread(Quarters().random_mask(2, 0.75, seeded()))
    guess = nearest_visible(x, hidden).numpy()
    for n in (0, 1):
        seen = np.argwhere(~hidden[n, 0].numpy())
        for row, column in [(0, 0), (13, 5), (27, 27), (8, 20), (20, 9)]:
            away = ((seen - [row, column]) ** 2).sum(axis=1)
            nearest = [x[n, 0, r, c].item() for r, c in seen[away == away.min()]]
            assert guess[n, 0, row, column] in nearest
    assert not nearest_visible(x, torch.ones_like(hidden)).any()


def test_baselines_of_mnist_are_the_known_ones(mnist: Dataset) -> None:
    model = named("masked").model(named("masked").config())
    assert isinstance(model, Masking)
    images, mean = mnist.test_images[:2000], image_moments(mnist.train_images)[0].float().reshape(1, 28, 28)
    mean_error = guessing_error(model, mnist.test_images, 0.75, seeded(), always(mean))
    assert mean_error == pytest.approx(0.0676, abs=3e-4)
    linear = guessing_error(model, images, 0.75, seeded(), ConditionalMean.fit(mnist.train_images))
    assert linear == pytest.approx(0.0399, abs=1.5e-3)
