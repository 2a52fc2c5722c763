"""The thread between the book of jobs and the workers: it does all that takes time, so that nobody else has to wait."""

from __future__ import annotations

import atexit
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from explorer.training.board import Board
from explorer.training.cluster import Cluster, Sent, WorkerDied, new_folder, remove_orphans
from explorer.training.job import Job
from explorer.training.lent import Call, LentGpu
from explorer.training.published import Found
from explorer.training.worker import Event, keep, state_file

TICK = 0.25  # seconds between two looks at the limits while something runs
IDLE_TICK = 30.0
FIND_SECONDS = 40.0  # for connecting to a scheduler and asking it
FAILED = "a run failed (reference %s)"
LOOKS_INTERNAL = re.compile(r"\n|\w[/\\]\w+[/\\]|[/\\]\w+[/\\]\w|\.py\b|0x[0-9a-f]{6}")

logger = logging.getLogger(__name__)


class Attendant:
    """Hands jobs to workers and takes back what becomes of them. The workers start with the first job."""

    def __init__(self, board: Board, connect: Callable[[Path], Cluster | LentGpu]) -> None:
        self._board, self._connect = board, connect
        self._folder: Path | None = None
        self._cluster: Cluster | LentGpu | None = None
        self._sent: dict[str, Sent | Call] = {}  # of the jobs that workers have
        self._over: SimpleQueue[tuple[Job, Sent | Call]] = SimpleQueue()
        self._sought: SimpleQueue[tuple[str, Future[Found | None]]] = SimpleQueue()
        self._news = threading.Event()
        self._is_closed = False
        self._thread = threading.Thread(target=self._attend, name="explorer-jobs", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something has changed."""
        self._news.set()

    def find(self, job_id: str) -> Found | None:
        """The job of this id that a scheduler elsewhere has. Waits for it. Raises what went wrong, or TimeoutError."""
        answer: Future[Found | None] = Future()
        self._sought.put((job_id, answer))
        self.wake()
        return answer.result(timeout=FIND_SECONDS)

    def state_of(self, job: Job) -> bytes | None:
        """The job's newest state, if there is one."""
        given, folder = job.given, self._folder  # given is let go of only when the file is there
        if given is not None or folder is None:
            return given
        sent = self._sent.get(job.id)
        if sent is not None and (newest := sent.state()) is not None:
            return newest
        file = state_file(folder, job.id)
        return file.read_bytes() if file.exists() else None

    def close(self) -> None:
        """End all workers and delete the folder. Waits until that is done."""
        self._is_closed = True
        self._news.set()
        self._thread.join(timeout=30)

    def _attend(self) -> None:
        while not self._is_closed:
            try:
                self._round(time.monotonic())
            except Exception:
                logger.exception("the jobs could not be attended to; trying again")
                time.sleep(1)
            self._news.wait(IDLE_TICK if self._board.is_idle else TICK)
            self._news.clear()
        atexit.unregister(self.close)
        self._leave()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _round(self, now: float) -> None:
        self._take_back(now)
        self._board.enforce(now)
        if self._cluster is not None and not self._cluster.is_connected:
            self._lose_workers(now)
        if not self._board.is_idle or not self._sought.empty():
            self._prepare(now)
        self._seek()
        if self._cluster is not None and self._folder is not None:
            self._keep_given_states(self._folder, now)
            self._hand_out(self._cluster, now)
            self._pass_on_stops(self._cluster, now)
            self._tidy(self._folder)

    def _seek(self) -> None:
        """Answer those who look for a job of a server before this one."""
        while not self._sought.empty():
            job_id, answer = self._sought.get()
            try:
                answer.set_result(self._cluster.find(job_id) if isinstance(self._cluster, Cluster) else None)
            except Exception as error:  # noqa: BLE001  who asked hears it
                answer.set_exception(error)

    def _prepare(self, now: float) -> None:
        """Start the workers if there are none; if that fails, so do the jobs that wanted one."""
        if self._cluster is not None:
            return
        try:
            if self._folder is None:
                remove_orphans()
                self._folder = new_folder(os.getpid())
            self._cluster = self._connect(self._folder)
            self._cluster.listen(self._told)
            atexit.register(self.close)  # after Dask's own, which would wait for the runs, so that it comes first
        except Exception:
            logger.exception("no worker could be started")
            self._leave()
            for job in self._board.busy():
                self._board.settle(job, "failed", "no worker could be started; the server's log says why", now)

    def _keep_given_states(self, folder: Path, now: float) -> None:
        """Put the states that pages handed over where workers look for them."""
        for job in self._board.all():
            if job.given is not None:
                job.has_state = keep(state_file(folder, job.id), job.given)
                job.given = None
                if not job.has_state:
                    self._board.settle(job, "failed", "the run cannot go on: the server's disk is full", now)

    def _tidy(self, folder: Path) -> None:
        """Delete the states of jobs that nobody knows any more."""
        files = list(folder.glob("*.state"))
        known = {job.id for job in self._board.all()}
        for file in files:
            if file.stem not in known:
                file.unlink(missing_ok=True)

    def _hand_out(self, workers: Cluster | LentGpu, now: float) -> None:
        """Give each free worker the next job; elsewhere, workers come and go."""
        if not workers.is_local and any(job.state == "queued" for job in self._board.all()):
            self._board.resize(max(1, workers.capacity()))
        due = [job for job in self._board.busy() if not job.is_sent and not job.is_over and job.given is None]
        if not due:
            return
        for job in due[: max(0, workers.capacity() - len(self._sent))]:
            with self._board.lock:
                if job.is_over:  # its page was quicker
                    continue
                job.is_sent = True
            try:
                self._sent[job.id] = job.context.run(
                    workers.send, job.id, job.work, job.owner, partial(self._is_over, job)
                )
            except Exception as error:
                reference = secrets.token_hex(3)
                logger.exception(FAILED, reference, extra={"reference": reference})
                self._board.settle(job, "failed", sentence(error, reference), now)

    def _told(self, event: Event) -> None:
        self._board.tell(event, time.monotonic())
        if event["kind"] == "started":
            self._news.set()

    def _is_over(self, job: Job, sent: Sent | Call) -> None:
        self._over.put((job, sent))
        self._news.set()

    def _take_back(self, now: float) -> None:
        """Note the results of the jobs that are over, and free their slots."""
        while not self._over.empty():
            job, sent = self._over.get()
            if self._sent.get(job.id) is sent:  # else it was ended by force before
                del self._sent[job.id]
                self._note(job, sent, now)

    def _note(self, job: Job, sent: Sent | Call, now: float) -> None:
        try:
            event = sent.result()
        except WorkerDied:
            self._rescue(job, sent)
            self._died(job, now)
        except Exception as error:
            reference = secrets.token_hex(3)
            logger.exception(FAILED, reference, extra={"reference": reference})
            self._board.settle(job, "failed", sentence(error, reference), now)
        else:
            state = event.pop("state", None)
            if state is not None and self._folder is not None:
                keep(state_file(self._folder, job.id), state)
            with self._board.lock:
                job.finish(event, now)
                self._board.release(job)
        finally:
            sent.let_go()

    def _rescue(self, job: Job, sent: Sent | Call) -> None:
        """Fetch the state that a scheduler elsewhere has of a job whose workers died."""
        state = sent.state()
        if state is not None and self._folder is not None:
            keep(state_file(self._folder, job.id), state)

    def _died(self, job: Job, now: float) -> None:
        with self._board.lock:
            job.has_state = self._folder is not None and state_file(self._folder, job.id).exists()
            job.dies(now)
            if job.is_over:
                self._board.release(job)

    def _pass_on_stops(self, workers: Cluster | LentGpu, now: float) -> None:
        """Tell the workers which runs shall stop, and end those that do not, or cannot, answer."""
        for job in self._board.busy():
            if job.state != "stopping" or (job.worker is None and workers.is_local):
                continue
            if job.worker is not None and job.is_run and now - job.asked < self._board.limits.stopping:
                workers.ask_to_stop(job.id, job.worker)
            else:
                self._end_by_force(workers, job, now)

    def _end_by_force(self, workers: Cluster | LentGpu, job: Job, now: float) -> None:
        """Kill the worker, if it is this machine's; another takes its place, and the slot is free."""
        sent = self._sent.pop(job.id, None)
        if sent is not None:
            sent.abandon()
            workers.kill(job.pid)
            text = job.reason or "stopped"
            became = "its worker was ended" if workers.is_local else "its worker was let go"
            unanswered = job.is_run and job.worker is not None
            told = f"{text}; it did not answer, so {became}" if unanswered else text
            self._board.settle(job, "stopped", told, now)

    def _lose_workers(self, now: float) -> None:
        """The scheduler is gone: every job goes on with other workers, or ends."""
        self._leave()
        for job in self._board.busy():
            if job.is_sent:
                self._died(job, now)

    def _leave(self) -> None:
        self._sent.clear()
        gone, self._cluster = self._cluster, None
        if gone is not None:
            try:
                gone.close()
            except Exception:
                logger.exception("the workers did not end as they should; the system ends them with this server")


def sentence(error: BaseException, reference: str) -> str:
    """What a person is told. Only a ValueError speaks to people; the log has the rest under the reference."""
    said = str(error)
    if isinstance(error, ValueError) and said and len(said) < 400 and not LOOKS_INTERNAL.search(said):
        return said
    return f"the run failed for a reason that only the server's log tells (reference {reference})"
