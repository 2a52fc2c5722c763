"""What a training would take, told from its settings before a single number of it exists."""

from __future__ import annotations

import os
from collections.abc import Sequence

from explorer.models.knobs import Config
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import Variant, named, parameter_count
from explorer.training.runs import RunSpec

BUDGET = 120.0  # seconds that a visitor's training may take on two cores; EXPLORER_BUDGET is another
USES = 15e9  # of weights in a second of training, forwards and backwards: measured on one core over all variants
STEP = 0.002  # seconds that a step takes besides, however few its images


def seconds(variant: Variant, config: Config, training: TrainingConfig, images: int) -> float:
    """About how long it would train where there are so many images, in seconds."""
    images = min(training.images, images)
    steps = -(-images // training.batch_size)
    uses = uses_of(variant, config) * getattr(config, "samples", 1)  # each draw of a code is decoded
    return training.epochs * (images * parameter_count(variant, config) * uses / USES + steps * STEP)


def uses_of(variant: Variant, config: Config) -> float:
    """How often about a weight is used for one image; where that depends on the settings, they tell it."""
    return float(getattr(config, "uses", variant.uses))


def budget() -> float:
    """The seconds that may be asked for at once; infinity where EXPLORER_BUDGET=inf has switched that off."""
    return float(os.environ.get("EXPLORER_BUDGET") or BUDGET)


def require_affordable(spec: RunSpec, images: int) -> None:
    """Raises ValueError as ``spec.checked`` does, and for more than the budget; it says what would fit."""
    config, training = spec.checked()
    limit = budget()
    needed = seconds(named(spec.variant), config, training, images)
    if needed > limit:
        epochs, fewer = (int(limit / needed * count) for count in (training.epochs, min(training.images, images)))
        fitting = [f"{epochs} of the {training.epochs} epochs"] * (epochs > 0)
        fitting += [f"{fewer // 100 * 100:,} images"] * (fewer >= 100)
        raise ValueError(
            f"this training would take about {needed:,.0f} seconds, and the limit is {limit:,.0f}: "
            + (f"at most {' or '.join(fitting)}" if fitting else "not even a hundred images fit")
        )


def together(specs: Sequence[RunSpec], images: int) -> float:
    """About how long all of these would train one after the other, in seconds.

    Raises ValueError for a run that is wrong, and where they take more than the budget of a single training.
    """
    needed, limit = sum(seconds(named(spec.variant), *spec.checked(), images) for spec in specs), budget()
    if needed > limit:
        raise ValueError(
            f"these {len(specs)} runs would take about {needed:,.0f} seconds, and the limit is {limit:,.0f} for all of "
            f"them together: at most {int(100 * limit / needed)} % of the epochs, of the images or of the runs"
        )
    return needed
