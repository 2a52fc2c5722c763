"""The same seed gives the same model, whoever else trains at that moment; and odd pictures break no training."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from explorer.models.recipe import TrainingConfig
from explorer.training.jobs import Jobs, JobView, Limits
from explorer.training.runs import RunSpec
from explorer.training.train import Diverged, Progress, Training
from tests.cases import DEFAULTS, Case
from tests.training.looking import wait

SPEC = RunSpec("variational", {"latent_dim": 2, "width": 32}, {"epochs": 2, "batch_size": 128}, "digits")


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training switches them off in its thread."""
    yield
    torch.set_flush_denormal(False)


def test_two_visitors_with_one_seed_get_the_model_that_each_gets_alone() -> None:
    def outcome(view: JobView) -> tuple[object, ...]:
        curve = [event["losses"] for event in view.events if event["kind"] == "progress"]
        return view.state, curve, view.events[-1]["card"]["weights_sha256"], view.events[-1]["weights"]

    jobs = Jobs(workers=2, limits=Limits(unseen=None))  # nobody looks at the second while the first is waited for
    try:
        together = [jobs.submit(SPEC, owner=owner) for owner in ("one", "other")]
        outcomes = [outcome(wait(jobs, job, patience=150)) for job in together]
        outcomes.append(outcome(wait(jobs, jobs.submit(SPEC, owner="one, alone"), patience=150)))
    finally:
        jobs.close()
    assert outcomes[0][0] == "done"
    assert len(outcomes[0][1]) > 10  # type: ignore[arg-type]
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize("case", DEFAULTS, ids=str)
@pytest.mark.parametrize("grey", [0, 255])
def test_pictures_without_a_digit_and_far_too_large_steps_leave_finite_weights(case: Case, grey: int) -> None:
    config = TrainingConfig(epochs=2, batch_size=16, learning_rate=10.0, warmup=0.0, clip_norm=1e9)
    training = Training(case.variant.model(case.config), np.full((48, 1, 28, 28), grey, np.uint8), config)
    told = list[Progress]()
    with contextlib.suppress(Diverged):
        told.extend(training.run())
    assert all(bool(tensor.isfinite().all()) for tensor in training.model.state_dict().values())
    assert all(math.isfinite(value) for progress in told for value in progress.losses.values())
