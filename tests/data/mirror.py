"""A mirror on this machine that answers each request as a test wants it: well, wrongly, late or never."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import numpy as np

from explorer.data.idx import IdxFile

PAGE = b"<!DOCTYPE html><html><body>Sign in to this network</body></html>"


def small_file(name: str = "train-images-idx3-ubyte", shape: tuple[int, ...] = (60, 28, 28)) -> tuple[IdxFile, bytes]:
    """A file in MNIST's format that no other place has, and its plain bytes; 47 kB, which hardly compress."""
    pixels = np.random.default_rng(len(name)).integers(0, 256, shape, np.uint8).tobytes()
    header = IdxFile(name, shape, "").header
    return IdxFile(name, shape, hashlib.sha256(header + pixels).hexdigest()), header + pixels


def packed(content: bytes) -> bytes:
    """The same bytes every time."""
    return gzip.compress(content, mtime=0)


def flipped(content: bytes) -> bytes:
    """One bit is wrong, in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


class Request(BaseHTTPRequestHandler):
    """One request; an ``Answer`` decides what becomes of it."""

    mirror: Mirror

    def do_GET(self) -> None:
        self.mirror.asked.append(self.headers["Range"])
        answers = self.mirror.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self, self.mirror.files[self.path.removeprefix("/")])

    def head(self, status: int, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not into the terminal: tests read in ``Mirror.asked`` what was asked."""


Answer = Callable[[Request, bytes], None]


class Mirror:
    """Its ``answers`` are given one after the other, the last one for ever; ``asked`` holds the Range of requests."""

    def __init__(self, files: Mapping[str, bytes], *answers: Answer) -> None:
        self.files = dict(files)
        self.answers = list(answers) or [whole]
        self.asked: list[str | None] = []
        self.closing = Event()
        handler = type("Handler", (Request,), {"mirror": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/"


@contextmanager
def serving(files: Mapping[str, bytes], *answers: Answer) -> Iterator[Mirror]:
    """A mirror that runs until the test has ended."""
    mirror = Mirror(files, *answers)
    thread = Thread(target=mirror.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mirror
    finally:
        mirror.closing.set()
        mirror.server.shutdown()
        mirror.server.server_close()  # waits for the requests that are still answered
        thread.join()


def whole(request: Request, content: bytes) -> None:
    """As a good server does: what is asked for, from where it is asked for."""
    asked = re.fullmatch(r"bytes=(\d+)-", request.headers["Range"] or "")
    start = int(asked[1]) if asked else 0
    if start >= len(content):
        request.head(416, 0)
    elif asked:
        rest = content[start:]
        request.head(206, len(rest), Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")
        request.wfile.write(rest)
    else:
        request.head(200, len(content))
        request.wfile.write(content)


def from_the_start(request: Request, content: bytes) -> None:
    """A server that knows nothing of ranges."""
    request.head(200, len(content))
    request.wfile.write(content)


def without_length(request: Request, content: bytes) -> None:
    request.head(200)
    request.wfile.write(content)


def elsewhere(request: Request, content: bytes) -> None:
    """A server that calls the whole file the part that was asked for."""
    request.head(206, len(content), Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")
    request.wfile.write(content)


def fails(request: Request, content: bytes) -> None:
    request.head(500, 0)


def web_page(request: Request, content: bytes) -> None:
    request.head(200, len(PAGE), Content_Type="text/html; charset=utf-8")
    request.wfile.write(PAGE)


def unnamed_web_page(request: Request, content: bytes) -> None:
    request.head(200, len(PAGE))
    request.wfile.write(PAGE)


def nothing(request: Request, content: bytes) -> None:
    request.head(200, 0)


def half(request: Request, content: bytes) -> None:
    """Says that half of the file is all there is."""
    request.head(200, len(content) // 2)
    request.wfile.write(content[: len(content) // 2])


def with_a_wrong_bit(request: Request, content: bytes) -> None:
    request.head(200, len(content))
    request.wfile.write(flipped(content))


def without_end(request: Request, content: bytes) -> None:
    request.head(200)
    request.wfile.write(bytes(10 * len(content)))


def breaks_off(request: Request, content: bytes) -> None:
    """Hangs up after half of the file."""
    request.head(200, len(content))
    request.wfile.write(content[: len(content) // 2])


def stalls(request: Request, content: bytes) -> None:
    """Sends half of the file and then nothing more, without hanging up."""
    breaks_off(request, content)
    request.mirror.closing.wait(30.0)


def is_silent(request: Request, content: bytes) -> None:
    """Accepts the request and never answers."""
    request.mirror.closing.wait(30.0)


def moved(request: Request, content: bytes) -> None:
    """Sends the visitor to where it was already, which is answered by the next answer."""
    request.head(302, 0, Location=request.path)
