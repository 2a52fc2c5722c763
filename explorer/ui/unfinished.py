"""A run that is not over is found again: when its page was loaded once more, and when the server was started again.

The browser remembers the run's id, which nobody guesses. While the server lives, so does the run's desk; beside it a
bookmark lies on the disk, as new as the last state that a worker has kept. On a cluster elsewhere a run does not end
with its server, and is followed further.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import asdict
from typing import Any

from explorer.analysis.replay import from_bytes, to_bytes
from explorer.models.checkpoint import CheckpointError
from explorer.training.jobs import UnknownJob, Unreachable
from explorer.training.record import ID
from explorer.training.runs import RunSpec
from explorer.training.train import step_of
from explorer.ui.desk import Desk
from explorer.ui.explorer import Explorer

PLAIN = ("job", "run", "shown_state", "text", "progress", "steps", "epoch", "test_mse", "pictures", "seen", "kept")
ABANDONED = "its page was closed or the server was started again"
HAIR = 1e-3  # epochs: finer than two points of a curve lie apart

log = logging.getLogger(__name__)


async def mark(explorer: Explorer, desk: Desk) -> None:
    """Keep where the desk's run stands, or forget it when it is over. A full disk is only logged."""
    if not desk.run:  # nothing was ever begun
        return
    explorer.desks[desk.run] = desk
    story = told(desk)
    try:
        await asyncio.to_thread(_keep, explorer, desk, story)
    except (OSError, UnknownJob) as error:
        log.warning("where a run stands could not be kept: %s", error)


def _keep(explorer: Explorer, desk: Desk, story: dict[str, Any]) -> None:
    unfinished = explorer.gallery.store.unfinished
    if desk.is_busy:
        unfinished.put(desk.run, story, explorer.jobs.state_of(desk.job) or b"")
    elif desk.state is not None:
        unfinished.put(desk.run, story, desk.state)
    else:
        unfinished.drop(desk.run)


def told(desk: Desk) -> dict[str, Any]:
    """All of a desk but its state, as JSON values."""
    replay = base64.b64encode(to_bytes(desk.moments)).decode() if desk.moments else ""
    spec = asdict(desk.spec) if desk.spec is not None else None
    return {**{name: getattr(desk, name) for name in PLAIN}, "spec": spec, "points": [*desk.points], "replay": replay}


def found(explorer: Explorer, run: object) -> Desk | None:
    """The desk of the run that a browser remembers; None for a run that is over or unknown.

    Raises Unreachable where the scheduler that may have the run does not answer.
    """
    if not isinstance(run, str) or not ID.fullmatch(run):
        return None
    desk = stale = explorer.desks.get(run)
    if desk is None or (desk.is_busy and not is_known(explorer, desk)):
        try:
            story, state = explorer.gallery.store.unfinished.get(run)
            desk = revived(story, state)
            if desk.is_busy and not is_known(explorer, desk):
                if explorer.jobs.find(desk.job):
                    desk.seen = 0  # its events are counted anew
                else:
                    interrupt(desk, state, ABANDONED)
        except CheckpointError:
            return None
        except Unreachable:
            raise
        except (ValueError, KeyError, TypeError) as error:
            log.warning("a run could not be taken up again: %s", error)
            return None
        now = explorer.desks.get(run)
        if now is None or now is stale:
            explorer.desks[run] = desk
        else:  # another page was quicker
            desk = now
    return desk


def is_known(explorer: Explorer, desk: Desk) -> bool:
    """Whether the desk's job still waits, runs, or has a result."""
    try:
        explorer.jobs.look(desk.job, desk.seen)
    except UnknownJob:
        return False
    return True


def revived(story: dict[str, Any], state: bytes) -> Desk:
    """A desk as it was marked. Raises ValueError, KeyError or TypeError for a damaged story."""
    desk = Desk(**{name: story[name] for name in PLAIN}, spec=RunSpec(**story["spec"]), state=state or None)
    desk.points = [[at, terms] for at, terms in story["points"]]
    desk.moments = from_bytes(base64.b64decode(story["replay"])) if story["replay"] else []
    return desk


async def take_up(explorer: Explorer, desk: Desk, why: str) -> None:
    """A run that failed without a result goes back to its last state, if one was kept: the visitor may go on."""
    try:
        _, state = await asyncio.to_thread(explorer.gallery.store.unfinished.get, desk.run)
        if state:
            interrupt(desk, state, why)
            desk.state = state
    except ValueError as error:
        log.warning("a run could not be taken up again: %s", error)


def interrupt(desk: Desk, state: bytes, why: str) -> None:
    """Back to where the run stood when its last state was kept. Raises ValueError for a damaged state."""
    epochs = desk.spec.checked()[1].epochs if desk.spec is not None else 0
    step = step_of(state) if state else 0
    at = step * epochs / desk.steps if desk.steps else 0.0
    desk.points = [point for point in desk.points if point[0] <= at + HAIR] if state else []
    desk.moments = [moment for moment in desk.moments if moment.at <= at + HAIR] if state else []
    desk.epoch, desk.progress = int(at + HAIR), step / desk.steps if desk.steps else 0.0
    desk.job, desk.shown_state = "", "paused"
    desk.text = (
        f"interrupted at epoch {desk.epoch}, because {why}: {desk.goes_on if state else 'Continue starts it again'}"
    )
