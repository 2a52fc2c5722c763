"""What a server used of the machine while it was asked, and how much it is asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import psutil

from benchmarks.crowds.visitors import Site
from benchmarks.page import megabytes

QUICK = 20


@dataclass
class Asked:
    """How much of everything."""

    is_quick: bool
    events: int

    def much(self, full: int) -> int:
        """A count, or seconds, as this run has it."""
        return max(2, full // QUICK) if self.is_quick else full


@dataclass
class Server:
    """What it used of the machine while it was watched."""

    process: psutil.Process
    before: float = 0.0  # MB resident
    most: float = 0.0
    seconds: float = 0.0  # of CPU, without its workers

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Measure from here on."""
        start, self.before = sum(self.process.cpu_times()[:2]), megabytes(self.process)
        samples = [self.before]

        async def look() -> None:
            while True:
                samples.append(megabytes(self.process))
                await asyncio.sleep(0.5)

        task = asyncio.create_task(look())
        try:
            yield
        finally:
            task.cancel()
            samples.append(megabytes(self.process))
            self.most = max(samples)
            self.seconds = sum(self.process.cpu_times()[:2]) - start

    @property
    def words(self) -> str:
        """CPU seconds and memory."""
        return f"{self.seconds:.0f} s CPU, {self.most:.0f} MB"


Row = tuple[str, str, str, bool]  # what, measured, target, whether it is met
Bar = Callable[[Site, Server, Asked], list[Row]]
