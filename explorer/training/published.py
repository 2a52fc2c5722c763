"""Runs that a Dask scheduler holds under their names, so that they outlive the page server that sent them.

Whoever knows a run's id, which nobody guesses, finds it again: its future, what it does, and whose it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from explorer.training.worker import Work

KEPT = 86400.0  # seconds that a run, or its result, waits for a server to come back for it


@dataclass(frozen=True)
class Found:
    """A run that the scheduler has."""

    future: Any
    work: Work
    owner: str


class Published:
    """The names are ``explorer/seconds since 1970/id``."""

    def __init__(self, client: Any) -> None:
        """Asks for all names once, and drops those that nobody came back for."""
        self._client = client
        self._names = {name.split("/")[2]: name for name in self._listed()}
        for name in self._names.values():
            if time.time() - float(name.split("/")[1]) > KEPT:
                self._client.unpublish_dataset(name)

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is still there."""
        return bool(self._client.status == "running")

    def put(self, job: str, run: Found) -> None:
        """Have the scheduler hold on to the run, whatever becomes of this server."""
        self._names[job] = f"explorer/{time.time():.0f}/{job}"
        self._client.publish_dataset(vars(run), name=self._names[job])

    def known(self, job: str) -> Found | None:
        """The run of this id, if the scheduler had it when this was made, or when it was looked for."""
        told = self._client.get_dataset(self._names[job], default=None) if job in self._names else None
        return Found(**told) if told else None

    def find(self, job: str) -> Found | None:
        """The run of this id, if the scheduler has it now."""
        self._names |= {name.split("/")[2]: name for name in self._listed() if name.split("/")[2] == job}
        return self.known(job)

    def drop(self, job: str) -> None:
        """The scheduler need not hold on to the run any longer."""
        if job in self._names:
            self._client.unpublish_dataset(self._names.pop(job))

    def _listed(self) -> list[str]:
        return [name for name in map(str, self._client.list_datasets()) if name.startswith("explorer/")]
