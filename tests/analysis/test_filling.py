"""Filling holes: what is hidden reaches no model, errors count hidden pixels, and rounds end where algebra says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.analysis.filling import (
    MODEL,
    error_curve,
    fill,
    fill_under,
    hidden_error,
    iterate,
    paste,
    patches_in_a_row,
    random_masks,
)
from explorer.analysis.masked import MeanImage
from explorer.analysis.patterns import spread
from explorer.data.dataset import Dataset
from explorer.models.base import Autoencoder, Decoding, Losses, Output
from explorer.models.registry import named
from tests.analysis.tiny import Copy, NoConfig, Quarters


def seeded(seed: int = 6) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Plane(Decoding):
    """Projects an image onto a plane of three directions through grey."""

    config = NoConfig()

    def __init__(self) -> None:
        super().__init__()
        self.directions: Tensor = torch.linalg.qr(torch.randn(784, 3, generator=seeded())).Q

    def initialise(self, mean_image: Tensor, generator: torch.Generator) -> None: ...

    def encode(self, x: Tensor) -> Tensor:
        return (x.flatten(1) - 0.5) @ self.directions

    def decode(self, z: Tensor) -> Tensor:
        return (0.5 + z @ self.directions.T).reshape(-1, 1, 28, 28)

    def chain(self) -> Sequence[nn.Module]:
        return ()

    def forward(self, x: Tensor, generator: torch.Generator) -> Output:
        return Output(self.decode(self.encode(x)), self.encode(x))

    def loss(self, x: Tensor, output: Output) -> Losses:
        return {"nothing": x.sum() * 0}


def variant(name: str) -> Autoencoder:
    model = named(name).model(named(name).config())
    model.initialise(torch.full((1, 28, 28), 0.1), seeded())
    return model.eval()


@pytest.mark.parametrize("name", ["masked", "dense", "variational", "denoising"])
def test_hidden_pixels_do_not_influence_the_output(name: str) -> None:
    model, x = variant(name), torch.rand(3, 1, 28, 28, generator=seeded())
    masks = random_masks(3, patches_in_a_row(model), 30, seeded())
    other = torch.where(spread(masks), torch.rand(x.shape, generator=seeded(1)), x)
    assert torch.equal(fill(model, x, masks), fill(model, other, masks))
    seen = torch.where(spread(masks), x, 1 - x)
    assert not torch.equal(fill(model, x, masks), fill(model, seen, masks))


def test_a_model_without_masks_gets_black_holes() -> None:
    x, masks = torch.rand(2, 1, 28, 28, generator=seeded()), random_masks(2, 7, 20, seeded())
    np.testing.assert_array_equal(fill(Copy(), x, masks).numpy(), np.where(spread(masks).numpy(), 0, x.numpy()))


def test_the_error_is_the_mean_square_at_hidden_pixels_and_visible_ones_are_pasted_bit_for_bit() -> None:
    x, answer = torch.rand(2, 2, 1, 28, 28, generator=seeded())
    masks = torch.stack([random_masks(1, 7, hidden, seeded())[0] for hidden in (3, 40)])
    hidden = spread(masks).numpy()
    expected = [((x - answer).numpy()[n][hidden[n]] ** 2).mean() for n in (0, 1)]
    np.testing.assert_allclose(hidden_error(x, answer, masks), expected, rtol=1e-5)
    np.testing.assert_array_equal(paste(x, answer, masks), np.where(hidden, answer, x))
    with pytest.raises(ValueError, match="nothing is hidden"):
        hidden_error(x, answer, torch.zeros(2, 49, dtype=torch.bool))


def test_deviation_is_taken_over_the_masks_that_hide_a_pixel() -> None:
    model, x = variant("masked"), torch.rand(1, 1, 28, 28, generator=seeded())
    masks = random_masks(16, 7, 25, seeded())
    found = fill_under(model, x, masks)
    answers, hidden = fill(model, x.expand(16, -1, -1, -1), masks).numpy(), spread(masks).numpy()
    for row, column in [(0, 0), (14, 14), (27, 3)]:
        values = answers[hidden[:, 0, row, column], 0, row, column]
        assert found.deviation[0, 0, row, column].item() == pytest.approx(values.std() if len(values) else 0, abs=1e-5)
    assert torch.equal(found.pictures[~spread(masks)], x.expand_as(found.pictures)[~spread(masks)])
    same = fill_under(model, x, masks[:1].expand(4, -1))
    assert float(same.deviation.max()) == pytest.approx(0, abs=1e-6)


def test_rounds_of_a_linear_model_end_at_the_least_squares_fit_of_what_is_visible() -> None:
    model = Plane()
    x = model.decode(torch.tensor([[1.5, -1.0, 0.5]])) + 0.02 * torch.randn(1, 1, 28, 28, generator=seeded(2))
    masks = random_masks(1, 7, 20, seeded())
    pictures = iterate(model, x, masks, 400)
    seen = ~spread(masks).flatten().numpy()
    directions = model.directions.double().numpy()
    target = x.flatten().double().numpy()[seen] - 0.5
    z = np.linalg.lstsq(directions[seen], target, rcond=None)[0]
    np.testing.assert_allclose(pictures[-1].flatten()[~seen], (0.5 + directions @ z)[~seen], atol=1e-4)
    assert not pictures[0].flatten()[~seen].any(), "it starts with black holes"
    assert bool((pictures[:, 0].flatten(1)[:, seen] == x.flatten()[seen]).all()), "what is visible stays"


def test_the_curve_is_the_mean_error_under_the_masks_that_the_generator_gives(digits: Dataset) -> None:
    images, grey = digits.test_images[:32], MeanImage(torch.full((784,), Quarters.grey))
    curves = error_curve(Quarters(), images, [1, 8, 15], {"grey": grey}, seeded())
    assert curves[MODEL] == pytest.approx(curves["grey"], rel=1e-5)
    masks = random_masks(16, 4, 1, seeded())[torch.arange(32) % 16].numpy().reshape(32, 4, 4)
    squares = (images[:, 0] / 255.0 - Quarters.grey) ** 2
    expected = np.mean(
        [one[np.kron(mask, np.ones((7, 7), bool))].mean() for one, mask in zip(squares, masks, strict=True)]
    )
    assert curves["grey"][0] == pytest.approx(expected, rel=1e-5)
    for count in (0, 16):
        with pytest.raises(ValueError, match="from 1 to 15 patches can be hidden"):
            error_curve(Quarters(), images, [count], {}, seeded())
