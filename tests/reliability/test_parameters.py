"""Whatever is sent to an event or a component's function, the answer is a sentence, and nothing else happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from explorer.models.knobs import Choice, Config, Slider, knobs
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import Variant, variants
from explorer.training.cost import BUDGET, require_affordable, seconds, uses_of
from explorer.training.runs import PARAMETER_LIMIT, RunSpec
from tests.reliability.conftest import Standing
from tests.reliability.knocking import NONSENSE, Answer, Knocker

GROWTH = 20  # MB that the server may be larger after 200 refusals of 200 kB each
REFERENCE = re.compile(r"reference [0-9a-f]{6}")
TELLING = ("NaN", "null", "minus one", "a broken number", "true", "a list", "1,000 repeats", "200 kB of text", "a path")
MANY = 12  # arguments of an event that shows the whole page
IMAGES = 60_000


def complaint(what: object, answer: Answer) -> list[str]:
    """What is wrong with an answer, if anything: silence, or a failure that nobody foresaw."""
    is_wrong = not answer.is_said or REFERENCE.search(answer.text or "") or "\n" in (answer.text or "")
    return [f"{what}: {answer}"] if is_wrong else []


def argument_lists(knocker: Knocker, event: dict[str, Any], met: set[int]) -> Iterator[tuple[str, list[str]]]:
    """Too few, too many, and in each argument nonsense: all of it where a component is met for the first time."""
    usual = knocker.usual(event)
    if usual:
        yield "missing arguments", []
    yield "an argument too many", [*usual, "1"]
    for at in knocker.told(event):
        number = event["inputs"][at]
        is_own = knocker.components[number]["type"] in ("html", "api")  # checked by each handler for itself
        nonsense = NONSENSE if is_own else {name: NONSENSE[name] for name in TELLING}
        if number in met:
            nonsense = {"an object": "{}"} if is_own and len(event["inputs"]) < MANY else {}
        met.add(number)
        for name, text in nonsense.items():
            yield f"{name} as argument {at}", [*usual[:at], text, *usual[at + 1 :]]


@pytest.mark.slow
def test_every_event_refuses_nonsense_in_a_sentence_or_takes_it_for_what_it_is(
    standing: Standing, knocker: Knocker
) -> None:
    met, wrong = set[int](), list[str]()
    for event in sorted(knocker.events, key=lambda event: len(event["inputs"])):  # what costs little meets most
        cases = list(argument_lists(knocker, event, met))
        answers = knocker.ask(event["id"], [arguments for _, arguments in cases])
        for (name, _), answer in zip(cases, answers, strict=True):
            wrong += complaint(f"event {event['id']}, {event['api_name']}, {name}", answer)
            if name in ("missing arguments", "an argument too many") and not answer.has_failed:
                wrong.append(f"event {event['id']} takes {name}")
    assert not wrong, "\n".join(wrong)
    assert len(met) > 40
    assert "Traceback" not in standing.log
    assert not standing.process.children(), "a worker was started: some nonsense became a training"


def test_what_was_refused_is_not_kept(standing: Standing, knocker: Knocker) -> None:
    event = next(event for event in knocker.events if event["targets"][0][1] == "input" and len(event["inputs"]) == 3)
    arguments = [NONSENSE["200 kB of text"], "null", "null"]
    knocker.ask(event["id"], [arguments] * 20)
    before = standing.megabytes
    for _ in range(20):  # twenty visitors, ten times each
        assert all(answer.has_failed for answer in knocker.ask(event["id"], [arguments] * 10))
    assert standing.megabytes - before < GROWTH


def test_every_server_function_refuses_nonsense_in_a_sentence(standing: Standing, knocker: Knocker) -> None:
    functions = [
        (number, name) for number, one in knocker.components.items() for name in one["props"].get("server_fns") or []
    ]
    assert len(functions) > 10
    wrong = []
    for number, function in functions:
        for name, text in NONSENSE.items():
            answer = knocker.question(number, function, text)
            wrong += complaint(f"{function} of {number}, {name}", answer)
            if not answer.has_failed:
                wrong.append(f"{function} of {number} takes {name}")
    assert not wrong, "\n".join(wrong)
    assert "Traceback" not in standing.log


PUBLIC = {
    "train": [
        (["dense", {"latent_dim": 10**9}, {}], "latent_dim must lie between 1 and 128"),
        (["dense", {"width": 10**6}, {}], "width must lie between 64 and 512"),
        (["dense", {}, {"epochs": 10**6}], "epochs must lie between 1 and 100"),
        (["dense", {}, {"batch_size": 1}], "batch_size must lie between 16 and 1024"),
        (["sequence", {}, {"epochs": 100}], "and the limit is 120: at most"),
    ]
}


@pytest.mark.parametrize("variant", variants().values(), ids=lambda variant: variant.name)
def test_the_recommended_training_fits_the_budget_and_the_longest_is_refused_with_what_would_fit(
    variant: Variant,
) -> None:
    recommended = RunSpec(variant.name, {}, variant.training.as_dict())
    require_affordable(recommended, IMAGES)
    longest = replace(variant.training, epochs=100, batch_size=16)
    with pytest.raises(ValueError, match=r"would take about [\d,]+ seconds, and the limit is 120: at most") as refused:
        require_affordable(replace(recommended, training=longest.as_dict()), IMAGES)
    for word, count in (("epochs", r"(\d+) of the"), ("images", r"([\d,]+) images")):
        if found := re.search(count, str(refused.value)):
            fitting = longest.as_dict() | {word: int(found[1].replace(",", ""))}
            require_affordable(replace(recommended, training=fitting), IMAGES)
    assert seconds(variant, variant.config(), longest, IMAGES) > BUDGET


def extremes(variant: Variant) -> Iterator[Config]:
    """The usual settings, and those with one of them at an end: all that there are but the draws of each code."""
    yield variant.config()
    for name, knob in knobs(variant.config).items():
        ends = (knob.low, knob.high) if isinstance(knob, Slider) else knob.options if isinstance(knob, Choice) else ()
        for end in ends if name != "samples" else ():
            with suppress(ValueError):  # it does not go with the others
                yield variant.config.from_dict({name: end})


def test_what_training_computes_is_about_what_the_estimate_says() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from explorer.models.base import Masking
    from explorer.models.registry import parameter_count

    for variant, config in [(one, config) for one in variants().values() for config in extremes(one)]:
        with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
            model, x = variant.model(config).eval(), torch.zeros(1, 1, 28, 28)
            _ = model.encode(x) if isinstance(model, Masking) else model(x, torch.Generator())
        estimate = 2 * parameter_count(variant, config) * uses_of(variant, config)
        assert 0.45 < counter.get_total_flops() / estimate < 2, (variant.name, config)


def test_no_slider_leads_to_more_weights_than_are_allowed() -> None:
    assert PARAMETER_LIMIT == 5_000_000
    for setting in ("latent_dim", "width", "depth", "channels", "hidden"):
        for variant in variants().values():
            with pytest.raises(ValueError, match=f"{setting}|unknown setting"):
                require_affordable(RunSpec(variant.name, {setting: 10**9}, {}), IMAGES)


def test_a_budget_that_nothing_fits_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_BUDGET", "0.001")
    with pytest.raises(ValueError, match="and the limit is 0: not even a hundred images fit$"):
        require_affordable(RunSpec("sequence", {}, {}), IMAGES)


def test_somebody_elses_machine_may_have_another_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = RunSpec("sequence", {}, TrainingConfig(epochs=100).as_dict())
    monkeypatch.setenv("EXPLORER_BUDGET", "10000")
    require_affordable(longest, IMAGES)
    monkeypatch.setenv("EXPLORER_BUDGET", "1000")
    with pytest.raises(ValueError, match="the limit is 1,000"):
        require_affordable(longest, IMAGES)


@pytest.mark.parametrize(("arguments", "sentence"), PUBLIC["train"])
def test_the_ceiling_holds_at_the_door(
    standing: Standing, knocker: Knocker, arguments: list[Any], sentence: str
) -> None:
    import json

    train = next(event for event in knocker.events if event["api_name"] == "train")
    (answer,) = knocker.ask(train["id"], [[json.dumps(argument) for argument in arguments]])
    assert answer.has_failed
    assert sentence in str(answer.text)
    assert not standing.process.children()
