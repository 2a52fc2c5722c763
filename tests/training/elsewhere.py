"""A cluster like one on several machines: a scheduler and workers as processes of their own that share no folder."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0


def tls(folder: Path) -> dict[str, Any]:
    """Dask's settings for TLS, with a certificate made on the spot by openssl."""
    certificate, key = str(folder / "cluster.pem"), str(folder / "cluster.key")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=explorer"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], capture_output=True, timeout=60, check=True)
    roles = [(role, part) for role in ("scheduler", "worker", "client") for part in ("cert", "key")]
    parts = {f"{role}.{part}": key if part == "key" else certificate for role, part in roles}
    settings = {f"distributed.comm.tls.{name}": file for name, file in {"ca-file": certificate, **parts}.items()}
    return {**settings, "distributed.comm.require-encryption": True}


def variable(setting: str) -> str:
    """The environment variable that stands for one of Dask's settings."""
    return "DASK_" + setting.replace(".", "__").replace("-", "_").upper()


class Elsewhere:
    """A scheduler's process, and those of its workers. Each has a folder of its own for temporary files."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        """Start the scheduler on a free port of the loopback. Raises TimeoutError."""
        self.folder, self.workers, self._started = folder, list[subprocess.Popen[bytes]](), 0
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        self.settings = settings
        self.environment = os.environ | threads | {variable(name): str(value) for name, value in settings.items()}
        protocol = "tls" if settings else "tcp"
        about = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--protocol", protocol, "--no-dashboard"]
        self._scheduler = self._start("dask_scheduler", *options, "--scheduler-file", str(about))
        ends = time.monotonic() + START_SECONDS
        while not about.exists() or not about.read_text():
            if time.monotonic() > ends or self._scheduler.poll() is not None:
                self.close()
                raise TimeoutError(f"the scheduler did not start: {(folder / '1' / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        self.address: str = json.loads(about.read_text())["address"]

    def add(self, *options: str) -> subprocess.Popen[bytes]:
        """One more worker with one thread; it joins when it is ready."""
        worker = self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
        self.workers.append(worker)
        return worker

    def wait(self, workers: int) -> None:
        """Wait for so many workers. Raises TimeoutError."""
        distributed: Any = importlib.import_module("distributed")
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=START_SECONDS)

    def close(self) -> None:
        """End them all."""
        for process in [*self.workers, self._scheduler]:
            process.kill()
            process.wait(timeout=30)

    def _start(self, module: str, *options: str) -> subprocess.Popen[bytes]:
        self._started += 1
        own = self.folder / str(self._started)
        own.mkdir()
        with (own / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *options],
                cwd=own,
                env=self.environment | {"TMPDIR": str(own)},
                stdout=log,
                stderr=log,
            )
