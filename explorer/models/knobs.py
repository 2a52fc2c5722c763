"""Knobs: the hyper-parameters a person can turn, declared once as annotated fields of a frozen dataclass.

The widget on the page, the range and type check, the JSON card and the run's key all derive from the annotation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_args, get_type_hints


@dataclass(frozen=True)
class Slider:
    """A number from ``low`` to ``high``, both allowed; ``log`` spaces the slider's positions logarithmically.

    Whole numbers must lie on a step, counted from ``low``; for others ``step`` is only how the slider moves.
    """

    low: float
    high: float
    label: str
    step: float | None = None
    log: bool = False
    info: str = ""

    def check(self, name: str, value: object, kind: type) -> None:
        """Raises ValueError unless the value is a number of the field's kind, within the limits and on a step."""
        allowed = (int,) if kind is int else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            word = "a whole number" if kind is int else "a number"
            raise ValueError(f"{name} must be {word} from {self.low:g} to {self.high:g}, got {shown(value)}")
        if not self.low <= value <= self.high:  # false for NaN as well
            raise ValueError(f"{name} must lie between {self.low:g} and {self.high:g}, got {shown(value)}")
        if kind is int and self.step and (value - self.low) % self.step:
            raise ValueError(f"{name} must go from {self.low:g} in steps of {self.step:g}, got {shown(value)}")


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]
    label: str
    info: str = ""

    def check(self, name: str, value: object, kind: type) -> None:
        """Raises ValueError unless the value is one of the options."""
        if not isinstance(value, kind) or value not in self.options:
            raise ValueError(f"{name} must be one of {', '.join(self.options)}, got {shown(value)}")


@dataclass(frozen=True)
class Switch:
    """On or off."""

    label: str
    info: str = ""

    def check(self, name: str, value: object, kind: type) -> None:
        """Raises ValueError unless the value is True or False."""
        if not isinstance(value, kind):
            raise ValueError(f"{name} must be true or false, got {shown(value)}")


Knob = Slider | Choice | Switch


def shown(value: object) -> str:
    """The value as an error message quotes it: never longer than 60 characters."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a number of more than 30 digits"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True)
class Config:
    """The settings of one variant or of one training; every field carries a knob, checked when the object is made.

    A subclass adds rules between fields in ``__post_init__``, after calling this one. Raises ValueError.
    """

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for name, knob in knobs(type(self)).items():
            knob.check(name, getattr(self, name), hints[name])
            if hints[name] is float:  # 1 and 1.0 are the same setting, also in a card and in a run's key
                object.__setattr__(self, name, float(getattr(self, name)))

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Settings from JSON values; a missing one keeps its default. Raises ValueError for unknown or wrong ones."""
        known = knobs(cls)
        unknown = sorted(str(name)[:60] for name in values if name not in known)
        if unknown:
            raise ValueError(f"unknown setting {unknown[0]!r}; {cls.__name__} has {', '.join(known)}")
        return cls(**values)


def knobs(config: type[Config]) -> Mapping[str, Knob]:
    """The knob of every field, in order of declaration. Raises TypeError for a field without one."""
    hints = get_type_hints(config, include_extras=True)
    found: dict[str, Knob] = {}
    for field in dataclasses.fields(config):
        annotated = [extra for extra in get_args(hints[field.name])[1:] if isinstance(extra, Slider | Choice | Switch)]
        if len(annotated) != 1:
            raise TypeError(f"{config.__name__}.{field.name} needs exactly one knob in its annotation")
        found[field.name] = annotated[0]
    return found
