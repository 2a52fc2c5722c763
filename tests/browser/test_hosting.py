"""As it stands on other people's pages and machines: in a foreign frame without cookies, and after a kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.conftest import ROOT, end, free_port, settle, wait_for
from tests.browser.test_page import PATIENCE, choose

FRAME = '<!doctype html><title>Host</title><iframe src="{}" width="1300" height="800"></iframe>'
# A browser that blocks third-party cookies forbids a foreign frame its storage too.
BLOCKED = """if (window !== window.top) for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied', 'SecurityError'); } });
}"""


def train_a_little(page: Page | FrameLocator) -> None:
    """Start a training, see it at work, and stop it."""
    page.get_by_role("tab", name="Train", exact=True).click()
    page.get_by_role("button", name="Train", exact=True).click(timeout=PATIENCE)
    expect(page.locator(".ae-training .ae-state")).to_contain_text("images/s", timeout=3 * PATIENCE)


@pytest.fixture
def host(server: str) -> Iterator[str]:
    """Somebody's page with the explorer in a frame; for the browser, localhost is another site than 127.0.0.1."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FRAME.format(server).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://localhost:{serving.server_port}/"
        serving.shutdown()


def test_in_a_foreign_frame_without_cookies_everything_works(browser: Browser, host: str, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.add_init_script(BLOCKED)
    page.goto(host)
    frame = page.frame_locator("iframe")
    expect(frame.locator(".ae-figures strong").first).to_be_visible(timeout=3 * PATIENCE)
    inside = page.frames[1]
    assert inside.evaluate("document.cookie = 'probe=1'; document.cookie") == ""
    train_a_little(frame)
    frame.get_by_role("button", name="Stop", exact=True).click()
    expect(frame.locator(".ae-training .ae-state")).to_contain_text("weights kept", timeout=3 * PATIENCE)
    frame.get_by_role("tab", name="Learn", exact=True).click()
    frame.get_by_role("tab", name="Take home", exact=True).first.click()
    with page.expect_download() as coming:
        frame.locator("a:visible", has_text="Model").first.click()
    parcel = tmp_path / coming.value.suggested_filename
    coming.value.save_as(parcel)
    frame.locator(".ae-bring-back input[type=file]").set_input_files(parcel)
    expect(frame.locator(".ae-bring-back [role=status]").first).to_contain_text("it is open now", timeout=PATIENCE)
    inside.evaluate("location.reload()")
    expect(frame.locator(".ae-figures strong").first).to_be_visible(timeout=3 * PATIENCE)
    assert context.cookies() == []
    context.close()


@pytest.fixture
def start(tmp_path: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """Starts the explorer on always the same port; it keeps its files."""
    port, log = str(free_port()), tmp_path / "log.txt"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": port, "EXPLORER_CACHE": str(tmp_path / "cache")}

    def started() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            command = [sys.executable, str(ROOT / "app.py")]
            process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
            )
        wait_for(f"http://127.0.0.1:{port}/", process, log)
        settle(f"http://127.0.0.1:{port}/")
        return process

    started.url = f"http://127.0.0.1:{port}/"  # type: ignore[attr-defined]
    return started


def test_after_a_kill_the_open_page_comes_back_with_its_settings_and_says_so(
    browser: Browser, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = start()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(vars(start)["url"])
        expect(page.locator(".ae-figures strong").first).to_be_visible(timeout=PATIENCE)
        choose(page, "Dense")
        train_a_little(page)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process = start()
        expect(page.get_by_text("The server was restarted")).to_be_visible(timeout=6 * PATIENCE)
        expect(page.locator(".ae-picker .ae-chip input[value=dense]").first).to_be_checked(timeout=PATIENCE)
    finally:
        context.close()
        end(process)
