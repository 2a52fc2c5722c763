"""One job as the page sees it: what it does, how far it is, and what it told so far."""

from __future__ import annotations

from bisect import bisect_right
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Literal

from explorer.training.worker import Event, Work

State = Literal["queued", "starting", "running", "stopping", "done", "paused", "stopped", "diverged", "failed"]

ENDS: tuple[State, ...] = ("done", "paused", "stopped", "diverged", "failed")
DEATHS = 3  # so many killed workers a job survives, less one
EVENT_LIMIT = 5000
UNTHINNED = 1000  # so many of the newest events are never left out


@dataclass(frozen=True)
class JobView:
    """A job at one moment. ``events`` are those after the number asked for; ask next with ``seen``."""

    state: State
    place: int  # in the queue: 1 is next; 0 when it no longer waits
    events: tuple[Event, ...]
    seen: int
    text: str
    states: int = 0  # so many states of it have been kept

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.state in ENDS


@dataclass(eq=False)
class Job:
    """A job's record. Whoever changes it holds the lock of the ``Jobs`` it belongs to."""

    id: str
    owner: str
    work: Work
    looked: float  # when the page last asked, as all times here in seconds of the monotonic clock
    given: bytes | None = None  # the state to go on from, until it lies in its file
    is_run: bool = True  # a run answers a stop and hands over its weights; a small task can only be ended
    is_beside: bool = False  # one of several that belong together: it may take a worker that nobody else wants
    state: State = "queued"
    text: str = ""
    numbered: list[tuple[int, Event]] = field(default_factory=list)
    seen: int = 0
    reached: dict[str, int] = field(default_factory=dict)  # the last step and epoch told
    epoch: int = 0  # finished epochs
    kept_epoch: int = 0  # those in the state that was kept last
    has_state: bool = False
    states: int = 0  # so many have been kept
    is_sent: bool = False  # a worker has it
    worker: str | None = None
    pid: int = 0
    deaths: int = 0
    started: float | None = None
    asked: float = 0.0  # when it was asked to stop
    reason: str = ""
    ended: float = 0.0
    context: Context = field(default_factory=copy_context)  # of the visitor who asked for it

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.state in ENDS

    def view(self, since: int, place: int) -> JobView:
        """The job now, with the events after number ``since``."""
        first = bisect_right(self.numbered, since, key=lambda numbered: numbered[0])
        text = self.text or self._says(place)
        return JobView(
            self.state, place, tuple(event for _, event in self.numbered[first:]), self.seen, text, self.states
        )

    def take(self, event: Event, now: float) -> None:
        """Note what the worker told."""
        if event["kind"] == "started":
            self._starts(event, now)
        elif event["kind"] == "state":
            self.has_state = event["kept"]
            self.states += event["kept"]
            self.kept_epoch = self.epoch
        elif self._is_news(event):
            self.seen += 1
            self.numbered.append((self.seen, event))
            if len(self.numbered) > EVENT_LIMIT:
                self.numbered = thinned(self.numbered)

    def ask(self, reason: str, now: float) -> None:
        """Note that it shall stop; the first reason counts."""
        if self.state != "stopping":
            self.state, self.reason, self.asked = "stopping", reason, now

    def dies(self, now: float) -> None:
        """Its worker is gone: back to the start of its slot, or the end."""
        self.deaths, self.is_sent, self.worker = self.deaths + 1, False, None
        if self.state == "stopping":
            self.end(
                "stopped", f"{self.reason or 'stopped'}; its worker died before it could hand over the weights", now
            )
        elif self.deaths >= DEATHS:
            self.end(
                "failed", f"the worker died {DEATHS} times: perhaps this run needs more memory than a worker has", now
            )
        else:
            self.state = "starting"
            self.text = "the worker died; " + self._goes_on()

    def finish(self, event: Event, now: float) -> None:
        """Take the last event."""
        self.take(event, now)
        status = event.get("status")
        state: State = status if status in ENDS else "done"
        self.end(state, self.reason if state == "stopped" and self.reason else event.get("text", ""), now)

    def end(self, state: State, text: str, now: float) -> None:
        """Nothing more will happen; the first end counts."""
        if not self.is_over:
            # the clock may have been read before a page looked last; that page has not seen the end
            self.state, self.text, self.ended = state, text, max(now, self.looked)

    def _starts(self, event: Event, now: float) -> None:
        if self.worker is not None:  # a scheduler elsewhere moved it by itself
            self.deaths += 1
            self.text = "the worker died; " + self._goes_on()
        self.worker, self.pid = event["worker"], event["pid"]
        self.started = self.started or now
        if self.state == "starting":
            self.state = "running"

    def _is_news(self, event: Event) -> bool:
        """Not what a run tells again because its worker died and it went back to its last state."""
        self.epoch = max(self.epoch, event.get("epoch", 0))
        kind, mark = event["kind"], {"progress": "step", "moment": "step", "epoch": "epoch"}.get(event["kind"])
        if mark is None or mark not in event:
            return True
        if event[mark] <= self.reached.get(kind, -1):
            return False
        self.reached[kind] = event[mark]
        return True

    def _goes_on(self) -> str:
        if not self.has_state:
            return "starting again"
        return f"going on from epoch {self.kept_epoch}" if self.kept_epoch else "going on from its last state"

    def _says(self, place: int) -> str:
        if self.state == "queued":
            return "next in the queue" if place == 1 else f"number {place} in the queue"
        return {"starting": "starting a worker", "stopping": "stopping"}.get(self.state, self.state)


def thinned(numbered: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
    """Every second of the older progress events left out; if that is not enough, the oldest of all."""
    older, newer = numbered[:-UNTHINNED], numbered[-UNTHINNED:]
    kept = [pair for place, pair in enumerate(older) if pair[1]["kind"] != "progress" or place % 2 == 0]
    return [*kept, *newer][-EVENT_LIMIT:]
