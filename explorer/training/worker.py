"""What happens in a worker process: how it prepares itself, and how it carries out one job.

A job is a generator of events. Small ones are told at once; a run's state goes to a file, so that another worker can
go on from it; the last one, which holds the weights, is the job's result.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Worker

Event = dict[str, Any]
Work = Callable[..., Iterator[Event]]  # takes the keywords state and stopping

NICENESS = 15
PR_SET_PDEATHSIG = 1  # prctl's number for "send me this signal when my parent dies"

logger = logging.getLogger(__name__)


def dask_setup(worker: Worker) -> None:  # noqa: ARG001  Dask hands it over
    """Dask calls this in every new worker process: stand back for the page's server, and never outlive it."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches us too; the server decides
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def carry_out(job: str, work: Work, state: bytes | None, *, topic: str, folder: str, threads: int | None) -> Event:
    """Carry out a job and return its last event. A newer state in ``folder``, if this machine sees it, is preferred."""
    from distributed import get_worker

    worker = get_worker()
    kept = state_file(Path(folder), job)
    stops = asked_to_stop(worker)
    worker.log_event(topic, {"job": job, "kind": "started", "worker": worker.address, "pid": os.getpid()})
    settle_threads(threads)
    if kept.exists():
        state = kept.read_bytes()
    try:
        with contextlib.closing(work(state=state, stopping=lambda: job in stops)) as events:  # type: ignore[type-var]
            for event in events:
                if event["kind"] == "finished":
                    return event
                is_state = event["kind"] == "state"
                told = {"kind": "state", "kept": keep(kept, event["state"])} if is_state else event
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


def state_file(folder: Path, job: str) -> Path:
    """Where a job's newest state lies."""
    return folder / f"{job}.state"


def keep(file: Path, content: bytes) -> bool:
    """Replace the file in one step. A full disk, or a folder that this machine does not see, must not end a run."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, file)
    except OSError as error:
        logger.warning("the state of a run could not be kept: %s", error)
        return False
    return True


def one_result(function: Callable[..., Any], *args: Any, **_: object) -> Iterator[Event]:
    """A plain function as a job of one event."""
    yield {"kind": "finished", "status": "done", "text": "", "result": function(*args)}
