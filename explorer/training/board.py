"""The book of all jobs: who waits, who holds a slot, who is over, and for how long. It knows no worker and no clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from explorer.training.job import Job, JobView, State
from explorer.training.worker import Event

UNFETCHED = 10.0  # seconds for a page to fetch a result before it can be forgotten in favour of newer ones


class UnknownJob(ValueError):
    """No such job: never submitted here, forgotten, or from before a restart."""

    def __init__(self) -> None:
        super().__init__("this run is no longer known here: perhaps the server was restarted")


@dataclass(frozen=True)
class Limits:
    """What a visitor may ask of the machine; times in seconds."""

    waiting: int = 60  # jobs in the queue
    running: float = 120.0  # a job's time while others wait for its slot
    alone: float = 1800.0  # a job's time when nobody waits
    unseen: float | None = 50.0  # a job that no page has looked at for so long is stopped; None: never
    kept: float = 600.0  # a result that no page has looked at for so long is forgotten
    results: int = 20  # results held; the oldest goes first
    stopping: float = 60.0  # a run that was asked to stop and has not by then is ended, without its weights


class Board:
    """Jobs in the order in which they came, at most ``slots`` of them at work. Its methods are thread-safe."""

    def __init__(self, slots: int, limits: Limits) -> None:
        self.slots, self.limits = slots, limits
        self.lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._waiting: list[Job] = []
        self._busy: list[Job] = []  # each holds a slot until its work is really over, whatever its page has done since

    def add(self, job: Job) -> None:
        """Put a job at the end of the queue. Raises ValueError when it is too long, or its owner has a job already.

        ``job.is_beside``: its owner may have another job; but only while nobody waits.
        """
        with self.lock:
            is_second = any(other.owner == job.owner and not other.is_over for other in self._jobs.values())
            if is_second and (self._waiting or not job.is_beside):
                raise ValueError("one run at a time: wait for the one that you have started, or stop it")
            if len(self._waiting) >= self.limits.waiting:
                raise ValueError(f"{len(self._waiting)} runs are waiting already: please try again in a few minutes")
            self._jobs[job.id] = job
            self._waiting.append(job)
            self._fill()

    def adopt(self, job: Job) -> None:
        """Take on a job that a worker has already."""
        with self.lock:
            if self._jobs.setdefault(job.id, job) is job:
                job.state = "starting"
                self._busy.append(job)

    def look(self, job_id: str, since: int, now: float) -> JobView:
        """What the page shows. Raises UnknownJob."""
        with self.lock:
            job = self.known(job_id)
            job.looked = now
            place = self._waiting.index(job) + 1 if job.state == "queued" else 0
            return job.view(since, place)

    def stop(self, job_id: str, now: float, reason: str = "") -> None:
        """End a job that waits; ask one that runs to stop. Raises UnknownJob."""
        with self.lock:
            job = self.known(job_id)
            if job.is_sent and not job.is_over:
                job.ask(reason, now)
            else:
                self.settle(job, "stopped", reason or "stopped before it began", now)

    def forget(self, job_id: str, now: float) -> None:
        """As ``stop``, and nobody can look at it any more. Raises UnknownJob."""
        with self.lock:
            self.stop(job_id, now)
            del self._jobs[job_id]

    def known(self, job_id: str) -> Job:
        """The job. Raises UnknownJob."""
        try:
            return self._jobs[job_id]
        except (KeyError, TypeError) as error:
            raise UnknownJob from error

    def of(self, owner: str) -> tuple[str, ...]:
        """The owner's jobs, the oldest first."""
        with self.lock:
            return tuple(job.id for job in self._jobs.values() if job.owner == owner)

    def tell(self, event: Event, now: float) -> None:
        """Note what a worker told about the job that the event names."""
        with self.lock:
            told = {key: value for key, value in event.items() if key != "job"}
            for job in self._busy:
                if job.id == event["job"] and not job.is_over:
                    job.take(told, now)

    def busy(self) -> list[Job]:
        """Those that hold a slot."""
        with self.lock:
            return self._busy.copy()

    def all(self) -> list[Job]:
        """Every job that somebody may still ask about, or that is at work."""
        with self.lock:
            return list({job.id: job for job in [*self._jobs.values(), *self._busy]}.values())

    def settle(self, job: Job, state: State, text: str, now: float) -> None:
        """The job is over."""
        with self.lock:
            if job in self._waiting:
                self._waiting.remove(job)
            job.end(state, text, now)
            self.release(job)

    def release(self, job: Job) -> None:
        """The job's work is over: its slot is free for the next."""
        with self.lock:
            if job in self._busy:
                self._busy.remove(job)
            self._fill()

    def resize(self, slots: int) -> None:
        """So many jobs may be at work from now on."""
        with self.lock:
            self.slots = slots
            self._fill()

    def enforce(self, now: float) -> None:
        """Hold every job to the limits."""
        with self.lock:
            limits, unseen = self.limits, self.limits.unseen
            for job in list(self._jobs.values()):
                others = any(waiting.owner != job.owner for waiting in self._waiting)
                running = limits.running if others else limits.alone
                if job.is_over and now - max(job.looked, job.ended) > limits.kept:
                    del self._jobs[job.id]
                elif not job.is_over and unseen is not None and now - job.looked > unseen:
                    self.stop(job.id, now, "stopped: nobody was looking at it any more")
                elif job.started is not None and now - job.started > running:
                    why = ", as others wait" if others else ""
                    self.stop(job.id, now, f"stopped at the time limit of {duration(running)}{why}")
            over = [job for job in self._jobs.values() if job.is_over]
            fetched = [job for job in over if job.looked > job.ended or now - job.ended > UNFETCHED]
            for job in sorted(fetched, key=lambda job: job.ended)[: max(0, len(over) - limits.results)]:
                del self._jobs[job.id]

    @property
    def is_idle(self) -> bool:
        """Nothing waits and nothing runs."""
        return not self._waiting and not self._busy

    def _fill(self) -> None:
        while self._waiting and len(self._busy) < self.slots:
            job = self._waiting.pop(0)
            job.state = "starting"
            self._busy.append(job)


def duration(seconds: float) -> str:
    """45 s, 30 minutes."""
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} s"
