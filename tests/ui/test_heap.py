"""The server's memory must not grow with the number of threads that have answered."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = """
import sys, threading, psutil
from explorer.ui.heap import spare_memory
if sys.argv[1] == "spare":
    assert spare_memory()
here = threading.Barrier(12)
def answer():
    here.wait()
    held = [bytearray(4000) for _ in range(1500)]
    last = bytearray(4000)  # keeps the end of a heap of its own from being given back
    del held
    here.wait()
    return last
threads = [threading.Thread(target=answer) for _ in range(12)]
before = psutil.Process().memory_info().rss
for thread in threads: thread.start()
for thread in threads: thread.join()
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library has a heap for each thread")
def test_memory_of_many_threads_is_given_back() -> None:
    def grown(how: str) -> float:
        command = [sys.executable, "-c", THREADS, how]
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout)

    assert grown("spare") < 0.5 * grown("as it is")
