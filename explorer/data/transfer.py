"""One HTTP request, made by pooch in a thread of its own, that continues a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from explorer.data.idx import Unusable

CHUNK = 8192  # bytes; a line slower than one chunk in the time one is willing to wait counts as dead


class Interrupted(OSError):
    """A request that brought not everything, and nothing wrong; the message continues a sentence about the file."""


class Transfer:
    """Appends to a file what the server sends after the bytes that are there; starts when it is made.

    pooch offers neither continuing nor stopping. It writes into whatever has ``write`` and ``flush``, though, and
    hands a hook for the response on to requests: that is how this object sees whether the server continues or begins
    again. ``total`` is None until the server has told it, ``error`` what went wrong, for who follows from outside.
    """

    def __init__(self, url: str, path: Path, limit: int, patience: float) -> None:
        self.received = path.stat().st_size
        self.total: int | None = None
        self.error: Interrupted | Unusable | OSError | None = None
        self._limit = limit
        self._response: Any = None  # of requests, whose types are not needed otherwise
        self._file = path.open("ab", buffering=0)
        self._thread = Thread(target=self._run, args=(url, self._downloader(patience)), daemon=True)
        self._thread.start()

    def is_running(self, seconds: float) -> bool:
        """Whether the transfer is still going after at most so many seconds."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def stop(self) -> None:
        """Write nothing more; the thread ends by itself with the next bytes or when the server has been silent."""
        self._file.close()

    def write(self, chunk: bytes) -> None:
        """Append; pooch calls it. Raises Unusable when there is more than the file can have."""
        if self.received + len(chunk) > self._limit:
            raise Unusable(f"is too long: more than {self._limit:,} bytes")
        self._file.write(chunk)
        self.received += len(chunk)

    def flush(self) -> None:
        """Nothing is buffered; pooch calls it."""

    def _downloader(self, patience: float) -> Callable[[str, Transfer, None], None]:
        """pooch's, asking for what is missing; imported here, so that it does not count as silence of the server."""
        import pooch

        headers = {"Accept-Encoding": "identity"}  # the bytes as they are stored
        if self.received:
            headers["Range"] = f"bytes={self.received}-"
        hooks = {"response": self._begin}
        # requests gives up after whoever follows has: its own limit only ends the thread
        downloader: Callable[[str, Transfer, None], None] = pooch.HTTPDownloader(
            chunk_size=CHUNK, timeout=patience + 1.0, headers=headers, hooks=hooks
        )
        return downloader

    def _run(self, url: str, download: Callable[[str, Transfer, None], None]) -> None:
        try:
            download(url, self, None)
        except (OSError, ValueError) as error:
            self.error = self._explain(error)
        finally:
            self._file.close()
            if self._response is not None:
                self._response.close()

    def _begin(self, response: Any, **_: object) -> None:
        """Look at the head of a response before its body is read."""
        self._response = response
        if response.status_code == 416:  # the server has nothing after our bytes: they cannot be the file's
            raise Unusable("is not the file that was begun")
        if response.status_code not in (200, 206):
            return  # a redirection, which is followed, or an error, which pooch raises
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise Interrupted("is a web page, not data")
        if response.status_code == 200:
            self._file.truncate(0)
            self.received = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {self.received}-"):
            raise Unusable("is sent from another place than was asked for")
        length = response.headers.get("Content-Length", "")
        self.total = self.received + int(length) if length.isdecimal() else None

    def _explain(self, error: OSError | ValueError) -> Interrupted | Unusable | OSError:
        """The error as it continues a sentence about the file; a local one, such as a full disk, stays as it is."""
        if isinstance(error, Interrupted | Unusable):
            return error
        if isinstance(error, OSError) and error.errno is not None:
            return error
        if self._response is None:
            return Interrupted("did not arrive: the server cannot be reached")
        if self._response.status_code >= 400:
            return Interrupted(f"did not arrive: the server answered {self._response.status_code}")
        return Interrupted(f"did not arrive whole: the connection broke after {self.received:,} bytes")
