"""Which Chromium the browser tests drive; run as a program, this file sees to it that there is one.

It takes the browser named by ``CHROMIUM``, else one that the machine has, else Playwright's own, which it downloads
where the internet allows; where not, it installs Debian's package.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

INSTALLED = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "The browser tests need Chromium and found none that runs. Install it with `apt-get install chromium` (Debian), "
    "`python -m playwright install --with-deps chromium` (elsewhere), or name one: CHROMIUM=/path/to/chromium"
)
DOWNLOAD_SECONDS = 300
PACKAGE_SECONDS = 600

log = logging.getLogger("chromium")


def find() -> str | None:
    """The path of a Chromium that starts, or None. Raises ValueError when ``CHROMIUM`` names one that does not."""
    named = os.environ.get("CHROMIUM")
    if named:
        path = shutil.which(named)
        if path is None or not starts(path):
            raise ValueError(f"CHROMIUM must name a browser that starts, got {named!r}")
        return path
    return next((path for path in candidates() if starts(path)), None)


def candidates() -> Iterator[str]:
    """The browsers that lie on this machine, Playwright's own last: only asking for it takes half a second."""
    yield from filter(None, map(shutil.which, INSTALLED))
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        yield path


def starts(path: str) -> bool:
    """Whether the program runs at all: a stub that asks for another package, or one without its libraries, does not."""
    return succeeds([path, "--version"], seconds=30)


def install() -> None:
    """Try Playwright's download, then Debian's package; afterwards ``find`` tells whether either worked."""
    log.info("Downloading Chromium (Playwright's own build)")
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    if succeeds(download, DOWNLOAD_SECONDS) and find():
        return
    apt_get = administrator("apt-get")
    if apt_get:
        log.info("That did not work; installing Debian's package chromium")
        succeeds([*apt_get, "update"], PACKAGE_SECONDS)
        succeeds([*apt_get, "install", "--yes", "--no-install-recommends", "chromium"], PACKAGE_SECONDS)


def administrator(program: str) -> list[str] | None:
    """How to call ``program`` with an administrator's rights and without a question, or None where it cannot be."""
    if shutil.which(program) is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive", program]
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"], seconds=10):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", program]
    return None


def succeeds(command: list[str], seconds: float) -> bool:
    """Whether the command ends well and in time; what it says is shown only when it does not."""
    try:
        done = subprocess.run(
            command, timeout=seconds, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        log.info("%s", problem)
        return False
    if done.returncode:
        log.info("%s failed: %s", " ".join(command), (done.stderr or done.stdout).strip()[-600:])
    return done.returncode == 0


def main() -> int:
    """Find a browser or install one; the exit status says whether there is one now."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    if find() is None:
        install()
    path = find()
    log.info("%s", path or MISSING)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
