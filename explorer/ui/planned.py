"""A sweep as a visitor plans it: one or two knobs with a few values each become runs, checked and weighed at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.data.dataset import Dataset
from explorer.models.knobs import Slider, knobs, shown
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import Variant, named, parameter_count
from explorer.training.cost import budget, seconds, together
from explorer.training.grid import Grid, require_one_meaning, runs, value_of
from explorer.training.record import Record
from explorer.training.runs import RunSpec
from explorer.ui.scores import worded
from explorer.ui.session import MINE

MOST = 12  # runs of one sweep, where there is a budget
LONGEST = 200  # letters of a list of values
PROPOSED = 3  # values of a knob
PROPOSED_SECONDS = 60.0  # for all the runs that the page proposes
PROPOSED_SIZES = (2, 8, 32)
BESIDE_WEIGHTS = 2**19  # bytes that are kept of a run besides: its maps, replay and curve
SHARE = 0.5  # of the room that the server has for all visitors' models, for those of one sweep

Form = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """The runs of a sweep, over the values of these knobs, and about how long those still to train would in all.

    ``there`` are those that the visitor has trained to their end before, by number.
    """

    knobs: tuple[str, ...]
    specs: tuple[RunSpec, ...]
    seconds: float
    there: Mapping[int, Record] = field(default_factory=dict)

    @property
    def variants(self) -> list[str]:
        """The titles of the variants, each once."""
        return [named(name).title for name in dict.fromkeys(spec.variant for spec in self.specs)]

    def settings(self, number: int) -> dict[str, Any]:
        """What is turned in the run of that number; None is a knob that its variant lacks."""
        spec = self.specs[number]
        return {name: spec.settings.get(name, spec.training.get(name)) for name in self.knobs}

    def title(self, number: int) -> str:
        """The same in words; nothing for a variant that has none of the knobs."""
        turned = {name: value for name, value in self.settings(number).items() if value is not None}
        return ", ".join(f"{name.replace('_', ' ')} {worded(value)}" for name, value in turned.items())


def turnable(variant: Variant) -> dict[str, Slider]:
    """The knobs of a variant and of its training that are numbers."""
    every = {**knobs(TrainingConfig), **knobs(variant.config)}
    ordered = {name: every[name] for name in (*knobs(variant.config), *every)}
    return {name: knob for name, knob in ordered.items() if isinstance(knob, Slider)}


def offered(variant: Variant) -> list[dict[str, Any]]:
    """The same for the page, with the limits in words and a few values to begin with."""
    usual = {**variant.training.as_dict(), **variant.config().as_dict()}
    return [
        {
            "name": name,
            "label": knob.label,
            "limits": f"from {knob.low:g} to {knob.high:g}, recommended {usual[name]:g}",
            "values": ", ".join(f"{value:g}" for value in proposed(name, knob, usual[name])),
        }
        for name, knob in turnable(variant).items()
    ]


def proposed(name: str, knob: Slider, usual: float) -> list[float]:
    """A few allowed values on both sides of the recommended one, and the page's own favourites for the code size."""
    if name == "latent_dim" and knob.low <= PROPOSED_SIZES[0]:
        return [*PROPOSED_SIZES]
    step = knob.step or 0.0
    tries = [usual / 4, usual, usual * 4, knob.low + 2 * step, knob.low + step, knob.high, knob.low]
    found: list[float] = []
    for number in tries:
        within = min(max(number, knob.low), knob.high)
        on_step = knob.low + round((within - knob.low) / step) * step if step else within
        value = round(on_step) if isinstance(usual, int) else float(f"{on_step:.3g}")
        if value not in found:
            found.append(value)
    return sorted(found[:PROPOSED])


def default_form(variant: Variant, images: int) -> Form:
    """What the page begins with: one knob, and so many epochs that it takes a minute at most."""
    first = next(iter(sorted(offered(variant), key=lambda one: one["name"] != "latent_dim")))
    one = seconds(variant, variant.config(), replace(variant.training, epochs=1), images)
    fitting = min(budget() / 2, PROPOSED_SECONDS) / (PROPOSED * one)
    epochs = max(1, min(variant.training.epochs, math.floor(fitting)))
    fewer = images if fitting >= 1 else int(images * fitting) // 1000 * 1000
    chosen = [{"name": first["name"], "values": first["values"]}, {"name": "", "values": ""}]
    return {
        "variants": [variant.name],
        "knobs": chosen,
        "epochs": epochs,
        "images": max(1000, min(fewer, 60_000)) // 100 * 100,
    }


def planned(form: object, dataset: Dataset, room: int, mine: Sequence[Record] = ()) -> Plan:
    """The runs that the form describes; ``room`` is what the server keeps of models, in bytes. Raises ValueError.

    A variant that lacks a knob is trained without it. ``mine``: the visitor's runs whose models are kept; one that is
    over and has the very same settings need not be trained again.
    """
    told = form if isinstance(form, dict) else {}
    variants = chosen_variants(told.get("variants"))
    chosen = turned(told.get("knobs"), variants)
    grids = {one.name: {name: chosen[name] for name in chosen if name in turnable(one)} for one in variants}
    count = sum(math.prod(map(len, grid.values())) for grid in grids.values())
    most = MOST if math.isfinite(budget()) else MINE
    if count > most:
        raise ValueError(f"these would be {count:,} runs, and a sweep has at most {most}: take fewer values")
    amount: dict[str, Sequence[Any]] = {"epochs": [told.get("epochs")], "images": [told.get("images")]}
    specs = tuple(spec for name, grid in grids.items() for spec in runs_of(name, {**amount, **grid}, dataset.name))
    together(specs, len(dataset.train_images))  # refuses too many, whatever is there already
    there = already(specs, mine)
    missing = [spec for number, spec in enumerate(specs) if number not in there]
    sizes = [parameter_count(named(spec.variant), spec.checked()[0]) for spec in specs]
    size = sum(4 * parameters + BESIDE_WEIGHTS for parameters in sizes)
    if size > SHARE * room:
        raise ValueError(
            f"these {len(specs)} models would take about {size / 2**20:,.0f} MB, and a sweep may fill at most "
            f"{SHARE * room / 2**20:,.0f} MB, so that its last model does not push out its first"
        )
    return Plan(tuple(chosen), specs, together(missing, len(dataset.train_images)), there)


def already(specs: Sequence[RunSpec], mine: Sequence[Record]) -> dict[int, Record]:
    """Which of the runs came to their end before, by number: the same settings give the same weights."""
    keys = {}
    for record in mine:
        card = record.card
        with suppress(ValueError):  # from an older version of the explorer
            if record.status == "done":
                keys[RunSpec(card.variant, card.settings, card.training, card.dataset).key] = record
    return {number: keys[spec.key] for number, spec in enumerate(specs) if spec.key in keys}


def chosen_variants(names: object) -> list[Variant]:
    """The variants of these names. Raises ValueError."""
    if not isinstance(names, list) or not 0 < len(names) <= MOST:
        raise ValueError(f"a sweep has 1 to {MOST} variants, got {shown(names)}")
    found = [named(name) for name in names]
    if len({one.name for one in found}) < len(found):
        raise ValueError(f"every variant of a sweep must be named once, got {shown(names)}")
    return found


def runs_of(variant: str, grid: Grid, dataset: str) -> list[RunSpec]:
    """The runs of one variant. Raises ValueError that names it."""
    try:
        return [*runs([variant], grid, dataset).values()]
    except ValueError as error:
        raise ValueError(f"{named(variant).title}: {error}") from error


def turned(chosen: object, variants: Sequence[Variant]) -> dict[str, list[float]]:
    """The values of one knob or two, by name. Raises ValueError."""
    if not isinstance(chosen, list) or len(chosen) > 2 or not all(isinstance(one, dict) for one in chosen):
        raise ValueError(f"a sweep turns one knob or two, got {shown(chosen)}")
    there, found = {name: None for one in variants for name in turnable(one)}, dict[str, list[float]]()
    for one in chosen:
        name = one.get("name")
        if name == "":
            continue
        if not isinstance(name, str) or name not in there:
            raise ValueError(f"there is no knob {shown(name)} that is a number; there are {', '.join(there)}")
        if name in found:
            raise ValueError(f"the two knobs must differ, got {name} twice")
        found[name] = values(name, one.get("values"))
        require_one_meaning(name, [one.name for one in variants])
    if not found:
        raise ValueError("choose a knob to turn first")
    return found


def values(name: str, text: object) -> list[float]:
    """The different numbers of a text such as "2, 8, 32". Raises ValueError."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise ValueError(f"the values of {name} must be a text of at most {LONGEST} letters, got {shown(text)}")
    found: dict[float, None] = {}
    for word in filter(None, map(str.strip, text.split(","))):
        value = value_of(word)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"the values of {name} must be numbers with commas between, got {shown(word)}")
        found[value] = None
    if not found:
        raise ValueError(f"{name} needs at least one value")
    return [*found]


def in_words(plan: Plan, mine: int) -> str:
    """What the page says of a plan to a visitor who has so many runs already."""
    count, limit = len(plan.specs) - len(plan.there), budget()
    titles = " and ".join(plan.variants)
    if not count:
        return f"All {len(plan.specs)} runs of {titles} are trained already: this sweep shows them side by side."
    most = f" (the limit is {limit:,.0f} s)" if math.isfinite(limit) else ""
    work, each = ("run", "for its map") if count == 1 else ("runs", "for the map of each")
    trains = f"about {max(1, plan.seconds):,.0f} s of training{most}"
    said = f"{count} {work} of {titles}: {trains}, and a few seconds {each}."
    if plan.there:
        said = f"{len(plan.there)} of {len(plan.specs)} are trained already; {count} more {said.partition(' ')[2]}"
    over = min(mine, mine + count - MINE)
    if over > 0:
        leave = "the oldest of yours leaves" if over == 1 else f"the {over} oldest of yours leave"
        said += f" The page remembers your last {MINE} runs: {leave} the scoreboard."
    return said
