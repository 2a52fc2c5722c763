"""A run from its settings to its card: which events come, in which order, and how it pauses, stops and goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.data import mnist
from explorer.data.dataset import Dataset
from explorer.data.digits import embedded
from explorer.models.base import Losses, Output
from explorer.models.checkpoint import Card, unpack
from explorer.models.registry import variants
from explorer.models.variants.linear import Linear
from explorer.training import runs
from explorer.training.evaluate import evaluate, reconstruct
from explorer.training.runs import Event, RunSpec, execute, loaded, one_of_each
from explorer.training.train import Training
from tests.cases import seeded

QUICK = {"epochs": 2, "batch_size": 512}  # three steps an epoch
SPEC = RunSpec("linear", {"latent_dim": 2}, QUICK, "digits")
VARIATIONAL = RunSpec("variational", {"latent_dim": 2, "width": 32, "warmup": 0.5}, QUICK, "digits")
MASKED = RunSpec("masked", {"latent_dim": 16, "depth": 1, "decoder_dim": 16, "patch": "7"}, QUICK, "digits")
CLOCKS = ("seconds", "images_per_second")


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training switches them off in its thread."""
    yield
    torch.set_flush_denormal(False)


def kinds(events: list[Event]) -> list[str]:
    """Of all events but the moments, which have a test of their own."""
    return [event["kind"] for event in events if event["kind"] != "moment"]


def timeless(events: list[Event]) -> list[Event]:
    """Events without what depends on the clock."""
    kept = [{key: value for key, value in event.items() if key not in CLOCKS} for event in events]
    return [event | {"card": event["card"] | {"seconds": 0.0}} if "card" in event else event for event in kept]


def model_in(event: Event) -> Any:
    return unpack(Card(**event["card"]), event["weights"])


def test_events_come_in_order() -> None:
    events = list(execute(SPEC))
    epoch = ["progress", "progress", "progress", "epoch"]
    assert kinds(events) == ["epoch", *epoch, *epoch, "finished"]
    assert [event["epoch"] for event in events if event["kind"] == "epoch"] == [0, 1, 2]
    assert [event["step"] for event in events if event["kind"] == "progress"] == [1, 2, 3, 4, 5, 6]
    assert (events[-1]["status"], events[-1]["text"], events[-1]["state"]) == ("done", "", None)


@pytest.mark.parametrize("spec", [SPEC, VARIATIONAL, MASKED], ids=lambda spec: spec.variant)
def test_moments_tell_the_codes_from_the_first_weights_to_the_last(spec: RunSpec) -> None:
    events = list(execute(spec))
    moments = [event for event in events if event["kind"] == "moment"]
    assert [moment["step"] for moment in moments] == [0, 1, 2, 3, 4, 5, 6]
    codes = np.frombuffer(moments[-1]["codes"], np.float32).reshape(-1, moments[-1]["size"])
    model = model_in(events[-1])
    with torch.no_grad():
        expected = model.encode(torch.from_numpy(embedded().test_images.astype(np.float32) / 255))
    np.testing.assert_allclose(codes, expected.numpy(), atol=0.02)  # the weights were rounded to half precision since
    assert moments[-1]["pictures"] == events[-2]["pictures"]


def test_a_long_run_has_at_most_thirty_moments_that_are_closest_at_the_start() -> None:
    long = RunSpec("linear", {"latent_dim": 2}, {"epochs": 40, "batch_size": 128}, "digits")
    steps = [event["step"] for event in execute(long) if event["kind"] == "moment"]
    assert 20 < len(steps) <= runs.MOMENTS
    assert (steps[0], steps[-1]) == (0, 480)
    assert np.all(np.diff(np.diff(steps[3:])) >= -1)


@pytest.mark.parametrize("spec", [SPEC, VARIATIONAL, MASKED], ids=lambda spec: spec.variant)
def test_events_are_json_and_bytes_without_nan(spec: RunSpec) -> None:
    for event in execute(spec):
        plain = {key: value for key, value in event.items() if not isinstance(value, bytes)}
        assert json.loads(json.dumps(plain, allow_nan=False)) == plain
        if event["kind"] == "progress":
            assert event.keys() >= {"steps", "at", "epochs", "losses", "learning_rate", *CLOCKS}
        if event["kind"] == "epoch":
            assert len(event["pictures"]) == 10 * 784


def test_the_last_pictures_are_the_models_answers_to_one_digit_of_each_label() -> None:
    digits, events = embedded(), list(execute(SPEC))
    samples = digits.test_images[one_of_each(digits.test_labels)]
    assert digits.test_labels[one_of_each(digits.test_labels)].tolist() == list(range(10))
    with torch.no_grad():
        answers = reconstruct(model_in(events[-1]), torch.from_numpy(samples / np.float32(255)), seeded(0))
    shown = np.frombuffer(events[-2]["pictures"], np.uint8).reshape(10, 1, 28, 28)
    assert np.abs(shown / 255 - answers.numpy()).max() < 0.01  # the model was rounded to half precision since
    assert events[-2]["test_mse"] == pytest.approx(events[-1]["card"]["figures"]["mse"], rel=1e-3)


@pytest.mark.parametrize("spec", [SPEC, VARIATIONAL, MASKED], ids=lambda spec: spec.variant)
def test_the_card_says_what_the_weights_are(spec: RunSpec) -> None:
    finished = list(execute(spec))[-1]
    card = Card.from_json(json.dumps(finished["card"]))
    assert (card.variant, card.epochs, card.dataset, card.dataset_sha256) == (
        spec.variant,
        2,
        "digits",
        embedded().sha256,
    )
    config, training = spec.checked()
    assert (card.settings, card.training) == (config.as_dict(), training.as_dict())
    assert (card.device, card.torch_version, card.threads) == ("cpu", torch.__version__, torch.get_num_threads())
    assert evaluate(model_in(finished), embedded().test_images) == card.figures
    assert card.tested == len(embedded().test_images)


def test_a_run_that_was_cut_is_measured_on_fewer_images_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CUT_IMAGES", 50)
    cut = list(execute(SPEC, until_epoch=1))[-1]
    assert cut["card"]["tested"] == 50
    assert cut["card"]["figures"] == evaluate(model_in(cut), embedded().test_images[:50])


@pytest.mark.parametrize("spec", [SPEC, VARIATIONAL, MASKED], ids=lambda spec: spec.variant)
def test_paused_and_continued_a_run_is_the_same_run(spec: RunSpec) -> None:
    whole = list(execute(spec))
    first = list(execute(spec, until_epoch=1))
    assert (first[-1]["status"], first[-1]["text"]) == ("paused", "paused after epoch 1 of 2")
    assert first[-1]["card"]["epochs"] == 1
    second = list(execute(spec, state=first[-1]["state"]))
    assert second[0] == [event for event in first if event["kind"] == "epoch"][-1], "it goes on where it was"
    assert timeless([*first[:-1], *second[1:]]) == timeless(whole)


@pytest.mark.parametrize("stop_after", [1, 2, 4])
def test_a_stopped_run_keeps_its_weights_and_can_be_continued(stop_after: int) -> None:
    asked = iter([False] * (stop_after - 1) + [True])
    whole = list(execute(VARIATIONAL))
    first = list(execute(VARIATIONAL, stopping=lambda: next(asked)))
    assert kinds(first).count("progress") == stop_after
    assert first[-1]["status"] == "stopped"
    assert first[-1]["text"] == f"stopped after {stop_after / 3:.1f} of 2 epochs, weights kept"
    assert model_in(first[-1]).encode(torch.zeros(1, 1, 28, 28)).shape == (1, 2)
    second = list(execute(VARIATIONAL, state=first[-1]["state"]))
    assert kinds(second)[0] == "progress", "no test error is told for a moment between two epochs"
    assert timeless([*first[:-1], *second]) == timeless(whole)


def test_a_run_that_is_through_is_done_even_if_someone_wanted_to_stop_it() -> None:
    asked = iter([False] * 5 + [True])
    assert list(execute(SPEC, stopping=lambda: next(asked)))[-1]["status"] == "done"


def test_from_every_state_that_was_told_the_run_ends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "STATE_SECONDS", 0.0)
    events = list(execute(VARIATIONAL))
    states = [event for event in events if event["kind"] == "state"]
    assert [event["step"] for event in states] == [1, 2, 3, 4, 5, 6]
    for event in states[::2]:
        continued = list(execute(VARIATIONAL, state=event["state"]))
        assert continued[-1]["weights"] == events[-1]["weights"]


def test_an_abandoned_run_closes() -> None:
    run = execute(SPEC)
    assert next(run)["kind"] == "epoch"
    run.close()  # type: ignore[attr-defined]
    assert not list(run)


def test_training_never_reads_the_test_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def poisoned(name: str) -> Dataset:
        images = np.full_like(embedded().test_images, 255)
        images.flags.writeable = False
        return replace(loaded(name), test_images=images, test_labels=embedded().test_labels)

    clean = list(execute(VARIATIONAL))
    monkeypatch.setattr(runs, "loaded", poisoned)
    other = list(execute(VARIATIONAL))
    curves = [[e["losses"] for e in events if e["kind"] == "progress"] for events in (clean, other)]
    assert other[-1]["weights"] == clean[-1]["weights"]
    assert curves[0] == curves[1]
    assert other[-1]["card"]["figures"] != clean[-1]["card"]["figures"], "the figures are those of the test set"


def test_an_error_no_better_than_the_mean_image_is_warned_of() -> None:
    stuck = RunSpec("linear", {"latent_dim": 2}, QUICK | {"learning_rate": 1.0, "warmup": 0.0}, "digits")
    warnings = [event for event in execute(stuck) if event["kind"] == "warning"]
    assert len(warnings) == 1
    assert "is no better than answering the mean image every time" in warnings[0]["text"]
    assert "warning" not in kinds(list(execute(SPEC)))


def test_a_diverged_run_names_the_term_and_keeps_the_last_good_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, passes = list(execute(SPEC, until_epoch=1)), iter(range(100))

    def breaking(self: Linear, x: Tensor, output: Output) -> Losses:
        error = (output.reconstruction - x).square().mean()
        return {"reconstruction": error * (float("nan") if self.training and next(passes) == 3 else 1.0)}

    monkeypatch.setattr(Linear, "loss", breaking)
    events = list(execute(SPEC))
    assert kinds(events) == ["epoch", "progress", "progress", "progress", "epoch", "finished"]
    assert events[-1]["status"] == "diverged"
    assert events[-1]["text"] == "training diverged at step 3: reconstruction is no longer finite"
    assert events[-1]["weights"] == whole[-1]["weights"]
    assert events[-1]["card"]["epochs"] == 1
    assert model_in(events[-1]) is not None


@pytest.mark.parametrize("batch_size", [512, 1024])
def test_no_nan_is_told_even_of_an_explosion(batch_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Training, "_learning_rate", lambda *_: 1e30)
    events = list(execute(replace(SPEC, training={"epochs": 2, "batch_size": batch_size})))
    facts = [{key: value for key, value in event.items() if not isinstance(value, bytes)} for event in events]
    assert json.dumps(facts, allow_nan=False)
    assert events[-1]["status"] == "diverged"


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"variant": "transformer"}, "variant must be one of"),
    ({"variant": None}, "variant must be one of"),
    ({"settings": {"latent_dim": 10**9}}, "latent_dim must lie between 1 and 128"),
    ({"settings": {"latent_dim": float("nan")}}, "latent_dim must be a whole number"),
    ({"settings": {"hidden": 10**6}}, "unknown setting 'hidden'"),
    ({"training": {"epochs": 10**6}}, "epochs must lie between 1 and 100"),
    ({"training": {"batch_size": 1}}, "batch_size must lie between 16 and 1024"),
    ({"training": {"batch_size": 17}}, "batch_size must go from 16 in steps of 16"),
    ({"training": {"learning_rate": float("inf")}}, "learning_rate must lie between"),
    ({"training": {"seed": -1}}, "seed must lie between"),
    ({"variant": "masked", "settings": {"latent_dim": 17}}, "latent_dim must go from 16 in steps of 16"),
    ({"dataset": "../mnist"}, "dataset must be mnist or digits"),
    ({"dataset": None}, "dataset must be mnist or digits"),
]


@pytest.mark.parametrize(("other", "sentence"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_settings_are_refused_before_anything_is_loaded_or_made(
    other: dict[str, Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        raise AssertionError("something was loaded or made")

    monkeypatch.setattr(runs, "loaded", nothing)
    monkeypatch.setattr(runs, "_Run", nothing)
    for act in (lambda spec: next(execute(spec)), RunSpec.checked, lambda spec: spec.key):
        with pytest.raises(ValueError, match=sentence):
            act(replace(SPEC, **other))


def test_a_model_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "PARAMETER_LIMIT", 3921)
    with pytest.raises(ValueError, match="the model would have 3,922 parameters, the limit is 3,921"):
        SPEC.checked()


def test_no_knobs_reach_the_limit_of_parameters() -> None:
    assert all(RunSpec(name, {}, {}).checked() for name in variants())
    large = RunSpec("variational", {"latent_dim": 64, "depth": 3, "width": 512}, {})
    assert large.checked()


def test_equal_runs_have_equal_keys_and_others_have_others() -> None:
    config, training = SPEC.checked()
    written_out = RunSpec("linear", config.as_dict(), training.as_dict(), "digits")
    whole = RunSpec("linear", {"latent_dim": 2}, QUICK | {"weight_decay": 0, "clip_norm": 1}, "digits")
    assert SPEC.key == written_out.key == whole.key
    others = [
        replace(SPEC, settings={"latent_dim": 3}),
        replace(SPEC, training=QUICK | {"seed": 1}),
        replace(SPEC, dataset="mnist"),
        VARIATIONAL,
    ]
    assert len({SPEC.key, *(other.key for other in others)}) == 5
    assert all(len(other.key) == 64 for other in others)


def test_a_data_set_is_the_one_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded("digits") is embedded()
    monkeypatch.setattr(mnist, "available", lambda: None)
    with pytest.raises(ValueError, match="this run needs MNIST, and MNIST is not on this machine"):
        loaded("mnist")
    with pytest.raises(ValueError, match="this run needs MNIST"):
        next(execute(replace(SPEC, dataset="mnist")))


def test_a_state_of_another_run_is_refused() -> None:
    state = list(execute(SPEC, until_epoch=1))[-1]["state"]
    with pytest.raises(ValueError, match="the state cannot be continued"):
        next(execute(VARIATIONAL, state=state))


def test_few_training_images_are_the_first_ones_and_make_short_epochs() -> None:
    spec = RunSpec("linear", {"latent_dim": 2}, {"epochs": 1, "batch_size": 16, "images": 100}, "digits")
    steps = [event["steps"] for event in execute(spec) if event["kind"] == "progress"]
    assert steps[0] == 7
    model = variants()["linear"].model(spec.checked()[0])
    kept = Training(model, embedded().train_images, spec.checked()[1]).images
    assert torch.equal(kept, torch.tensor(embedded().train_images[:100]))
