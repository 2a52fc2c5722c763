"""Brings MNIST to this machine: ``python -m explorer.data``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from explorer.data import mnist
from explorer.data.fetch import DownloadError, DownloadProgress


def main(arguments: Sequence[str] | None = None) -> int:
    """Download what is missing or wrong and tell about it on the terminal; 0 when MNIST is complete."""
    parser = argparse.ArgumentParser(prog="python -m explorer.data", description="Bring MNIST to this machine.")
    parser.add_argument("--mirror", action="append", help="where to fetch it from, instead of the public mirrors")
    mirrors = parser.parse_args(arguments).mirror or mnist.MIRRORS
    for problem in mnist.problems():
        sys.stderr.write(f"{problem}\n")
    try:
        for progress in mnist.download(mirrors=mirrors):
            _show(progress)
    except DownloadError as error:
        sys.stderr.write("\n".join(error.sentences) + "\n")
        return 1
    sys.stderr.write("MNIST is complete: 60,000 digits to train with and 10,000 to test with.\n")
    return 0


def _show(progress: DownloadProgress) -> None:
    """One line a file: rewritten in place on a terminal, written once, at the end, into a log."""
    is_whole = progress.received == progress.total
    if sys.stderr.isatty() or is_whole:
        start = "\r" if sys.stderr.isatty() else ""
        total = f" of {progress.total:,}" if progress.total else ""
        end = "\n" if is_whole else ""
        sys.stderr.write(f"{start}{progress.file}: {progress.received:,}{total} bytes from {progress.mirror}{end}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
