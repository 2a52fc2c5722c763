"""The figures of a model, worked out again in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.data.digits import embedded
from explorer.models.base import Annealing, Masking
from explorer.training.evaluate import evaluate, reconstruct, squared_error
from tests.cases import images, model_of, seeded, trained
from tests.training.hand_made import HandMade

MANY = embedded().train_images[:700]  # more than one batch


def test_mse_and_psnr_are_those_of_numpy() -> None:
    model = HandMade()
    model.initialise(torch.zeros(1, 28, 28), seeded(0))  # answers 0.5 everywhere
    error = ((MANY / 255 - 0.5) ** 2).reshape(700, -1).mean(axis=1)
    figures = evaluate(model, MANY)
    assert figures["mse"] == pytest.approx(error.mean(), rel=1e-5)
    assert figures["psnr"] == pytest.approx((10 * np.log10(1 / error)).mean(), rel=1e-5)
    assert figures["brightness"] == pytest.approx(MANY.mean() / 255, rel=1e-5)
    assert [len(batch) for batch in model.seen.batches] == [500, 500, 200, 200]  # outside training, then in it


def test_a_perfect_answer_has_a_finite_psnr() -> None:
    model = HandMade()
    model.initialise(torch.zeros(1, 28, 28), seeded(0))
    torch.nn.init.zeros_(model.weight)
    figures = evaluate(model, np.zeros((3, 1, 28, 28), np.uint8))
    assert figures["psnr"] == pytest.approx(100.0)


def test_the_error_is_that_of_the_model_outside_training() -> None:
    model = trained(model_of("denoising"), steps=3).eval()
    with torch.no_grad():
        clean = squared_error(images(700), model(images(700), seeded(0)).reconstruction).mean().item()
    figures = evaluate(model, MANY)
    assert figures["mse"] == pytest.approx(clean, rel=1e-5)
    assert figures["reconstruction"] > 1.02 * clean, "the term of the objective is that of damaged images"


@pytest.mark.parametrize("training", [True, False])
def test_nothing_about_the_model_changes(training: bool) -> None:
    model = model_of("variational").train(training)
    before, state = {k: v.clone() for k, v in model.state_dict().items()}, torch.get_rng_state()
    evaluate(model, MANY[:20])
    assert {module.training for module in model.modules()} == {training}
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in before.items())
    assert torch.equal(state, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_objective_is_the_whole_one_however_slowly_training_starts() -> None:
    slow, plain = model_of("variational", warmup=1.0), model_of("variational")
    assert isinstance(slow, Annealing)
    slow.anneal(0.0)
    assert evaluate(slow, MANY[:20]) == evaluate(plain, MANY[:20])


def test_the_same_seed_gives_the_same_figures() -> None:
    model = model_of("masked")
    assert evaluate(model, MANY[:20]) == evaluate(model, MANY[:20])
    assert evaluate(model, MANY[:20]) != evaluate(model, MANY[:20], seed=1)


def test_a_masking_model_is_judged_by_the_filled_picture() -> None:
    model, x = model_of("masked").eval(), images(20)
    assert isinstance(model, Masking)
    mask = model.random_mask(20, 0.75, seeded(0))
    with torch.no_grad():
        filled = model.fill(x, mask)
        pasted = reconstruct(model, x, seeded(0))
    hidden = np.kron(mask.reshape(20, 7, 7).numpy(), np.ones((4, 4), bool))[:, None]
    assert np.array_equal(pasted.numpy(), np.where(hidden, filled.numpy(), x.numpy()))
    error = (np.where(hidden, filled.numpy() - x.numpy(), 0.0) ** 2).mean()
    assert evaluate(model, MANY[:20])["mse"] == pytest.approx(error, rel=1e-5)


def test_each_image_has_its_own_error() -> None:
    x, other = images(5), images(5, start=5)
    by_hand = ((x - other).numpy() ** 2).reshape(5, -1).mean(axis=1)
    np.testing.assert_allclose(squared_error(x, other).numpy(), by_hand, rtol=1e-5)
