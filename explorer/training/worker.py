"""What happens in a worker process: how it prepares itself, and how it carries out one job.

A job is a generator of events. Small ones are told at once; a run's state goes to a file, or to the scheduler where
the server is on another machine, so that another worker can go on from it; the last one, which holds the weights, is
the job's result.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Worker

Event = dict[str, Any]
Work = Callable[..., Iterator[Event]]  # takes the keywords state and stopping

NICENESS = 15
GPU = "GPU"  # the resource that a worker with a GPU is started with
PR_SET_PDEATHSIG = 1  # prctl's number for "send me this signal when my parent dies"

logger = logging.getLogger(__name__)


def dask_setup(worker: Worker) -> None:  # noqa: ARG001  Dask hands it over
    """Dask calls this in every new worker process: stand back for the page's server, and never outlive it."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches us too; the server decides
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def carry_out(
    job: str, work: Work, state: bytes | None, *, topic: str, folder: str | None, threads: int | None
) -> Event:
    """Carry out a job and return its last event. States lie in ``folder``, or with the scheduler; the newest counts.

    A worker with the resource ``GPU`` carries out runs there.
    """
    from distributed import get_worker

    worker = get_worker()
    shelf = Shelf(state_file(Path(folder), job)) if folder is not None else WithScheduler(worker)
    stops = asked_to_stop(worker)
    worker.log_event(topic, {"job": job, "kind": "started", "worker": worker.address, "pid": os.getpid()})
    settle_threads(threads)
    where = {"device": "cuda"} if worker.state.total_resources.get(GPU) and not is_task(work) else {}
    stopping = partial(is_to_stop, worker, worker.get_current_task(), job)
    try:
        begun = work(state=shelf.newest() or state, stopping=stopping, **where)
        with contextlib.closing(begun) as events:  # type: ignore[type-var]
            for event in events:
                if event["kind"] == "finished":
                    return event
                is_state = event["kind"] == "state"
                told = {"kind": "state", "kept": shelf.keep(event["state"])} if is_state else event
                worker.log_event(topic, told | {"job": job})
    finally:
        stops.discard(job)
    raise RuntimeError("the job ended without a result")


def settle_threads(threads: int | None) -> None:
    """What PyTorch must be told in the very thread that computes; nothing if the job does not use it."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_flush_denormal(True)
        if threads is not None:
            torch.set_num_threads(threads)


def asked_to_stop(worker: Worker) -> set[str]:
    """The jobs that were asked to stop, as this worker knows them."""
    stops: set[str] = vars(worker).setdefault("explorer_stops", set())
    return stops


def ask_to_stop(job: str, dask_worker: Worker) -> None:
    """Sent to a worker; the job sees it when it looks next."""
    asked_to_stop(dask_worker).add(job)


def is_to_stop(worker: Worker, task: Any, job: str) -> bool:
    """Whether the job was asked to stop, or nobody holds on to it any more."""
    known = worker.state.tasks.get(task)
    return job in asked_to_stop(worker) or known is None or known.state == "cancelled"


class Shelf:
    """A job's newest state in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def newest(self) -> bytes | None:
        """The state that was kept last."""
        return self._file.read_bytes() if self._file.exists() else None

    def keep(self, state: bytes) -> bool:
        """Put the state in the place of the one before; False when that could not be."""
        return keep(self._file, state)


class WithScheduler:
    """A job's newest state with the scheduler, which forgets it together with the job. No file system is shared."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._keys = worker, [worker.get_current_task()]

    def newest(self) -> bytes | None:
        """The state that was kept last."""
        kept: bytes | None = self._ask("get_metadata", keys=self._keys, default=None)
        return kept

    def keep(self, state: bytes) -> bool:
        """Put the state in the place of the one before; False when that could not be."""
        try:
            self._ask("set_metadata", keys=self._keys, value=state)
        except OSError as error:  # the scheduler is out of reach for a moment
            logger.warning("the state of a run could not be kept: %s", error)
            return False
        return True

    def _ask(self, what: str, **arguments: Any) -> Any:
        utils: Any = importlib.import_module("distributed.utils")
        return utils.sync(self._worker.loop, getattr(self._worker.scheduler, what), **arguments)


def state_file(folder: Path, job: str) -> Path:
    """Where a job's newest state lies."""
    return folder / f"{job}.state"


def keep(file: Path, content: bytes) -> bool:
    """Replace the file in one step. A full disk, or a folder that this machine does not see, must not end a run."""
    temporary = file.with_suffix(f".{secrets.token_hex(8)}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        logger.warning("the state of a run could not be kept: %s", error)
        return False
    return True


def is_task(work: Work) -> bool:
    """Whether it is a plain function and not a run."""
    return isinstance(work, partial) and work.func is one_result


def one_result(function: Callable[..., Any], *args: Any, **_: object) -> Iterator[Event]:
    """A plain function as a job of one event."""
    yield {"kind": "finished", "status": "done", "text": "", "result": function(*args)}
