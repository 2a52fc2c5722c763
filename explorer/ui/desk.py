"""A visitor's training desk: the run that is under way, paused or over, and what the panel shows of it."""

from __future__ import annotations

import base64
import math
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

from explorer.analysis.replay import STEPS, Moment, in_steps, to_bytes, told
from explorer.models.checkpoint import Card
from explorer.models.registry import named
from explorer.training.jobs import Jobs, JobView
from explorer.training.record import Curve, Record
from explorer.training.runs import RunSpec
from explorer.training.store import RunStore

BEAT = 4.0  # seconds: a panel that hears nothing new hears at least that its line is alive
PANEL_STATES = {"starting": "queued", "stopping": "running", "failed": "diverged"}


@dataclass
class Desk:
    """Lives in the visitor's session on the server and is changed in place; several handlers share it."""

    job: str = ""
    run: str = ""  # an id that nobody guesses: the browser remembers it
    spec: RunSpec | None = None
    state: bytes | None = None  # where a paused run goes on
    wants: str = ""  # pause or stop, while the worker has not answered yet
    shown_state: str = "idle"
    text: str = ""
    progress: float = 0.0
    steps: int = 0
    epoch: int = 0
    test_mse: float | None = None
    points: list[list[Any]] = field(default_factory=list)
    pictures: str = ""
    moments: list[Moment] = field(default_factory=list)  # for the replay, and the map that moves while it trains
    shown: int = 0  # moments when the panel was told last
    seen: int = 0
    kept: str = ""  # the id under which the run's model was kept last
    news: Record | None = None  # of the model that the run has brought last, which its pages should open
    replaced: str = ""  # the model that this one goes on from
    followers: int = 0  # pages that hear of the run just now

    @property
    def is_busy(self) -> bool:
        """Whether a job of this desk waits or runs."""
        return self.shown_state in ("queued", "running")

    @property
    def goes_on(self) -> str:
        """What Continue does, whichever model and knobs are in front by now."""
        return f"Continue goes on with {named(self.spec.variant).title} from here" if self.spec else ""

    def begin(
        self,
        jobs: Jobs,
        spec: RunSpec,
        owner: str,
        *,
        one_epoch: bool = False,
        anew: bool = False,
        beside: bool = False,
    ) -> None:
        """Start a run, unless this one goes on: a paused one, or a stopped one that is asked for again.

        ``anew``: it never does; ``beside`` as for ``Jobs``. Raises ValueError, and then the desk is as it was.
        """
        is_same = self.spec is not None and self.spec.key == spec.key
        can_go_on = self.shown_state == "paused" or (
            self.shown_state == "stopped" and self.state is not None and is_same
        )
        known, state, done = (
            (self.spec, self.state, self.epoch) if can_go_on and self.spec and not anew else (None, None, 0)
        )
        until = done + 1 if one_epoch else None
        job = jobs.submit(known or spec, owner=owner, state=state, until_epoch=until, beside=beside)
        if known is None:
            self.clear()
            self.spec, self.run = spec, secrets.token_urlsafe(16)
        self.job, self.seen, self.wants, self.shown_state, self.text = job, 0, "", "queued", "starting"

    def clear(self) -> None:
        """Back to before the first step."""
        self.job, self.run, self.spec, self.state, self.shown_state, self.text = "", "", None, None, "idle", ""
        self.progress, self.epoch, self.test_mse, self.points, self.pictures, self.kept = 0.0, 0, None, [], "", ""
        self.moments, self.shown, self.news = [], 0, None

    def take(self, view: JobView) -> None:
        """Note what the worker told since the last look."""
        self.seen = view.seen
        self.shown_state = PANEL_STATES.get(view.state, view.state)
        if view.state != "running" or not self.points:
            self.text = view.text
        for event in view.events:
            if self._has(event):
                continue
            if event["kind"] == "progress":
                self.points.append([round(event["at"], 4), event["losses"]])
                self.steps, self.progress, self.epoch = event["steps"], event["step"] / event["steps"], event["epoch"]
                left = event["seconds"] * (1 - self.progress) / max(self.progress, 1e-9)
                self.text = self._line(event, left)
            elif event["kind"] == "epoch":
                self.pictures = base64.b64encode(event["pictures"]).decode()
                self.epoch, self.test_mse = event["epoch"], event["test_mse"]
            elif event["kind"] == "moment":
                self.moments.append(told(event, self.moments[-1] if self.moments else None))
            elif event["kind"] == "warning":
                self.text = event["text"]

    def _has(self, event: dict[str, Any]) -> bool:
        """Whether it tells of a time that was told of before: a run that is found again repeats some."""
        at, last = float(event.get("at", math.inf)), -math.inf
        if event["kind"] == "progress" and self.points:
            last = self.points[-1][0]
        elif event["kind"] == "moment" and self.moments:
            last = round(self.moments[-1].at, 4)
        return bool(round(at, 4) <= last)

    def settle(self, finished: dict[str, Any], state: bytes | None, store: RunStore, reason: str = "") -> None:
        """Keep the model that came out, and the state from which the run can go on. Raises OSError.

        ``reason``: why the run was stopped, where it was not the visitor who wanted that.
        """
        status, card = finished["status"], Card(**finished["card"])
        if status == "stopped" and (reason or self.wants == "pause"):
            status = "paused"
        self.state = state if status in ("paused", "stopped") else None
        self.shown_state = status
        replay = to_bytes(self.moments) if self.moments else b""
        curve = Curve(status, round(time.time()), tuple((at, terms) for at, terms in self.points))
        old = self.kept
        if store.holds(old):
            card = replace(card, title=store.record(old).card.title)  # the visitor may have chosen it
        self.kept = store.keep(finished["weights"], card, finished["maps"], replay, curve.to_bytes())
        self.news, self.replaced = Record(self.kept, card, status, curve.ended), old
        store.drop(old)
        error = f"test MSE {card.figures['mse']:.4f} on {card.tested:,} test digits"
        paused = f"{reason or 'paused'}: {self.goes_on}"
        word = {"done": "finished", "paused": paused, "stopped": "stopped, weights kept"}
        self.text = f"{finished['text'] if status == 'diverged' else word[status]} · {card.epochs} epochs · {error}"

    def receive(self, record: Record) -> None:
        """Have a model that came to its end before as the one that came out here."""
        self.kept, self.news, self.shown_state, self.text = record.run, record, "done", "trained before"

    def value(self, have: int, *, again: bool = False) -> dict[str, Any]:
        """What the panel needs when the browser has the first ``have`` points of the curve.

        ``again``: the newest moment too, though a page may have had it.
        """
        start = min(have, len(self.points))
        return {
            "run": self.run,
            "state": self.shown_state,
            "text": self.text,
            "progress": self.progress,
            "start": start,
            "points": self.points[start:],
            "pictures": self.pictures or None,
            "epoch": self.epoch,
            "moment": self._moment(0 if again else have),
            "beat": int(time.monotonic() / BEAT) if self.is_busy else 0,
        }

    def _moment(self, have: int) -> dict[str, Any] | None:
        """The newest moment for the panel's map, if it has not had it."""
        before = self.shown
        if have:
            self.shown = len(self.moments)
        if not self.moments or (have and before == self.shown):
            return None
        newest = self.moments[-1]
        scale, points = in_steps(newest.points)
        encoded = base64.b64encode(points.tobytes()).decode()
        return {"at": newest.at, "error": newest.error, "scale": scale, "steps": STEPS, "points": encoded}

    def _line(self, event: dict[str, Any], left: float) -> str:
        error = "" if self.test_mse is None else f" · test MSE {self.test_mse:.4f}"
        speed = f"{event['images_per_second']:,.0f} images/s"
        return f"epoch {event['epoch']} of {event['epochs']} · {speed}{error} · {left:.0f} s left"
