"""Traps that models fall into are recognised, and healthy ones are left in peace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.analysis.codes import codes
from explorer.analysis.health import Health, active_units, alarms, correlation, examined
from explorer.data import mnist
from explorer.data.digits import embedded
from explorer.models.checkpoint import load
from explorer.training.pretrain import FOLDER
from explorer.training.shipped import FAILURES
from tests.cases import model_of, seeded

WELL = Health(
    variance=torch.ones(10),
    dead=torch.zeros(10, dtype=torch.bool),
    kl=None,
    active=None,
    spread=0.9,
    train_mse=0.004,
    test_mse=0.0042,
    mean_mse=0.067,
    awake=1.0,
)


def test_a_healthy_model_raises_no_alarm() -> None:
    assert alarms(WELL) == []
    assert alarms(replace(WELL, active=torch.arange(10) < 8)) == []


@pytest.mark.parametrize(
    ("symptom", "words"),
    [
        ({"active": torch.arange(10) < 1}, "1 of 10 numbers carry information: posterior collapse"),
        ({"active": torch.arange(10) < 4}, "4 of 10 numbers carry information: many numbers were pruned"),
        ({"dead": torch.arange(10) < 8}, "8 of 10 numbers are never awake: dead units"),
        ({"spread": 0.001, "test_mse": 0.114}, "Every digit gets the same reconstruction"),
        ({"test_mse": 0.09, "train_mse": 0.09}, "worse than that of always answering the mean image, 0.0670"),
        ({"train_mse": 0.0105, "test_mse": 0.0339}, "0.0105 on training digits and 0.0339 on test digits"),
    ],
)
def test_each_trap_has_its_alarm(symptom: dict[str, object], words: str) -> None:
    found = alarms(replace(WELL, **symptom))  # type: ignore[arg-type]
    assert len(found) == 1
    assert words in found[0]


def test_only_digits_that_were_learnt_can_be_learnt_by_heart() -> None:
    overfitted = replace(WELL, train_mse=0.0105, test_mse=0.0339)
    assert alarms(replace(overfitted, learnt=False)) == []


def test_the_digits_that_were_looked_at_are_counted() -> None:
    model, digits = model_of("dense", latent_dim=4).eval(), embedded()
    z = codes(model, digits.test_images)
    few, foreign = (examined(model, z, digits, learnt) for learnt in (200, 0))
    assert (few.trained, few.tested, few.learnt) == (200, len(digits.test_images), True)
    assert (foreign.trained, foreign.learnt) == (1000, False)


def test_a_code_as_wide_as_the_picture_may_copy_unless_it_is_sparse() -> None:
    wide = replace(WELL, variance=torch.ones(800), dead=torch.zeros(800, dtype=torch.bool))
    assert "800 numbers for 784 pixels, 100% of them awake" in alarms(wide)[0]
    assert alarms(replace(wide, awake=0.03)) == []


ALARMS = {
    "collapsed": "0 of 16 numbers carry information: posterior collapse",
    "pruned": "of 32 numbers carry information: many numbers were pruned",
    "dead": "of 64 numbers are never awake",
    "all-black": "Every digit gets the same reconstruction",
    "diverged": "worse than that of always answering the mean image",
    "overfitted": "It learnt its examples by heart",
    "overcomplete": "800 numbers for 784 pixels",
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_exhibit_has_what_it_is_shown_for(name: str) -> None:
    dataset = mnist.available()
    if dataset is None:
        pytest.skip("MNIST is not at hand: the exhibits were trained on it")
    model, card = load(FOLDER, name)
    found = alarms(examined(model, codes(model, dataset.test_images).float(), dataset, card.training["images"]))
    assert any(ALARMS[name] in words for words in found), found


def test_active_units_are_those_whose_mean_varies() -> None:
    means = torch.randn(5000, 3, generator=seeded(0)) * torch.tensor([1.0, 0.2, 0.02])
    assert active_units(means).tolist() == [True, True, False]
    assert active_units(means, threshold=0.1).tolist() == [True, False, False]


def test_correlation_is_numpys() -> None:
    z = torch.randn(200, 5, generator=seeded(1)) @ torch.randn(5, 5, generator=seeded(2))
    which = [3, 0, 4]
    np.testing.assert_allclose(correlation(z, which).numpy(), np.corrcoef(z[:, which].numpy().T), atol=1e-5)
    z[:, 0] = 7.0
    assert correlation(z, which)[1].tolist() == [0, 0, 0]


def test_a_dense_model_without_ink_is_found_out() -> None:
    model, digits = model_of("dense", latent_dim=16).eval(), embedded()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    health = examined(model, codes(model, digits.test_images), digits)
    assert bool(health.dead.all())
    assert health.spread == 0
    sentences = " ".join(alarms(health))
    assert "16 of 16 numbers are never awake" in sentences
    assert "Every digit gets the same reconstruction" in sentences


def test_errors_are_those_of_the_definitions() -> None:
    model, digits = model_of("variational", latent_dim=4, width=32).eval(), embedded()
    health = examined(model, codes(model, digits.test_images), digits)
    x = torch.from_numpy(digits.test_images[:1000].astype(np.float32) / 255)
    with torch.no_grad():
        rebuilt = model(x, seeded(0)).reconstruction
    assert health.test_mse == pytest.approx(float((rebuilt - x).square().mean()), rel=1e-4)
    mean = digits.train_images.mean(axis=0) / 255
    assert health.mean_mse == pytest.approx(float(np.square(x.numpy() - mean).mean()), rel=1e-4)
    assert health.kl is not None
    assert health.kl.shape == (4,)
