"""A running explorer and a headless Chromium; every page keeps a record of what it complained about and asked for."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
expect.set_options(timeout=45_000)  # milliseconds: machines that run tests are slow and shared
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"  # that have been drawn
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL is drawn by the processor
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEVICES = {
    "desktop": ViewportSize(width=1440, height=900),
    "tablet": ViewportSize(width=1024, height=768),
    "phone": ViewportSize(width=390, height=844),
}


@dataclass(frozen=True)
class Visit:
    """An open page and its record: nothing of it may appear in a healthy explorer."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.console_errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        self.page.on("request", lambda asked: self._record(asked.url))
        self.page.on("websocket", lambda opened: self._record(opened.url))

    def _record(self, url: str) -> None:
        if urlsplit(url).hostname not in {"127.0.0.1", None}:  # data: and blob: addresses have no host
            self.foreign_requests.append(url)

    @property
    def complaints(self) -> list[str]:
        """Everything on the record, one line each."""
        return [
            *(f"console: {text}" for text in self.console_errors),
            *(f"exception: {text}" for text in self.page_errors),
            *(f"foreign host: {url}" for url in self.foreign_requests),
        ]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an explorer that runs as a person would start it, once it knows which digits it has."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with running(ROOT / "app.py", log) as url:
        settle(url)
        yield url


@contextlib.contextmanager
def running(program: Path, log: Path) -> Iterator[str]:
    """Start a page's program on a free port, wait for its answer, and end it with all that it started."""
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(program)],
            cwd=program.parent,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url, process, log)
        yield url
    finally:
        end(process)


def settle(url: str) -> None:
    """Wait for a download of MNIST to end, one way or the other: the digits shall not change within a test."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}healthz", timeout=60) as answer:
            if not json.load(answer)["downloading"]:
                return
        time.sleep(0.2)


def free_port() -> int:
    """A port that nobody listens on just now."""
    for port in random.sample(range(20_000, 32_000), 100):  # below those that the system gives away by itself
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once ``url`` answers; fail with the end of the log when the program ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.1)
    what = f"did not answer within {START_SECONDS} s" if process.poll() is None else f"ended with {process.returncode}"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
    pytest.fail(f"{process.args!r} {what}; its last lines were:\n{tail}", pytrace=False)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the program to stop, then make sure that nothing of its process group is left."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests; each of them opens pages of its own."""
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Visit]]:
    """Open the explorer: ``visit("phone", dark=True, path="?tab=map")``. Every call is a new visitor."""
    with contextlib.ExitStack() as contexts:

        def opened(device: str = "desktop", *, dark: bool = False, path: str = "") -> Visit:
            phone = device == "phone"
            context = browser.new_context(
                viewport=DEVICES[device],
                color_scheme="dark" if dark else "light",
                has_touch=phone,
                is_mobile=phone,
                device_scale_factor=2 if phone else 1,
            )
            contexts.callback(context.close)
            seen = Visit(context.new_page())
            seen.page.goto(server + path)
            return seen

        yield opened


@pytest.fixture
def desktop(visit: Callable[..., Visit]) -> Visit:
    """The explorer on a wide screen, light."""
    return visit("desktop")


@pytest.fixture
def phone(visit: Callable[..., Visit]) -> Visit:
    """The explorer on a phone, light."""
    return visit("phone")


@pytest.fixture
def dark(visit: Callable[..., Visit]) -> Visit:
    """The explorer on a wide screen whose owner prefers dark pages."""
    return visit("desktop", dark=True)
