"""How often one visitor, and one address, may start a training: people never notice, scripts do."""

from __future__ import annotations

from explorer.ui.buckets import Buckets

VISITOR, ADDRESS = 20, 100  # starts a minute: a whole class may sit behind one address
MINUTE = 60.0


class Pace:
    """Counts the starts of everybody. Thread-safe."""

    def __init__(self) -> None:
        self._limits = {who: Buckets(most, most / MINUTE) for who, most in (("visitor", VISITOR), ("address", ADDRESS))}

    def admit(self, visitor: str, address: str, now: float | None = None, runs: int = 1) -> None:
        """Count the start of so many runs; ``now`` in seconds, by default the monotonic clock.

        Raises ValueError where it is too much.
        """
        for (who, starts), asker in zip(self._limits.items(), (visitor, address), strict=True):
            if not starts.allows(asker, runs, now):
                most = f"{starts.burst:.0f} trainings a minute"
                raise ValueError(f"{most} is all that one {who} may start: try again in a minute")
