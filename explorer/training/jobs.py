"""The runs of all visitors: a fair queue in front of a few worker processes.

The page submits a run, looks at it again and again, and may stop it; each of these calls only reads or notes something,
so it takes no time. A thread of its own starts the workers with the first job, hands each free one the next job, and
gives a job whose worker was killed to another worker, which goes on from the run's last state.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from explorer.training.attendant import Attendant
from explorer.training.board import Board, Limits, UnknownJob
from explorer.training.cluster import Cluster
from explorer.training.job import Job, JobView
from explorer.training.lent import LentGpu, OnGpu
from explorer.training.worker import Work, is_task, one_result

__all__ = ["JobView", "Jobs", "Limits", "UnknownJob", "Unreachable"]

logger = logging.getLogger(__name__)


class Unreachable(ValueError):
    """The scheduler elsewhere does not answer."""


class Jobs:
    """Accepts jobs from many pages and has ``workers`` of them carried out at a time. Its methods are thread-safe."""

    def __init__(
        self,
        execute: Callable[..., Any] | None = None,
        *,
        workers: int = 2,
        scheduler: str | None = None,
        limits: Limits | None = None,
        memory: int = 1500 * 2**20,
        on_gpu: OnGpu | None = None,
    ) -> None:
        """``execute`` is ``runs.execute``, or a generator function with its keywords; ``memory`` a worker's, in bytes.

        ``scheduler`` is the address of a Dask scheduler, by default what EXPLORER_SCHEDULER says; how many jobs run at
        once is then the number of its workers' threads. ``on_gpu`` is what ``lent.decorated`` gives.
        """
        self._execute, self._workers, self._memory = execute, workers, memory
        self._scheduler = scheduler or os.environ.get("EXPLORER_SCHEDULER") or None
        self._on_gpu = on_gpu
        self._board = Board(workers, limits or Limits())
        self._attendant: Attendant | None = None
        self._is_closed = False

    def submit(
        self,
        spec: object,
        *,
        owner: str,
        state: bytes | None = None,
        until_epoch: int | None = None,
        beside: bool = False,
    ) -> str:
        """Put a run into the queue, from its start or from ``state``; returns its id. Raises ValueError.

        An owner has one job at a time; one ``beside`` others of the same owner is let by while nobody waits.
        """
        work = partial(self._execute or _execute(), spec, until_epoch=until_epoch)
        return self._submit(work, owner, state, is_run=True, is_beside=beside)

    def submit_task(self, function: Callable[..., Any], *args: Any, owner: str) -> str:
        """Put a call of a top-level function into the same queue; its ``finished`` event holds ``result``."""
        return self._submit(partial(one_result, function, *args), owner, None, is_run=False)

    def look(self, job_id: str, since: int = 0) -> JobView:
        """How a job stands, with its events after number ``since``. Raises UnknownJob, a ValueError."""
        return self._board.look(job_id, since, time.monotonic())

    def stop(self, job_id: str) -> None:
        """Have a run stop soon and hand over its weights, or leave the queue. Raises UnknownJob."""
        self._board.stop(job_id, time.monotonic())
        self._wake()

    def forget(self, job_id: str) -> None:
        """Stop a job if it is not over, and drop what is known of it. Raises UnknownJob."""
        self._board.forget(job_id, time.monotonic())
        self._wake()

    def find(self, job_id: str) -> bool:
        """Take up a job that another server, perhaps this one before its restart, has sent to the same scheduler.

        Waits for the scheduler. False where there is no such job. Its events begin with those the scheduler remembers.
        Raises Unreachable.
        """
        with contextlib.suppress(UnknownJob):
            return bool(self._board.known(job_id))
        if self._scheduler is None:
            return False
        try:
            found = self._attending().find(job_id)
        except Exception as error:
            logger.exception("a run could not be looked for on the scheduler")
            raise Unreachable("your run cannot be looked for just now: load the page again in a minute") from error
        if found is not None:
            is_run = not is_task(found.work)
            self._board.adopt(Job(job_id, found.owner, found.work, time.monotonic(), None, is_run))
            self._wake()
        return found is not None

    def list(self, owner: str) -> tuple[str, ...]:
        """The ids of the owner's jobs, the oldest first."""
        return self._board.of(owner)

    def load(self) -> tuple[int, int]:
        """How many jobs wait, and how many are at work."""
        return sum(job.state == "queued" for job in self._board.all()), len(self._board.busy())

    def state_of(self, job_id: str) -> bytes | None:
        """What ``submit`` needs to go on with a run; None if it has not come so far. Raises UnknownJob."""
        job = self._board.known(job_id)
        return self._attendant.state_of(job) if self._attendant is not None else None

    def close(self) -> None:
        """End every job and every worker; those of a scheduler elsewhere go on. Nothing can be submitted afterwards."""
        with self._board.lock:
            self._is_closed = True
        if self._attendant is not None:
            self._attendant.close()

    def _submit(self, work: Work, owner: str, state: bytes | None, *, is_run: bool, is_beside: bool = False) -> str:
        job = Job(secrets.token_urlsafe(16), owner, work, time.monotonic(), state, is_run, is_beside)
        with self._board.lock:
            attendant = self._attending()
            self._board.add(job)
        attendant.wake()
        return job.id

    def _attending(self) -> Attendant:
        with self._board.lock:
            if self._is_closed:
                raise ValueError("the server is shutting down")
            self._attendant = self._attendant or Attendant(self._board, self._connect)
            return self._attendant

    def _connect(self, folder: Path) -> Cluster | LentGpu:
        cluster = Cluster(self._workers, self._scheduler, self._memory, folder)
        return LentGpu(self._on_gpu, cluster) if self._on_gpu else cluster

    def _wake(self) -> None:
        if self._attendant is not None:
            self._attendant.wake()


def _execute() -> Callable[..., Any]:
    from explorer.training.runs import execute

    return execute
