"""What a visitor reads of a failure: a sentence that was written for people, or a reference under which the log has it.

No path, no traceback and no name of the program's own reaches a browser. Whatever handlers, server functions and routes
do not catch themselves is caught here, so that nothing fails in silence.
"""

from __future__ import annotations

import errno
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

import gradio as gr
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.training.attendant import LOOKS_INTERNAL

LONGEST = 400  # letters that a sentence for people may have
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

log = logging.getLogger(__name__)


def in_words(error: BaseException) -> str:
    """A sentence for the visitor. Only a ValueError may speak for itself; of all others it names a reference."""
    said = str(error)
    is_short = isinstance(error, ValueError) and 0 < len(said) < LONGEST
    if is_short and (is_ours(error) or not LOOKS_INTERNAL.search(said)):
        return said
    reference = secrets.token_hex(3)
    log.error("failure, reference %s", reference, exc_info=error, extra={"reference": reference})
    if isinstance(error, OSError) and error.errno in FULL:
        log.warning("the disk is full: %s", error)
        return "The server's disk is full: please try again later."
    if isinstance(error, OSError) and error.strerror:  # its own words would name the file
        return f"This machine answered: {error.strerror} (reference {reference})."
    return f"Something went wrong here (reference {reference})."


def is_ours(error: BaseException) -> bool:
    """Whether it was raised by the explorer itself: then what looks like a path is only what the visitor has sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("explorer.")


def told(error: BaseException) -> gr.Error:
    """The failure as Gradio shows it to the visitor; a gr.Error has its words already. Gradio prints neither."""
    failure = error if isinstance(error, gr.Error) else gr.Error(in_words(error))
    failure.print_exception = False
    return failure


def untimed(_: float) -> None:
    """Nobody wants to know."""


class Blocks(gr.Blocks):
    """A page that says what went wrong before and after its handlers too; Gradio's own would stay silent."""

    timed: Callable[[float], None] = staticmethod(untimed)  # told how many seconds each event took

    async def process_api(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One event, from the browser's words to the answer. Raises gr.Error alone."""
        began = time.perf_counter()
        try:
            return await super().process_api(*args, **kwargs)
        except Exception as error:
            raise told(error) from error
        finally:
            self.timed(time.perf_counter() - began)


class Spoken:
    """ASGI middleware: a request that fails in a way that nobody foresaw is answered with a sentence and status 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            words = in_words(error)
            if not begun:  # else the connection is cut, and the browser says so
                await PlainTextResponse(words, status_code=500)(scope, receive, send)
