"""What the scoreboard tells of every run: a row, and the curves that can be laid over one another."""

from __future__ import annotations

import html
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from explorer.analysis.replay import errors
from explorer.models.checkpoint import Card, CheckpointError
from explorer.models.knobs import shown
from explorer.models.registry import named
from explorer.training.record import Record
from explorer.training.shipped import FAILURES
from explorer.ui.gallery import Gallery
from explorer.ui.kept import Kept
from explorer.ui.palette import DIGITS
from explorer.ui.session import Current

TEST_ERROR = "test error"
MOST = len(DIGITS)  # curves on one chart
USUAL_OWN = 6
USUAL = ("linear", "dense", "dense-deep", "convolutional-64")  # next to few others, to compare with

Courses = dict[str, list[tuple[float, float]]]  # of a run: each term's (epochs, value)

_courses: Kept[Courses] = Kept(64)


def courses(gallery: Gallery, model_id: str) -> Courses:
    """The test error of a run, from its replay, and the terms of its loss, from its curve; what there is of them."""
    return _courses.get(model_id, lambda: _read(gallery, model_id))


def _read(gallery: Gallery, model_id: str) -> Courses:
    found: Courses = {}
    with suppress(CheckpointError):
        found[TEST_ERROR] = errors(gallery.replay(model_id))
    if model_id not in gallery.shipped:
        with suppress(CheckpointError):
            for at, terms in gallery.store.curve(model_id).points:
                for term, value in terms.items():
                    found.setdefault(term, []).append((at, value))
    return found


def is_here(current: Current, run: str) -> bool:
    """Whether it is a shipped model or a kept one of the visitor's, and has a curve."""
    is_kept = run in current.gallery.shipped or (run in current.mine and current.gallery.store.holds(run))
    return is_kept and bool(courses(current.gallery, run))


def rows(current: Current) -> list[dict[str, Any]]:
    """A row for each run: the visitor's, the newest first, those whose weights are gone, and the shipped ones."""
    gallery, found = current.gallery, []
    for run in reversed(current.mine):
        with suppress(CheckpointError):  # gone since
            record = gallery.store.record(run)
            found.append(row(record, "yours", has_curve=bool(courses(gallery, run))))
    found += [
        row(one, "gone", has_curve=False) for one in reversed(current.records) if not gallery.store.holds(one.run)
    ]
    for name, card in sorted(gallery.shipped.items(), key=lambda pair: pair[0] in FAILURES):
        if name not in gallery.broken:
            status = "done" if card.epochs == card.training.get("epochs") else "diverged"
            kind = "exhibit" if name in FAILURES else "shipped"
            found.append(row(Record(name, card, status, 0.0), kind, has_curve=bool(courses(gallery, name))))
    return found


def row(record: Record, kind: str, *, has_curve: bool) -> dict[str, Any]:
    """One run, for the Scoreboard component; ``kind`` is yours, gone, shipped or exhibit."""
    card = record.card
    return {
        "id": record.run,
        "kind": kind,
        "title": card.title,
        "variant": named(card.variant).title,
        "differs": differing(card),
        "status": record.status,
        "ended": record.ended,
        "curve": has_curve,
        "dataset": card.dataset,
        "tested": card.tested,
        "epochs": card.epochs,
        "seconds": card.seconds,
        "threads": card.threads,
        "device": card.device,
        "figures": card.figures,
        "settings": card.settings,
        "training": card.training,
    }


def differing(card: Card) -> str:
    """What of the settings is not as the variant recommends it, in words; epochs and seed are told elsewhere."""
    turned = [
        (name, value)
        for part, settings in zip(recommended(card.variant), (card.settings, card.training), strict=True)
        for name, value in settings.items()
        if part.get(name) != value and name not in ("epochs", "seed")
    ]
    return ", ".join(f"{name.replace('_', ' ')} {worded(value)}" for name, value in turned)


@cache
def recommended(variant: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings and the training that a variant recommends."""
    found = named(variant)
    return found.config().as_dict(), found.training.as_dict()


def worded(value: object) -> str:
    """The value of a setting, as people say it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def usual(current: Current) -> list[str]:
    """The runs that are drawn before the visitor chooses: the newest own ones, the page's model, a few others."""
    own = [*reversed(current.mine)][:USUAL_OWN]
    few = dict.fromkeys([*own, current.exhibit.id, *USUAL])
    return [run for run in few if is_here(current, run)][: max(5, len(own) + 1)]


def chosen(value: object, current: Current) -> list[str]:
    """The runs to draw, each at the place of its colour; "" where none has it. Runs that are gone are left out.

    Raises ValueError for anything but a list of at most MOST names.
    """
    wanted = value.get("chosen") if isinstance(value, dict) else None
    if wanted is None:
        return usual(current)
    if not isinstance(wanted, list) or len(wanted) > MOST or not all(isinstance(run, str) for run in wanted):
        raise ValueError(f"the curves must be those of at most {MOST} runs, got {shown(wanted)}")
    return [run if is_here(current, run) else "" for run in wanted]


def terms(current: Current, runs: Sequence[str]) -> list[str]:
    """What can be drawn of any of these runs: the test error, and the named terms of their losses."""
    found = dict.fromkeys(term for run in runs if run for term in courses(current.gallery, run))
    return [TEST_ERROR, *(term for term in found if term != TEST_ERROR)]


def lines(current: Current, runs: Sequence[str], term: str, start: float = 0.0) -> list[dict[str, Any]]:
    """A Plotly line, from ``start`` epochs on, for each of the runs that has the term, in the colour of its place."""
    drawn = []
    for run, colour in zip(runs, DIGITS, strict=False):
        known = courses(current.gallery, run).get(term, []) if run else []
        points = [(at, value) for at, value in known if at >= start]
        if points:
            is_own = run in current.mine
            card = current.gallery.store.record(run).card if is_own else current.gallery.shipped[run]
            title = f"{named(card.variant).title}, {card.title}"
            drawn.append(
                {
                    "type": "scatter",
                    "mode": "lines" if len(points) > 1 else "markers",
                    "name": html.escape(title),
                    "x": [round(at, 4) for at, _ in points],
                    "y": [float(f"{value:.4g}") for _, value in points],
                    "line": {"color": colour, "width": 2.5 if is_own else 1.5, "dash": "solid" if is_own else "dash"},
                    "marker": {"color": colour},
                    "hovertemplate": "%{fullData.name}<br>%{y:.4g} after epoch %{x:.3g}<extra></extra>",
                }
            )
    return drawn
