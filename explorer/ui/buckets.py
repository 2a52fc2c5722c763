"""How often somebody may ask for something, and who that somebody is."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import Scope

KNOWN = 10_000  # askers remembered; whoever asked longest ago is forgotten, and may ask anew


@dataclass
class Buckets:
    """``burst`` at once, and afterwards ``rate`` a second, for each asker. Thread-safe."""

    burst: float
    rate: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)  # and when that was
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, asker: str, cost: float = 1.0, now: float | None = None) -> bool:
        """Whether this asker may have so much more now; if so, it is taken."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, then = self._left.pop(asker, (self.burst, now))
            left = min(self.burst, left + (now - then) * self.rate)
            is_allowed = left >= min(cost, self.burst)
            self._left[asker] = (left - cost if is_allowed else left, now)
            if len(self._left) > KNOWN:
                self._left.popitem(last=False)
        return is_allowed


def address(scope: Scope) -> str:
    """From where a request comes, as far as that can be trusted.

    EXPLORER_PROXIES says how many proxies of one's own stand in front of the server; each adds the address that it saw
    at the right end of X-Forwarded-For. What stands further left is whatever the asker likes to say.
    """
    proxies = int(os.environ.get("EXPLORER_PROXIES") or 0)
    told = [part.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for part in line.split(",")]
    if 0 < proxies <= len(told):
        return told[-proxies]
    client = scope.get("client")
    return str(client[0]) if client else ""
