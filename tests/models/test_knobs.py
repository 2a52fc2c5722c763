"""Settings are checked when they are made, whoever made them up."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass
from typing import Annotated, Any

import pytest

from explorer.models.knobs import Choice, Config, Slider, Switch, knobs, shown
from explorer.models.recipe import TrainingConfig


@dataclass(frozen=True)
class Settings(Config):
    """One of each."""

    size: Annotated[int, Slider(4, 20, "Size", step=4)] = 8
    rate: Annotated[float, Slider(0.1, 2.0, "Rate", step=0.5, log=True)] = 1.0
    cell: Annotated[str, Choice(("GRU", "LSTM"), "Cell")] = "GRU"
    forced: Annotated[bool, Switch("Forced")] = False


HUGE = 10**5000
REFUSED = [
    ("size", 3, "size must lie between 4 and 20, got 3"),
    ("size", 24, "size must lie between 4 and 20, got 24"),
    ("size", 9, "size must go from 4 in steps of 4, got 9"),
    ("size", 8.0, "size must be a whole number from 4 to 20, got 8.0"),
    ("size", True, "size must be a whole number from 4 to 20, got True"),
    ("size", "8", "size must be a whole number from 4 to 20, got '8'"),
    ("size", None, "size must be a whole number from 4 to 20, got None"),
    ("size", [8], r"size must be a whole number from 4 to 20, got \[8\]"),
    ("size", HUGE, "size must lie between 4 and 20, got a number of more than 30 digits"),
    ("size", -HUGE, "size must lie between 4 and 20, got a number of more than 30 digits"),
    ("rate", float("nan"), "rate must lie between 0.1 and 2, got nan"),
    ("rate", float("inf"), "rate must lie between 0.1 and 2, got inf"),
    ("rate", HUGE, "rate must lie between 0.1 and 2, got a number of more than 30 digits"),
    ("rate", "1.0", "rate must be a number from 0.1 to 2, got '1.0'"),
    ("rate", True, "rate must be a number from 0.1 to 2, got True"),
    ("rate", {}, "rate must be a number from 0.1 to 2, got {}"),
    ("cell", "RNN", "cell must be one of GRU, LSTM, got 'RNN'"),
    ("cell", "x" * 10**6, r"cell must be one of GRU, LSTM, got 'x{56}\.\.\.$"),
    ("cell", ["GRU"], r"cell must be one of GRU, LSTM, got \['GRU'\]"),
    ("cell", 0, "cell must be one of GRU, LSTM, got 0"),
    ("forced", 1, "forced must be true or false, got 1"),
    ("forced", "yes", "forced must be true or false, got 'yes'"),
    ("forced", None, "forced must be true or false, got None"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), REFUSED, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(REFUSED)])
def test_a_wrong_value_is_refused_in_one_short_sentence(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refusal:
        Settings.from_dict({name: value})
    assert len(str(refusal.value)) < 150


def test_both_ends_of_a_slider_are_allowed() -> None:
    low, high = Settings(size=4, rate=0.1), Settings(size=20, rate=2.0)
    assert (low.size, low.rate, high.size, high.rate) == (4, 0.1, 20, 2.0)


def test_a_step_binds_whole_numbers_only() -> None:
    assert Settings(rate=0.37).rate == 0.37


def test_one_and_one_point_zero_are_the_same_setting() -> None:
    whole, broken = Settings(rate=1), Settings(rate=1.0)
    assert whole == broken
    assert json.dumps(whole.as_dict()) == json.dumps(broken.as_dict())
    assert isinstance(TrainingConfig(weight_decay=0).weight_decay, float)


def test_what_is_missing_keeps_its_default() -> None:
    assert Settings.from_dict({}) == Settings()
    assert Settings.from_dict({"cell": "LSTM"}) == Settings(cell="LSTM")


@pytest.mark.parametrize("name", ["depth", "", "__class__", "x" * 1000])
def test_an_unknown_setting_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="unknown setting") as refusal:
        Settings.from_dict({"size": 8, name: 1})
    assert name[:60] in str(refusal.value)
    assert str(refusal.value).endswith("Settings has size, rate, cell, forced")


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().size = 12  # type: ignore[misc]


def test_knobs_come_in_order_of_declaration() -> None:
    assert list(knobs(Settings)) == ["size", "rate", "cell", "forced"]
    assert knobs(Settings)["cell"] == Choice(("GRU", "LSTM"), "Cell")


def test_a_field_without_a_knob_is_a_mistake_of_the_programmer() -> None:
    @dataclass(frozen=True)
    class Bare(Config):
        size: int = 3

    @dataclass(frozen=True)
    class Double(Config):
        size: Annotated[int, Slider(0, 9, "Size"), Switch("On")] = 3

    for wrong in (Bare, Double):
        with pytest.raises(TypeError, match="size needs exactly one knob"):
            knobs(wrong)


def test_quotes_are_short() -> None:
    assert shown("digit") == "'digit'"
    assert shown(10**30 + 1) == shown(-(10**30) - 1) == "a number of more than 30 digits"
    assert len(shown(list(range(1000)))) == 60
