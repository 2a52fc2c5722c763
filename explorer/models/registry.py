"""Which variants exist: every module in ``models/variants`` that declares one with ``@variant``. No list to edit."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TypeVar

import torch

from explorer.models import variants as package
from explorer.models.base import Autoencoder
from explorer.models.knobs import Config, shown
from explorer.models.recipe import TrainingConfig

GROUPS = ("squeeze", "constrain", "damage", "model the distribution")


@dataclass(frozen=True)
class Variant:
    """One kind of autoencoder: its class, its settings and how it likes to be trained."""

    name: str
    title: str
    group: str
    order: int  # within its group
    summary: str  # one sentence for the picker
    model: Callable[[Config], Autoencoder]
    kind: type[Autoencoder]
    config: type[Config]
    training: TrainingConfig
    lesson: str  # the module's docstring: Markdown with LaTeX
    source: str
    uses: int = 1  # how often about a weight is used for one image: a filter at each place, a row reader for each row


Kind = TypeVar("Kind", bound=type[Autoencoder])

_found: dict[str, Variant] = {}


def variant(
    title: str, *, group: str, order: int, summary: str, config: type[Config], training: TrainingConfig, uses: int = 1
) -> Callable[[Kind], Kind]:
    """Register the decorated class under its module's name. Raises ValueError for an unknown group."""
    if group not in GROUPS:
        raise ValueError(f"group must be one of {', '.join(GROUPS)}, got {group!r}")

    def register(kind: Kind) -> Kind:
        module = inspect.getmodule(kind)
        name = kind.__module__.rpartition(".")[2]
        lesson, source = inspect.cleandoc(module.__doc__ or ""), inspect.getsource(module) if module else ""
        _found[name] = Variant(name, title, group, order, summary, kind, kind, config, training, lesson, source, uses)
        return kind

    return register


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by name, in the order of the picker: group by group, simple before wide."""
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    ordered = sorted(_found.values(), key=lambda v: (GROUPS.index(v.group), v.order))
    return MappingProxyType({v.name: v for v in ordered})


def named(name: object) -> Variant:
    """The variant of that name. Raises ValueError that lists the names there are."""
    if not isinstance(name, str) or name not in variants():
        raise ValueError(f"variant must be one of {', '.join(variants())}, got {shown(name)}")
    return variants()[name]


def parameter_count(chosen: Variant, config: Config) -> int:
    """How many numbers the model would learn; counted without allocating any of them."""
    with torch.device("meta"):
        return sum(p.numel() for p in chosen.model(config).parameters())
