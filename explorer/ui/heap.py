"""Keeps the server's memory from growing with visitors, and with the number of threads that have answered them."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace
from typing import Any

from gradio import state_holder
from gradio.blocks import Blocks

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


class Frugal(state_holder.SessionState):
    """A visitor's session without a copy of every component's settings, and of all that was ever sent to and fro.

    Gradio 6.31 copies them when the session begins, which for this page takes 61 ms and 692 KiB, and again at every
    event; it reads them only to make deep links, which this page does not offer. What remains is 23 KiB.
    """

    def __init__(self, blocks: Blocks) -> None:
        bare: Any = SimpleNamespace(default_config=blocks.default_config, blocks={})
        super().__init__(bare)
        vars(self.blocks_config)["config_for_block"] = lambda *_: {}


def spare_copies() -> None:
    """From now on sessions begin frugally. To call twice does no harm."""
    vars(state_holder)["SessionState"] = Frugal
