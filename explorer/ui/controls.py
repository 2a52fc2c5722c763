"""Knobs and widgets: what the knob panel shows for a variant, and the way back to checked settings.

On the page settings travel as ``{"settings": {name: value}, "training": {name: value}}``, the two halves of a run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from explorer.models.knobs import Choice, Config, Knob, Slider, knobs, shown
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import Variant

Settings = TypeVar("Settings", bound=Config)


def still_ticked(ticked: object, choices: Sequence[tuple[str, str]]) -> list[str]:
    """What is ticked and still on offer, (title, name): a model may have gone. Raises ValueError for no list."""
    if not isinstance(ticked, list):
        raise ValueError(f"the choice must be a list of names, got {shown(ticked)}")
    names = [name for _, name in choices]
    return [one for one in ticked if one in names]


def schema(variant: Variant) -> list[dict[str, Any]]:
    """The variant's knobs as JSON, its own before those of training, each with the recommended setting as default."""
    return [*_section("settings", variant.config()), *_section("training", variant.training)]


def defaults(variant: Variant) -> dict[str, dict[str, Any]]:
    """The recommended settings."""
    return {"settings": variant.config().as_dict(), "training": variant.training.as_dict()}


def read(variant: Variant, values: object) -> tuple[Config, TrainingConfig]:
    """Settings from what a browser sent; a missing one keeps the recommended value.

    Raises ValueError that names the setting, what is allowed and what was given.
    """
    sections = {"settings": {}, "training": {}, **_mapping("settings", values)}
    if len(sections) > 2:
        raise ValueError(f"settings must have the parts settings and training, got {shown(list(sections))}")
    settings, training = (_mapping(name, sections[name]) for name in ("settings", "training"))
    checked = TrainingConfig.from_dict({**variant.training.as_dict(), **training})
    return _exact(variant.config.from_dict(settings)), _exact(checked)


def _section(section: str, settings: Config) -> list[dict[str, Any]]:
    hints = get_type_hints(type(settings))
    return [
        {"section": section, "name": name, "default": getattr(settings, name), **_widget(knob, hints[name])}
        for name, knob in knobs(type(settings)).items()
    ]


def _widget(knob: Knob, kind: type) -> dict[str, Any]:
    """The knob's own fields under the name of the widget that turns it."""
    if isinstance(knob, Slider):
        return {"kind": "slider", "integer": kind is int, **dataclasses.asdict(knob)}
    if isinstance(knob, Choice):
        return {"kind": "choice", **dataclasses.asdict(knob), "options": list(knob.options)}
    return {"kind": "switch", **dataclasses.asdict(knob)}


def _mapping(name: str, values: object) -> Mapping[str, Any]:
    if isinstance(values, Mapping):
        return values
    raise ValueError(f"{name} must be names with their values, got {shown(values)}")


def _exact(settings: Settings) -> Settings:
    """JSON knows no difference between 1 and 1.0; equal settings must give equal keys, so floats become floats."""
    hints = get_type_hints(type(settings))
    return dataclasses.replace(settings, **{n: float(v) for n, v in settings.as_dict().items() if hints[n] is float})
