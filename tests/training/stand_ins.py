"""Stand-ins for ``runs.execute``: they do little, so that the tests see what the queue and the workers do."""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Event = dict[str, Any]
EPOCH = 10  # steps


def act(spec: tuple[str, Any], **keywords: Any) -> Iterator[Event]:
    """One of the stand-ins below, by name."""
    stand_in: Callable[..., Iterator[Event]] = globals()[spec[0]]
    yield from stand_in(spec[1], **keywords)


def count(
    spec: dict[str, Any], *, state: bytes | None, until_epoch: int | None, stopping: Callable[[], bool]
) -> Iterator[Event]:
    """Counts to ``steps`` with ``pause`` seconds between two numbers, and can be stopped, paused and continued."""
    first = struct.unpack("<q", state)[0] if state else 0
    steps = spec["steps"] if until_epoch is None else min(spec["steps"], until_epoch * EPOCH)
    status, step = "done" if steps == spec["steps"] else "paused", first
    with Presence(spec.get("folder")):
        for step in range(first + 1, steps + 1):
            time.sleep(spec.get("pause", 0.0))
            yield {"kind": "progress", "step": step, "steps": spec["steps"], "epoch": step // EPOCH, "pid": os.getpid()}
            if step % EPOCH == 0:
                yield {"kind": "epoch", "epoch": step // EPOCH, "pictures": bytes(7840), "first": first}
                yield {"kind": "state", "step": step, "state": struct.pack("<q", step)}
            if stopping():
                status = "stopped"
                break
    finished = {
        "kind": "finished",
        "status": status,
        "text": f"{status} at {step}",
        "weights": bytes(spec.get("size", 8)),
    }
    yield finished | {"state": None if status == "done" else struct.pack("<q", step)}


class Presence:
    """A file in a folder for as long as a job runs, so that those at work can be counted from outside."""

    def __init__(self, folder: str | None) -> None:
        self._file = Path(folder, f"{os.getpid()}-{time.monotonic_ns()}") if folder else None

    def __enter__(self) -> None:
        if self._file is not None:
            self._file.touch()

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.unlink()


def fail(spec: Any, **_: object) -> Iterator[Event]:
    """Raises what it is given after its first event."""
    yield {"kind": "progress", "step": 1}
    raise spec


def vanish(spec: object, **_: object) -> Iterator[Event]:
    """Its worker always dies."""
    yield {"kind": "progress", "step": 1}
    time.sleep(0.05)
    os.kill(os.getpid(), 9)


def crash(spec: Any, *, state: bytes | None, **_: object) -> Iterator[Event]:
    """Its first worker breaks down as one does after a wild write into memory; the second one ends well."""
    yield {"kind": "progress", "step": 1, "pid": os.getpid()}
    if state is None:
        yield {"kind": "state", "step": 1, "state": b"once"}
        time.sleep(spec)
        os.kill(os.getpid(), 11)
    yield {"kind": "finished", "status": "done", "text": "", "weights": b""}


def swell(spec: int, **_: object) -> Iterator[Event]:
    """Takes ``spec`` megabytes of memory, ten at a time."""
    held = []
    for megabytes in range(0, spec, 10):
        held.append(b"1" * (10 * 2**20))
        time.sleep(0.02)
        yield {"kind": "progress", "step": megabytes + 1}
    yield {"kind": "finished", "status": "done", "text": "", "weights": bytes(len(held))}


def ignore(spec: float, **_: object) -> Iterator[Event]:
    """Never looks whether it shall stop."""
    yield {"kind": "progress", "step": 1}
    time.sleep(spec)
    yield {"kind": "finished", "status": "done", "text": "", "weights": b""}


def loaded(spec: object, **_: object) -> Iterator[Event]:
    """Tells whether the worker has PyTorch."""
    yield {"kind": "finished", "status": "done", "text": "", "torch": "torch" in sys.modules}


def placed(spec: float, *, stopping: Callable[[], bool], device: str = "cpu", **_: object) -> Iterator[Event]:
    """Tells which device it was given, and holds it for ``spec`` seconds or until it shall stop."""
    yield {"kind": "progress", "step": 1}
    ends = time.monotonic() + spec
    while time.monotonic() < ends and not stopping():
        time.sleep(0.02)
    yield {"kind": "finished", "status": "done", "text": "", "device": device}


def describe(spec: object, **_: object) -> Iterator[Event]:
    """Tells what the worker is like. Its ``spec`` is something of PyTorch's, so that PyTorch is here before."""
    import torch

    tiny = torch.tensor([1e-40]) * 1.0
    yield {
        "kind": "finished",
        "status": "done",
        "text": "",
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "threads": torch.get_num_threads(),
        "tiny": float(tiny[0]),
    }


def square(number: float) -> float:
    """A small task."""
    return number * number


def sleep(seconds: float) -> float:
    """A small task that takes long."""
    time.sleep(seconds)
    return seconds
