"""Where jobs are carried out: worker processes on this machine, or a Dask cluster elsewhere, by the same calls."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.training import worker
from explorer.training.published import Found, Published
from explorer.training.worker import Event, Work

FOLDER_PREFIX = "explorer-jobs-"
GATHER_SECONDS = 30  # for fetching a result
TOPIC = "explorer-runs"  # of all servers on a scheduler elsewhere: one that comes back hears of its runs again

# A quiet cluster: an idle one with Dask's own settings costs the server 4.5 % of a core, with these 0.7 %.
QUIET: dict[str, Any] = {
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "500ms",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "500ms",
}
# Too much memory ends a worker; it never pauses or spills, for a run's memory is not Dask's to move.
STRICT: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 0,  # we are told of every death, and decide ourselves
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
}
# By default Dask closes the keeper of a worker that was not back after 15 s, whatever its next worker does by then;
# on a busy machine a worker needs as long to start.
PATIENT: dict[str, Any] = {"distributed.deploy.lost-worker-timeout": "90s"}
# A run's state may be larger than Dask likes its tasks to be.
SENDING: dict[str, Any] = {"distributed.admin.large-graph-warning-threshold": "100MB"}


class WorkerDied(RuntimeError):
    """The process that carried out a job is gone, and with it the job."""


class Sent:
    """A job that a worker has, and a scheduler elsewhere holds on to."""

    def __init__(self, future: Any, job: str, published: Published | None) -> None:
        self._future, self._job, self._published = future, job, published

    def state(self) -> bytes | None:
        """The newest state that a scheduler elsewhere has; those of this machine's workers lie in files."""
        kept: bytes | None = None
        if self._published is not None and self._published.is_connected:
            with contextlib.suppress(OSError, TimeoutError):
                kept = self._future.client.get_metadata([self._future.key], None)
        return kept

    def let_go(self) -> None:
        """The scheduler need not hold on to it any longer."""
        if self._published is not None and self._published.is_connected:
            with contextlib.suppress(OSError, TimeoutError):  # it is dropped when it is old
                self._published.drop(self._job)

    def result(self) -> Event:
        """The last event of a job that is over. Raises WorkerDied, or what the job raised."""
        from distributed.scheduler import KilledWorker

        status = self._future.status
        if status not in ("finished", "error"):
            raise WorkerDied
        try:
            return dict(self._future.result(timeout=GATHER_SECONDS))
        except KilledWorker as error:
            raise WorkerDied from error
        except TimeoutError as error:
            if status == "error":  # the job's own
                raise
            raise WorkerDied from error

    def abandon(self) -> None:
        """Its result is no longer wanted; what the worker does now does not count."""
        self.let_go()
        self._future.cancel()


class Cluster:
    """Worker processes, and the way to talk to them. Its calls may block, so they belong into a thread of their own."""

    def __init__(self, workers: int, scheduler: str | None, memory: int, folder: Path) -> None:
        """Start ``workers`` processes with ``memory`` bytes each, or connect to ``scheduler``. Raises OSError."""
        import dask
        from dask.system import CPU_COUNT

        distributed: Any = importlib.import_module("distributed")  # half of it is typed, which is worse than none
        self.folder, self.is_local, self._workers = folder, scheduler is None, workers
        self.threads = max(1, CPU_COUNT // workers) if self.is_local else None
        self._topic = folder.name if self.is_local else TOPIC
        self._published: Published | None = None
        self._told: Callable[[Event], None]
        self._client: Any = None
        self._local: Any = None
        if scheduler is None:
            # for as long as this process lives: a worker that takes the place of another asks for them again
            dask.config.set(QUIET | STRICT | PATIENT | {"distributed.nanny.pre-spawn-environ": _early(self.threads)})
            self._local = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory,
                env=_late(self.threads),
                preload=[worker.__name__],
                local_directory=str(folder),
                silence_logs=logging.CRITICAL,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
            )
        try:
            self._client = distributed.Client(self._local or scheduler, set_as_default=False, timeout=20)
            if not self.is_local:
                self._published = Published(self._client)
        except Exception:
            self.close()
            raise

    def capacity(self) -> int:
        """How many jobs the workers that are alive can carry out at once; missing ones are started again."""
        capacity: int = sum(self._client.nthreads().values())
        if self._local is not None and capacity < self._workers:
            self._local.scale(self._workers)  # Dask gives up on a worker that dies while it starts
        return capacity

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is still there."""
        return bool(self._client.status == "running")

    def listen(self, told: Callable[[Event], None]) -> None:
        """Have every event of every job handed to ``told``, in order, in a thread of Dask's."""
        self._told = told
        self._client.subscribe_topic(self._topic, lambda event: told(event[1]))

    def find(self, job: str) -> Found | None:
        """A job that a server before this one has sent to the scheduler elsewhere."""
        return self._published.find(job) if self._published is not None else None

    def send(self, job: str, work: Work, owner: str, over: Callable[[Sent], None]) -> Sent:
        """Have the job carried out by a worker that is free; ``over`` is called, in a thread of Dask's, when it is.

        A job that the scheduler has already is not begun again, but followed from now on.
        """
        found = self._published.known(job) if self._published is not None else None
        future = found.future if found is not None else self._submit(job, work)
        if found is not None:
            for _, event in self._client.get_events(self._topic):
                if event["job"] == job:  # the others' have been heard
                    self._told(event)
        elif self._published is not None:
            self._published.put(job, Found(future, work, owner))
        sent = Sent(future, job, self._published)
        future.add_done_callback(lambda _: over(sent))
        return sent

    def _submit(self, job: str, work: Work) -> Any:
        import dask

        file = worker.state_file(self.folder, job)
        state = file.read_bytes() if file.exists() and not self.is_local else None
        about = {"topic": self._topic, "folder": str(self.folder) if self.is_local else None, "threads": self.threads}
        place = {"key": f"job-{secrets.token_hex(8)}", "workers": self._preferred(work), "allow_other_workers": True}
        if not place["workers"]:
            place = {"key": place["key"]}
        with dask.config.set(SENDING):
            return self._client.submit(worker.carry_out, job, work, state, **about, **place)

    def _preferred(self, work: Work) -> list[str]:
        """The workers with a free GPU, where a run goes first; none for a small task."""
        if self.is_local or worker.is_task(work):
            return []
        known = self._client.scheduler_info()["workers"]
        tagged = [place for place, facts in known.items() if facts["resources"].get(worker.GPU)]
        busy = self._client.processing(tagged) if tagged else {}
        return [place for place in tagged if not busy.get(place)]

    def ask_to_stop(self, job: str, address: str) -> None:
        """Tell the worker that carries out the job; a worker that is gone needs no telling."""
        self._client.run(worker.ask_to_stop, job, workers=[address], on_error="ignore")

    def kill(self, pid: int) -> None:
        """End a worker of this machine at once; another takes its place by itself."""
        import psutil

        if self.is_local:
            with contextlib.suppress(psutil.Error):  # gone already
                process = psutil.Process(pid)
                if process.ppid() == os.getpid():
                    process.kill()
                    process.wait(timeout=5)

    def close(self) -> None:
        """End the worker processes, whatever they do."""
        if self._client is not None:
            self._client.close(timeout=5)
        if self._local is not None:
            for nanny in list(self._local.workers.values()):
                nanny.close_gracefully()  # it shall not start another worker in place of the one that goes
                if nanny.pid is not None:
                    self.kill(nanny.pid)
            self._local.close(timeout=10)


def _early(threads: int | None) -> dict[str, Any]:
    """What a worker process must find when it starts; Dask sets these in the server too, where they change nothing."""
    return {"MALLOC_TRIM_THRESHOLD_": 65536, "OPENBLAS_NUM_THREADS": threads}


def _late(threads: int | None) -> dict[str, Any]:
    """What PyTorch and Numba read when a worker's first job loads them."""
    return dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)


def new_folder(server: int) -> Path:
    """A folder for the states of the server with this process id."""
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{server}-"))


def remove_orphans() -> None:
    """Delete the folders of servers that were killed."""
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
        server = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if server.isdecimal() and not psutil.pid_exists(int(server)):
            shutil.rmtree(folder, ignore_errors=True)
