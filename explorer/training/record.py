"""What is told of a run beside its weights: its card, how and when it ended, and the curve of its loss."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from explorer.models.checkpoint import FIGURE_LIMIT, Card, CheckpointError
from explorer.models.knobs import shown
from explorer.models.recipe import TrainingConfig
from explorer.models.registry import named

ID = re.compile(r"[A-Za-z0-9_-]{22}")  # of a visitor's run
STATUSES = ("done", "paused", "stopped", "diverged")
CURVE_POINTS = 300
TITLE_LIMIT = 40
RECORD_LIMIT = 4000  # characters of JSON

Point = tuple[float, dict[str, float]]


@dataclass(frozen=True)
class Curve:
    """How a run went: its points are (epochs, named terms of the loss); ``ended`` is in seconds since 1970."""

    status: str = "done"
    ended: float = 0.0
    points: tuple[Point, ...] = ()

    def to_bytes(self) -> bytes:
        """As JSON, with at most CURVE_POINTS of the points and no number that is not finite."""
        return json.dumps({**asdict(self), "points": thinned(self.points)}, allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Curve:
        """Raises CheckpointError for anything that ``to_bytes`` did not write."""
        try:
            told = json.loads(content)
            points = tuple(
                (float(at), {str(term): float(v) for term, v in terms.items()}) for at, terms in told["points"]
            )
            curve = cls(told["status"], float(told["ended"]), points)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CheckpointError("the curve of this run cannot be read") from error
        if curve.status not in STATUSES:
            raise CheckpointError(f"a run must have ended as one of {', '.join(STATUSES)}, got {shown(curve.status)}")
        return curve


def thinned(points: Sequence[Point], most: int = CURVE_POINTS) -> list[Point]:
    """At most so many of the points, evenly spread, with the first and the last; only numbers that are finite."""
    step = max(1.0, (len(points) - 1) / (most - 1))
    kept = [points[round(i * step)] for i in range(min(len(points), most))]
    return [(at, {term: v for term, v in terms.items() if math.isfinite(v)}) for at, terms in kept]


@dataclass(frozen=True)
class Record:
    """A visitor's run as the scoreboard tells it; it is remembered when the weights are gone."""

    run: str
    card: Card
    status: str
    ended: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: object) -> Record:
        """A record that a browser remembers. Raises ValueError for anything but a short and complete one."""
        if not isinstance(told, dict) or told.keys() != {"run", "card", "status", "ended"}:
            raise ValueError(f"a record must have a run, a card, a status and an end, got {shown(told)}")
        run, status, ended = told["run"], told["status"], told["ended"]
        if not isinstance(run, str) or not ID.fullmatch(run):
            raise ValueError(f"a run must be named by 22 letters and digits, got {shown(run)}")
        if status not in STATUSES:
            raise ValueError(f"a run must have ended as one of {', '.join(STATUSES)}, got {shown(status)}")
        if isinstance(ended, bool) or not isinstance(ended, int | float) or not 0 <= ended < FIGURE_LIMIT:
            raise ValueError(f"the end must be in seconds since 1970, got {shown(ended)}")
        return cls(run, _card(told["card"]), status, float(ended))


def _card(told: object) -> Card:
    try:
        text = json.dumps(told)
    except RecursionError as error:
        raise ValueError("the card is too deeply nested") from error
    if len(text) > RECORD_LIMIT:
        raise ValueError(f"the card must not be longer than {RECORD_LIMIT:,} characters, got {len(text):,}")
    card = Card.from_json(text)
    titled(card.title)
    named(card.variant).config.from_dict(card.settings)
    TrainingConfig.from_dict(card.training)
    return card


def titled(title: object) -> str:
    """A run's title as a visitor gave it, without spaces around it. Raises ValueError for an empty or long one."""
    words = title.strip() if isinstance(title, str) else ""
    if not 0 < len(words) <= TITLE_LIMIT or not words.isprintable():
        raise ValueError(f"a name must have 1 to {TITLE_LIMIT} letters, signs or spaces, got {shown(title)}")
    return words
