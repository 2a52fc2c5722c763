"""What the page offers as knobs is what a configuration accepts, and nothing else gets through."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from explorer.models.knobs import knobs
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import Variant, named, variants
from explorer.ui.controls import defaults, read, schema

EVERY = pytest.mark.parametrize("variant", variants().values(), ids=variants())


def kind(value: object) -> str:
    return type(value).__name__


@EVERY
def test_schema_is_json_and_covers_every_setting_once(variant: Variant) -> None:
    widgets = json.loads(json.dumps(schema(variant), allow_nan=False))
    places = [(widget["section"], widget["name"]) for widget in widgets]
    own = [("settings", name) for name in knobs(variant.config)]
    assert places == [*own, *(("training", name) for name in knobs(TrainingConfig))]
    assert all(widget["label"] for widget in widgets)


@EVERY
def test_recommended_settings_come_back_as_they_went(variant: Variant) -> None:
    sent = json.loads(json.dumps(defaults(variant)))
    assert read(variant, sent) == (variant.config(), variant.training)
    assert read(variant, {}) == (variant.config(), variant.training)
    assert all(sent[widget["section"]][widget["name"]] == widget["default"] for widget in schema(variant))


@EVERY
def test_every_slider_is_wide_enough_for_its_recommended_setting(variant: Variant) -> None:
    sliders = [widget for widget in schema(variant) if widget["kind"] == "slider"]
    assert sliders
    for slider in sliders:
        assert slider["low"] <= slider["default"] <= slider["high"]
        assert slider["low"] > 0 or not slider["log"]
        assert slider["integer"] == isinstance(slider["default"], int)


HOSTILE_NUMBERS: list[Any] = [math.nan, math.inf, "8", None, [8], {"a": 8}, True, 10**5000, -(10**5000)]
HOSTILE_WORDS: list[Any] = [math.nan, None, ["relu"], 8, 10**5000, "no such word"]


@pytest.mark.parametrize("value", HOSTILE_NUMBERS, ids=kind)
@EVERY
def test_hostile_numbers_are_refused_by_name_and_range(variant: Variant, value: Any) -> None:
    for widget in schema(variant):
        if widget["kind"] == "slider":
            low, high = (re.escape(f"{widget[end]:g}") for end in ("low", "high"))
            with pytest.raises(ValueError, match=rf"^{widget['name']} must .*{low}.*{high}"):
                read(variant, {widget["section"]: {widget["name"]: value}})


@pytest.mark.parametrize("value", HOSTILE_WORDS, ids=kind)
@EVERY
def test_hostile_words_and_switches_are_refused_by_name(variant: Variant, value: Any) -> None:
    for widget in schema(variant):
        if widget["kind"] != "slider":
            with pytest.raises(ValueError, match=rf"^{widget['name']} must be"):
                read(variant, {widget["section"]: {widget["name"]: value}})


@pytest.mark.parametrize("section", ["settings", "training"])
def test_unknown_settings_are_refused_and_the_known_ones_listed(section: str) -> None:
    with pytest.raises(ValueError, match="unknown setting '__class__'; .* has "):
        read(named("dense"), {section: {"__class__": 1}})


@pytest.mark.parametrize(
    "values",
    [None, [], "latent_dim", 8, {"settings": None}, {"training": [1]}, {"latent_dim": 8}],
)
def test_settings_of_another_shape_are_refused(values: Any) -> None:
    with pytest.raises(ValueError, match="^(settings|training) must "):
        read(named("dense"), values)


def test_a_whole_number_for_a_fractional_setting_gives_the_same_settings() -> None:
    whole, fraction = (read(named("dense"), {"training": {"clip_norm": value}})[1] for value in (1, 1.0))
    assert json.dumps(whole.as_dict()) == json.dumps(fraction.as_dict())
