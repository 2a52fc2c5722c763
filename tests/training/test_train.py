"""The training loop: what it sees, what it reports, how it ends, and that the same seed gives the same bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.data.digits import embedded
from explorer.models.knobs import knobs
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named
from explorer.training.train import Progress, Training, mean_image, train
from tests.cases import DEFAULTS, Case, other_values
from tests.training.hand_made import HandMade, numbered, numbers

ROOT = Path(__file__).parents[2]
EVERY_VARIANT = pytest.mark.parametrize("case", DEFAULTS, ids=str)
FEW = embedded().train_images[:56]  # 16, 16, 16 and 8 of them: four steps an epoch
MORE = embedded().train_images[:120]  # than the knob for the number of images leaves at least
SHORT = TrainingConfig(epochs=2, batch_size=16, warmup=0.3)


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training switches them off in its thread."""
    yield
    torch.set_flush_denormal(False)


def fresh(case: Case, state: bytes | None = None) -> Training:
    """A training of a new model, from the start or from a state."""
    return Training(case.variant.model(case.config), FEW, SHORT, state)


def facts(progress: Progress) -> Progress:
    """All of a report but how long it took."""
    return replace(progress, seconds=0.0)


def test_every_image_is_seen_once_an_epoch_in_a_new_order() -> None:
    model = HandMade()
    list(train(model, numbered(100), TrainingConfig(epochs=3, batch_size=32)))
    shown = [numbers(batch) for batch in model.seen.batches]
    assert [len(batch) for batch in shown] == [32, 32, 32, 4] * 3
    epochs = [list(chain(*shown[start : start + 4])) for start in (0, 4, 8)]
    assert all(sorted(epoch) == list(range(100)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in [*epochs, list(range(100))]}) == 4


def test_pixels_go_from_0_to_1() -> None:
    model, images = HandMade(), np.full((4, 1, 28, 28), 255, np.uint8)
    images[:, :, 0] = 0
    list(train(model, images, TrainingConfig(epochs=1)))
    assert model.seen.batches[0].dtype == torch.float32
    assert set(model.seen.batches[0].flatten().tolist()) == {0.0, 1.0}


def test_every_step_draws_from_a_generator_of_its_own() -> None:
    one, other = HandMade(), HandMade()
    list(train(one, numbered(50), TrainingConfig(epochs=2, batch_size=16)))
    list(train(other, numbered(50), TrainingConfig(epochs=2, batch_size=16, seed=1)))
    assert len({*one.seen.draws, *other.seen.draws}) == 16


@pytest.mark.parametrize(
    ("images", "reports"), [(50, [16, 16, 16, 2]), (1308, [32] * 40 + [28]), (1316, [32] * 41 + [4])]
)
def test_a_report_holds_the_mean_of_each_term_over_the_images_since_the_last(images: int, reports: list[int]) -> None:
    model, pixels = HandMade(second=lambda weight, step: 0 * weight.sum() + step), numbered(images)
    told = list(train(model, pixels, TrainingConfig(epochs=2, batch_size=16)))
    assert [progress.images for progress in told] == reports * 2
    batches = iter(model.seen.batches)
    step = 0
    for progress in told:
        seen: list[Tensor] = []
        steps: list[int] = []
        while sum(len(batch) for batch in seen) < progress.images:
            seen.append(next(batches))
            steps += [step] * len(seen[-1])
            step += 1
        assert progress.step == step
        assert progress.losses["brightness"] == pytest.approx(torch.cat(seen).mean().item(), rel=1e-5)
        assert progress.losses["second"] == pytest.approx(sum(steps) / len(steps))


def test_reports_count_steps_and_finished_epochs() -> None:
    told = list(train(HandMade(), numbered(50), TrainingConfig(epochs=3, batch_size=16)))
    assert [progress.step for progress in told] == list(range(1, 13))
    assert [progress.epoch for progress in told] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3]
    assert {(progress.steps, progress.epochs) for progress in told} == {(12, 3)}
    assert [progress.at for progress in told][:4] == [0.25, 0.5, 0.75, 1.0]


def test_the_time_of_whoever_listens_does_not_count() -> None:
    told = []
    for progress in train(HandMade(), numbered(50), TrainingConfig(epochs=2, batch_size=16)):
        told.append(progress.seconds)
        time.sleep(0.1)
    assert 0 < min(told) < 0.1


def test_without_warm_up_the_learning_rate_is_pytorchs_cosine() -> None:
    config = TrainingConfig(epochs=5, batch_size=16, learning_rate=0.5, warmup=0.0)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=20, eta_min=0.005)
    expected = []
    for _ in range(20):
        expected.append(cosine.get_last_lr()[0])
        optimiser.step()
        cosine.step()
    told = [progress.learning_rate for progress in train(HandMade(), numbered(50), config)]
    assert told == pytest.approx(expected)


def test_the_warm_up_climbs_in_equal_steps_and_then_only_falls() -> None:
    config = TrainingConfig(epochs=5, batch_size=16, learning_rate=1.0, warmup=0.2)  # 4 of 20 steps
    rates = [progress.learning_rate for progress in train(HandMade(), numbered(50), config)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[12] == pytest.approx(0.505)  # half way down: (1 + 0.01) / 2
    assert 0.01 < rates[-1] < 0.03


def test_the_rate_that_is_told_is_the_rate_that_is_used() -> None:
    training = Training(HandMade(), numbered(50), replace(SHORT, learning_rate=0.1))
    assert all(training.optimiser.param_groups[0]["lr"] == progress.learning_rate for progress in training.run())


def test_a_step_is_adams() -> None:
    """Kingma and Ba 2015: with a constant gradient every step has the length of the learning rate."""
    model = HandMade(second=lambda weight, _: 3.0 * weight.sum())
    config = TrainingConfig(epochs=1, batch_size=16, learning_rate=0.01, warmup=0.0)
    training = Training(model, numbered(50), config)
    walked = sum(progress.learning_rate for progress in training.run())
    assert model.weight.item() == pytest.approx(0.5 - walked, abs=1e-6)


@pytest.mark.parametrize("name", knobs(TrainingConfig))
def test_every_knob_of_training_changes_the_result(name: str) -> None:
    other = other_values(knobs(TrainingConfig)[name], getattr(SHORT, name))[0]
    one, two = (
        Training(named("variational").model(named("variational").config()), MORE, TrainingConfig.from_dict(settings))
        for settings in (SHORT.as_dict(), SHORT.as_dict() | {name: other})
    )
    list(one.run())
    list(two.run())
    assert not torch.equal(one.model.state_dict()["encoder.0.weight"], two.model.state_dict()["encoder.0.weight"])


CURVES = """
import hashlib, json, sys, torch
from explorer.data.digits import embedded
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import variants
from explorer.training.train import Training
torch.manual_seed(int(sys.argv[1]))  # must not matter
torch.set_num_threads(1)
results = {}
for name, variant in variants().items():
    config = TrainingConfig(epochs=1, batch_size=16)
    training = Training(variant.model(variant.config()), embedded().train_images[:40], config)
    curve = [progress.losses for progress in training.run()]
    results[name] = [curve, hashlib.sha256(training.state()).hexdigest()]
print(json.dumps(results))
"""


def test_the_same_seed_gives_the_same_bits_in_fresh_processes() -> None:
    def start(disturbance: str) -> subprocess.Popen[bytes]:
        command, environment = [sys.executable, "-c", CURVES, disturbance], {"PYTHONHASHSEED": disturbance}
        return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE)

    one, other = (json.loads(process.communicate(timeout=170)[0]) for process in [start("1"), start("2")])
    assert one == other
    assert one.keys() == {str(case) for case in DEFAULTS}
    assert all(len(curve) == 3 and len(digest) == 64 for curve, digest in one.values())


@EVERY_VARIANT
@pytest.mark.parametrize("cut", [1, 4, 6], ids="after step {}".format)
def test_cut_anywhere_and_continued_a_run_ends_with_the_same_bits(case: Case, cut: int) -> None:
    whole, begun = fresh(case), fresh(case)
    told = [facts(progress) for progress in whole.run()]
    before = [facts(progress) for _, progress in zip(range(cut), begun.run(), strict=False)]
    continued = fresh(case, begun.state())
    assert continued.step == cut
    after = [facts(progress) for progress in continued.run()]
    assert [*before, *after] == told
    assert continued.state() == whole.state()


@pytest.mark.parametrize("cut", [0, 8])
def test_a_run_can_be_cut_before_its_first_and_after_its_last_step(cut: int) -> None:
    whole, begun = fresh(DEFAULTS[0]), fresh(DEFAULTS[0])
    list(whole.run())
    assert len([step for step, _ in zip(range(cut), begun.run(), strict=False)]) == cut
    continued = fresh(DEFAULTS[0], begun.state())
    assert [progress.step for progress in continued.run()] == list(range(cut + 1, 9))
    assert continued.state() == whole.state()


def test_a_pause_at_the_end_of_an_epoch_changes_nothing() -> None:
    whole, paused = fresh(DEFAULTS[0]), fresh(DEFAULTS[0])
    told = [facts(progress) for progress in whole.run()]
    first, second = ([facts(progress) for progress in paused.run(until)] for until in (1, None))
    assert (first, second) == (told[:4], told[4:])
    assert not list(paused.run())
    assert paused.state() == whole.state()


def test_an_abandoned_run_can_be_taken_up_again() -> None:
    whole, left = fresh(DEFAULTS[1]), fresh(DEFAULTS[1])
    list(whole.run())
    run = left.run()
    assert next(run).step == 1
    run.close()  # type: ignore[attr-defined]
    assert [progress.step for progress in left.run()] == list(range(2, 9))
    assert left.state() == whole.state()


@pytest.mark.parametrize("state", [b"", b"\0" * 100, b"\xff" * 2000, b"\x02\0\0\0\0\0\0\0{}"])
def test_a_damaged_state_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="the state cannot be continued: it is damaged or of another model"):
        fresh(DEFAULTS[0], state)


def test_a_state_of_another_model_or_of_a_longer_training_is_refused() -> None:
    linear, dense = fresh(DEFAULTS[0]), fresh(DEFAULTS[1])
    list(linear.run())
    with pytest.raises(ValueError, match="damaged or of another model"):
        fresh(DEFAULTS[1], linear.state())
    with pytest.raises(ValueError, match="the state is at step 8, and this training has 4 steps"):
        Training(named("linear").model(DEFAULTS[0].config), FEW, replace(SHORT, epochs=1), linear.state())
    assert dense.step == 0


def test_subnormal_numbers_are_flushed_once_training_runs() -> None:
    torch.set_flush_denormal(False)
    tiny = torch.full((4,), 1e-40)
    assert (tiny * 1.0).any()
    run = fresh(DEFAULTS[0]).run()
    assert (tiny * 1.0).any()
    next(run)
    assert not (tiny * 1.0).any()


def test_training_starts_from_the_seeds_weights_and_leaves_the_images_alone() -> None:
    images = FEW.copy()
    training = Training(named("dense").model(named("dense").config()), images, SHORT)
    model = named("dense").model(named("dense").config())
    model.initialise(mean_image(images), torch.Generator().manual_seed(SHORT.seed))
    assert all(torch.equal(t, training.model.state_dict()[name]) for name, t in model.state_dict().items())
    list(training.run())
    assert np.array_equal(images, FEW)


def test_the_mean_image_is_numpys() -> None:
    np.testing.assert_allclose(mean_image(FEW).numpy(), (FEW / 255).mean(axis=0), atol=1e-7)
