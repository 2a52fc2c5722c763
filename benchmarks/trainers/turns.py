"""What the trainers share that ``benchmarks/peers.py`` compares: they train one epoch whenever it is their turn.

A trainer is a program of its own, since each lives in a virtual environment of its own. It takes its settings as JSON
from the command line, and whenever it is told to go on, it tells in a line of JSON how many seconds the epoch took,
for how many of them a processor was busy with it, and the test error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Turns:
    """The settings, MNIST as floats in [0, 1], and the clock."""

    def __init__(self) -> None:
        self._channel = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # what libraries print goes where errors go
        self.settings: dict[str, Any] = json.loads(sys.argv[1])
        with np.load(self.settings["data"]) as arrays:
            self.train_images, self.test_images = arrays["train"], arrays["test"]  # (N, 1, 28, 28) uint8
        self._began = 0.0, 0.0

    def floats(self, images: NDArray[np.uint8], *shape: int) -> Floats:
        """Images as (N, *shape) in [0, 1]."""
        pictures: Floats = np.divide(images.reshape(-1, *shape), 255, dtype=np.float32)
        return pictures

    def ready(self, parameters: int) -> None:
        """Tell how many numbers the network has, by which it is seen that all train the same one."""
        self._say({"parameters": parameters})

    def begin(self) -> None:
        """Wait for one's turn; the clock starts."""
        if not sys.stdin.readline():
            raise SystemExit
        self._began = time.perf_counter(), time.process_time()

    def end(self, reconstruct: Callable[[], Any]) -> None:
        """The clock stops; what the test images are rebuilt as, in any shape, is compared with them."""
        seconds, busy = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        pictures = np.asarray(reconstruct(), dtype=np.float32).reshape(self.test_images.shape)
        error = float(np.square(pictures - self.test_images / np.float32(255)).mean())
        self._say({"seconds": seconds, "busy": busy, "mse": error})

    def _say(self, fact: dict[str, float]) -> None:
        print(json.dumps(fact), file=self._channel, flush=True)
