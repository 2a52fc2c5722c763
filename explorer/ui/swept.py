"""A visitor's sweep: the runs of a plan, each on a desk of its own, put into the queue one after the other.

A visitor has one place in the queue, and a sweep is no exception. While nobody waits, it takes further workers as well.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from explorer.models.registry import named
from explorer.training.board import Limits
from explorer.training.jobs import Jobs, JobView, UnknownJob
from explorer.training.record import TITLE_LIMIT, Record
from explorer.training.store import RunStore
from explorer.ui.desk import Desk
from explorer.ui.failure import in_words
from explorer.ui.planned import Plan
from explorer.ui.session import Session

GRACE = Limits().unseen or 0.0  # seconds without a page, after which a run is stopped, and so is a sweep
ALONE = "the page was closed for too long"
LOST = "lost: the server no longer knows this run"


@dataclass(eq=False)
class Sweep:
    """Lives in the visitor's session on the server and is changed in place; several handlers share it."""

    id: str = ""  # nobody guesses it: the browser remembers it
    plan: Plan | None = None
    owner: str = ""
    desks: list[Desk] = field(default_factory=list)
    ended: str = ""  # why nothing more is begun
    waits: str = ""  # why the next run is not in the queue yet
    looked: float = 0.0
    followers: int = 0  # pages that hear of it just now

    @property
    def is_busy(self) -> bool:
        """Whether one of its runs waits, runs, or is still to be begun."""
        return any(desk.is_busy or (desk.shown_state == "idle" and not self.ended) for desk in self.desks)

    def begin(self, jobs: Jobs, plan: Plan, owner: str) -> None:
        """Put the first missing run into the queue, forget the sweep before. Raises ValueError, and changes nothing."""
        if self.is_busy:
            raise ValueError("one sweep at a time: wait for the one that you have started, or stop it")
        desks = [Desk() for _ in plan.specs]
        for number, record in plan.there.items():
            desks[number].receive(record)
        missing = [number for number in range(len(desks)) if number not in plan.there]
        if missing:
            desks[missing[0]].begin(jobs, plan.specs[missing[0]], owner)
        self.id, self.plan, self.owner, self.desks = secrets.token_urlsafe(16), plan, owner, desks
        self.ended, self.waits, self.looked = "", "", time.monotonic()
        self._hand_in(jobs)

    def stop(self, jobs: Jobs, why: str = "stopped") -> None:
        """Begin nothing more, and have what runs hand over its weights."""
        self.ended = self.ended or why
        for desk in self.desks:
            if desk.is_busy:
                desk.wants = "stop"
                jobs.stop(desk.job)

    async def look(self, jobs: Jobs, store: RunStore) -> None:
        """Take what the workers told, keep what is over, and hand in what comes next."""
        now = time.monotonic()
        if self.is_busy and now - self.looked > GRACE:
            self.ended = self.ended or ALONE
        self.looked = now
        for desk in self.desks:
            if desk.is_busy:
                await self._look_at(desk, jobs, store)
        self._hand_in(jobs)

    async def _look_at(self, desk: Desk, jobs: Jobs, store: RunStore) -> None:
        try:
            seen = jobs.look(desk.job, desk.seen)
        except UnknownJob:
            desk.shown_state, desk.text = "stopped", LOST
            return
        desk.take(seen)
        if not seen.is_over:
            return
        try:
            await self._keep(desk, seen, store)
        except OSError as error:
            desk.shown_state, desk.text = "diverged", in_words(error)
            self.stop(jobs, "stopped, because a model could not be kept")
        desk.points, desk.moments, desk.pictures = [], [], ""
        jobs.forget(desk.job)

    async def _keep(self, desk: Desk, seen: JobView, store: RunStore) -> None:
        """Keep the model of a run that is over, if there is one. Raises OSError."""
        finished = [event for event in seen.events if event["kind"] == "finished"]
        desk.text = seen.text
        if finished:
            desk.wants = "stop"  # nobody can go on with it: what was cut is stopped, not paused
            number = self.desks.index(desk)
            title = self.plan.title(number)[:TITLE_LIMIT] if self.plan is not None else ""
            card = finished[-1]["card"] | ({"title": title} if title else {})
            await asyncio.to_thread(desk.settle, {**finished[-1], "card": card}, None, store)
            desk.text = {"done": "", "stopped": f"{seen.text}, weights kept"}.get(desk.shown_state, seen.text)

    def _hand_in(self, jobs: Jobs) -> None:
        """Put the next runs into the queue: one, and more only while nobody waits there."""
        self.waits = ""
        specs = self.plan.specs if self.plan is not None else ()
        for desk, spec in zip(self.desks, specs, strict=True):
            is_first = not any(other.is_busy for other in self.desks)
            if desk.shown_state != "idle" or self.ended:
                continue
            if not is_first and jobs.load()[0]:
                return
            try:
                desk.begin(jobs, spec, self.owner, beside=not is_first)
            except ValueError as error:
                self.waits = str(error)
                return

    def shown(self, store: RunStore) -> dict[str, Any] | None:
        """What the panel shows of it: JSON values. None before the first sweep."""
        if self.plan is None:
            return None
        rows = []
        for number, desk in enumerate(self.desks):
            card = desk.news.card if desk.news else None
            state = "left" if desk.shown_state == "idle" and self.ended else desk.shown_state
            rows.append(
                {
                    "variant": named(self.plan.specs[number].variant).title,
                    "values": [*self.plan.settings(number).values()],
                    "state": state,
                    "text": desk.text,
                    "progress": desk.progress,
                    "run": desk.kept,
                    "kept": bool(desk.kept) and store.holds(desk.kept),
                    "figures": card.figures if card else {},
                    "seconds": card.seconds if card else None,
                }
            )
        return {
            "id": self.id,
            "variants": self.plan.variants,
            "knobs": [*self.plan.knobs],
            "busy": self.is_busy,
            "text": self.text,
            "rows": rows,
        }

    @property
    def text(self) -> str:
        """How far it is, in a line."""
        over = {at: desk.news.card for at, desk in enumerate(self.desks) if desk.news}
        said = f"{len(over)} of {len(self.desks)} models are there"
        if self.is_busy:
            stopping = ", and it stops" if self.ended else ""
            return said + stopping + (f"; the next run waits: {self.waits}" if self.waits else "")
        known = [(card.figures["mse"], at) for at, card in over.items() if self.desks[at].shown_state == "done"]
        said = f"{self.ended or 'finished'}: {said}"
        if not known or self.plan is None:
            return said
        error, at = min(known)
        names = [named(self.plan.specs[at].variant).title] if len(self.plan.variants) > 1 else []
        best = ", ".join(filter(None, [*names, self.plan.title(at)]))
        return f"{said}; the smallest test MSE is {error:.4f}, with {best}"

    def received(self, session: Session, store: RunStore) -> Session:
        """The session with all models that have come out of it, and that are still kept."""
        news: list[Record] = [desk.news for desk in self.desks if desk.news and store.holds(desk.kept)]
        for record in news:
            if record.run not in session.mine:
                session = session.with_run(record)
        return session


def known(sweeps: Any, told: object) -> Sweep | None:
    """The sweep that a browser remembers, while this server knows it."""
    return sweeps.get(told) if isinstance(told, str) else None
