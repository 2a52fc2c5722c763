"""Keeps the server's memory from growing with the number of threads that have answered visitors."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h of the GNU C library
KIB = 1024


def spare_memory() -> bool:
    """Have the C library use one heap for all threads; False where it is another library than GNU's.

    By default each thread gets a heap of its own that never shrinks: some MB for each of forty threads.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = {M_ARENA_MAX: 1, M_TRIM_THRESHOLD: 128 * KIB, M_MMAP_THRESHOLD: 64 * KIB}
    return all(mallopt(option, value) == 1 for option, value in wanted.items())
