"""The server's memory must not grow with the number of threads that have answered."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREADS = """
import ctypes, sys, threading
from explorer.ui.heap import spare_memory
if sys.argv[1] == "spare":
    assert spare_memory()
here = threading.Barrier(12)
def answer():
    here.wait()
    held = [bytearray(4000) for _ in range(100)]
    here.wait()
threads = [threading.Thread(target=answer) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
report = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, report)
library.fclose(report)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library has a heap for each thread")
def test_all_threads_share_one_heap(tmp_path: Path) -> None:
    def heaps(how: str) -> int:
        report = tmp_path / how
        subprocess.run([sys.executable, "-c", THREADS, how, str(report)], cwd=ROOT, timeout=60, check=True)
        return report.read_text().count("<heap nr=")

    assert heaps("spare") == 1
    assert heaps("as it is") > 4
