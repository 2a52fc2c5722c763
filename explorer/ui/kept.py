"""Results that take a moment and that several visitors need: computed once, the longest unused forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Kept(Generic[Result]):
    """At most so many results. Thread-safe; two who ask at once wait for one computation."""

    def __init__(self, most: int) -> None:
        self.most, self._lock = most, threading.Lock()
        self._results: OrderedDict[Hashable, Result] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result of this key, made now if it is not kept. What ``make`` raises is passed on, and nothing kept."""
        with self._lock:
            if key not in self._results:
                self._results[key] = make()
                if len(self._results) > self.most:
                    self._results.popitem(last=False)
            self._results.move_to_end(key)
            return self._results[key]
