"""Results that take a moment and that several visitors need: computed once, the longest unused forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Kept(Generic[Result]):
    """At most so many results. Thread-safe: who asks for the same waits for one computation, nobody else does."""

    def __init__(self, most: int) -> None:
        self.most, self._lock = most, threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot[Result]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result of this key, made now if it is not kept. What ``make`` raises is passed on, and nothing kept."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > self.most:
                self._slots.popitem(last=False)
        with slot.lock:
            if not slot.results and not slot.has_failed:
                try:
                    slot.results.append(make())
                except BaseException:
                    slot.has_failed = True
                    with self._lock:
                        if self._slots.get(key) is slot:
                            del self._slots[key]
                    raise
            if slot.results:
                return slot.results[0]
        return self.get(key, make)  # whoever was first has failed

    def put(self, key: Hashable, result: Result) -> None:
        """Keep this result in the place of another."""
        slot = _Slot[Result]()
        slot.results.append(result)
        with self._lock:
            self._slots[key] = slot
            self._slots.move_to_end(key)
            if len(self._slots) > self.most:
                self._slots.popitem(last=False)

    def drop(self, is_meant: Callable[[Any], bool]) -> None:
        """Forget the results whose keys are meant."""
        with self._lock:
            for key in [key for key in self._slots if is_meant(key)]:
                del self._slots[key]


class _Slot(Generic[Result]):
    """A lock for whoever makes the result, and the result once it is there."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.results: list[Result] = []
        self.has_failed = False
