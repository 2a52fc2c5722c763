"""A GPU that is lent for a minute: ZeroGPU, where the package ``spaces`` gives one to a decorated function.

There the GPU belongs to a process that ``spaces`` forks from the server for a call of that function; a Dask worker
would never see it. So a run is a call of ``on_gpu`` from a thread of the server, in the context of the visitor who
asked for it, because the minutes are counted by visitor. Small tasks stay with the workers. Everywhere else nothing of
this is used. Written from the documentation and source of ``spaces`` 0.51; tried with a stand-in only, not on the
platform.
"""

from __future__ import annotations

import contextvars
import importlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from explorer.training.cluster import Cluster, Sent
from explorer.training.worker import Event, Work, is_task, keep, state_file

SECONDS = 60  # that a visitor must have left for a run to begin
MARGIN = 10  # of them, in which a run that is not done hands over its weights

OnGpu = Callable[[Work, "bytes | None", str], Iterator[Event]]


def on_gpu(work: Work, state: bytes | None, stop: str) -> Iterator[Event]:
    """The function to decorate. The run stops when the time is nearly over, or as soon as there is a file ``stop``."""
    ends = time.monotonic() + SECONDS - MARGIN
    file = Path(stop)
    yield from work(state=state, stopping=lambda: time.monotonic() > ends or file.exists(), device="cuda")


def decorated() -> OnGpu | None:
    """``on_gpu`` as the platform wants it, which must happen before the page is launched; None on other machines."""
    if os.environ.get("SPACES_ZERO_GPU", "").lower() not in ("1", "t", "true") or not find_spec("spaces"):
        return None
    lent: OnGpu = importlib.import_module("spaces").GPU(on_gpu, duration=SECONDS)
    return lent


class Call:
    """A run that has been begun; what ``cluster.Sent`` is for a worker's."""

    def __init__(self) -> None:
        self.last: Event | None = None
        self.error: Exception | None = None
        self.is_wanted = True

    def result(self) -> Event:
        """The last event of a run that is over. Raises what the run raised, or ValueError where no GPU was lent."""
        if self.last is None:
            raise self.error or RuntimeError("the job ended without a result")
        return self.last

    def state(self) -> None:
        """Its states lie in files."""

    def let_go(self) -> None:
        """Nobody else holds on to it."""

    def abandon(self) -> None:
        """Its result is no longer wanted: it ends with its next event."""
        self.is_wanted = False


class LentGpu:
    """Runs on the lent GPU, the rest on a cluster; the calls are those of ``cluster.Cluster``."""

    def __init__(self, on_gpu: OnGpu, cluster: Cluster) -> None:
        self.on_gpu, self.cluster, self.folder, self.is_local = on_gpu, cluster, cluster.folder, True
        self.capacity, self.kill, self.close = cluster.capacity, cluster.kill, cluster.close
        self._told: Callable[[Event], None]

    @property
    def is_connected(self) -> bool:
        """Whether the cluster is there."""
        return self.cluster.is_connected

    def listen(self, told: Callable[[Event], None]) -> None:
        """Have every event handed to ``told``."""
        self._told = told
        self.cluster.listen(told)

    def send(self, job: str, work: Work, owner: str, over: Callable[[Any], None]) -> Sent | Call:
        """Begin a job; ``over`` is called, in a thread of its own, when it is over."""
        if is_task(work):
            return self.cluster.send(job, work, owner, over)
        call, context = Call(), contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._follow, job, work, call, over), daemon=True).start()
        return call

    def ask_to_stop(self, job: str, address: str) -> None:
        """The run sees the file when it looks next."""
        self._stop(job).touch()

    def _stop(self, job: str) -> Path:
        return self.folder / f"{job}.stop"

    def _follow(self, job: str, work: Work, call: Call, over: Callable[[Any], None]) -> None:
        kept = state_file(self.folder, job)
        try:
            events = self.on_gpu(work, kept.read_bytes() if kept.exists() else None, str(self._stop(job)))
            self._told({"job": job, "kind": "started", "worker": "a lent GPU", "pid": 0})
            for event in events:
                if event["kind"] == "finished":
                    call.last = event
                if event["kind"] == "finished" or not call.is_wanted:
                    break
                is_state = event["kind"] == "state"
                self._told((event | {"kept": keep(kept, event.pop("state"))} if is_state else event) | {"job": job})
        except Exception as error:  # noqa: BLE001  whoever takes the result raises it
            call.error = refusal(error)
        finally:
            self._stop(job).unlink(missing_ok=True)
            over(call)


def refusal(error: Exception) -> Exception:
    """The platform's own words, which are for visitors, as a ValueError without their markup; others as they are."""
    words = getattr(error, "message", None)
    return ValueError(re.sub("<[^>]*>", "", words)) if isinstance(words, str) else error
