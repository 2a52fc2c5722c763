"""How training ends when its numbers explode: at once, with a name for it, and with weights that can still be used."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from explorer.data.digits import embedded
from explorer.models.recipe import TrainingConfig
from explorer.training.train import Diverged, Progress, Training
from tests.cases import DEFAULTS, Case
from tests.training.hand_made import HandMade, numbered

FEW = embedded().train_images[:56]
SHORT = TrainingConfig(epochs=2, batch_size=16, warmup=0.3)


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training switches them off in its thread."""
    yield
    torch.set_flush_denormal(False)


def finite(training: Training) -> bool:
    return all(bool(tensor.isfinite().all()) for tensor in training.model.state_dict().values())


def breaks(value: float) -> HandMade:
    """A model whose second term is no number in the sixth pass."""
    return HandMade(second=lambda weight, step: weight.sum() * (value if step == 5 else 1.0))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_term_that_is_no_number_ends_training_at_once(value: float) -> None:
    training, whole = (Training(model, numbered(50), SHORT) for model in (breaks(value), breaks(1.0)))
    told: list[Progress] = []
    with pytest.raises(Diverged, match="training diverged at step 5: second is no longer finite") as end:
        told.extend(training.run())
    assert (end.value.term, end.value.step, len(told)) == ("second", 5, 5)
    before = [whole.model.state_dict()["weight"].clone() for _ in zip(range(5), whole.run(), strict=False)][-1]
    assert torch.equal(training.model.state_dict()["weight"], before), "the weights are those of the last good step"


def test_a_gradient_that_is_no_number_ends_training_too() -> None:
    def steep(weight: Tensor, step: int) -> Tensor:
        return (weight * (0.0 if step == 3 else 1.0)).abs().sqrt().sum()  # at zero the root is vertical

    training = Training(HandMade(second=steep), numbered(50), SHORT)
    with pytest.raises(Diverged, match="at step 3: the gradient is no longer finite"):
        list(training.run())
    assert finite(training)


@pytest.mark.parametrize("case", DEFAULTS, ids=str)
@pytest.mark.parametrize("rate", [1.0, 1e3])
def test_far_too_large_steps_leave_finite_weights(case: Case, rate: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Training, "_learning_rate", lambda *_: rate)
    training, told = Training(case.variant.model(case.config), FEW, SHORT), list[Progress]()
    with contextlib.suppress(Diverged):
        told.extend(training.run())
    assert told
    assert finite(training)
    assert all(math.isfinite(value) for progress in told for value in progress.losses.values())


def test_an_explosion_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Training, "_learning_rate", lambda *_: 1e30)
    training = Training(DEFAULTS[0].variant.model(DEFAULTS[0].config), FEW, SHORT)
    with pytest.raises(Diverged, match="at step 1: reconstruction is no longer finite"):
        list(training.run())
    assert finite(training)
