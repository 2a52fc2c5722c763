"""One explorer for all, started as a person would start it, of which log and memory can be looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.browser.conftest import ROOT, running, settle
from tests.reliability.knocking import Knocker

PREPARED = 300  # seconds after which a server must be
STARTED = ("after the start of the check", "To create a public link")  # what it writes last when it starts


@dataclass(frozen=True)
class Standing:
    """A server that is up."""

    url: str
    file: Path

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self.file.read_text(errors="replace")

    @property
    def process(self) -> psutil.Process:
        """The server itself, not its workers."""
        port = int(self.url.rstrip("/").rpartition(":")[2])
        children = psutil.Process().children(recursive=True)
        return next(one for one in children if any(at.laddr.port == port for at in one.net_connections("tcp")))

    @property
    def megabytes(self) -> float:
        """Its resident memory, once nothing is prepared in the background any more."""
        deadline = time.monotonic() + PREPARED
        while self._is_preparing():
            assert time.monotonic() < deadline, f"still preparing after {PREPARED} s"
            time.sleep(1)
        return float(self.process.memory_info().rss) / 2**20

    def _is_preparing(self) -> bool:
        told = httpx.get(f"{self.url}readyz", timeout=60).json()  # 503 while the weights are being checked
        return bool(told["preparing"])

    def is_well(self) -> bool:
        """Whether it answers."""
        return bool(httpx.get(f"{self.url}healthz", timeout=60).json()["ok"])


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    log = tmp_path_factory.mktemp("standing") / "log.txt"
    with running(ROOT / "app.py", log) as url:
        settle(url)
        standing, ends = Standing(url, log), time.monotonic() + PREPARED
        while not all(words in standing.log for words in STARTED):
            assert time.monotonic() < ends, standing.log
            time.sleep(0.1)
        yield standing


@pytest.fixture(scope="session")
def knocker(standing: Standing) -> Iterator[Knocker]:
    knocker = Knocker(standing.url)
    with knocker.client:
        yield knocker
