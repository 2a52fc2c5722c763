"""Whether the server lives, and whether visitors may be sent to it."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from explorer.models.checkpoint import CheckpointError
from explorer.ui.explorer import Explorer
from explorer.ui.failure import in_words
from explorer.ui.session import Session

log = logging.getLogger(__name__)


class Health:
    """``/healthz`` answers as long as the server does; ``/readyz`` says 503, and why, until the page can be shown."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.obstacle = "the shipped weights are being checked"  # empty: ready

    def prepare(self) -> None:
        """Start to check the weights and to open what the first view shows; nobody waits for it."""
        threading.Thread(target=self.check, name="readiness", daemon=True).start()

    def check(self) -> None:
        """Damaged models are left out; the page can do without some, but not without all."""
        began, gallery = time.perf_counter(), self.explorer.gallery
        try:
            gallery.check()
            if gallery.shipped.keys() <= gallery.broken.keys():
                raise ValueError("none of the shipped models can be used")
            with suppress(CheckpointError):  # then the page shows another
                self.explorer.current(Session())
        except Exception as error:  # noqa: BLE001  it goes into the log
            self.obstacle = in_words(error)
            return
        self.obstacle = ""
        log.info("ready, %.1f s after the start of the check", time.perf_counter() - began)

    def routes(self) -> list[Route]:
        """Both addresses."""
        return [Route("/healthz", self._health), Route("/readyz", self._ready)]

    async def _health(self, _: Request) -> JSONResponse:
        library = self.explorer.library
        return JSONResponse({"ok": True, "dataset": library.dataset.name, "downloading": library.is_downloading})

    async def _ready(self, _: Request) -> JSONResponse:
        broken = sorted(self.explorer.gallery.broken)
        preparing = not self.explorer.prepared.is_set()
        told = {"ready": not self.obstacle, "reason": self.obstacle, "broken": broken, "preparing": preparing}
        return JSONResponse(told, status_code=503 if self.obstacle else 200)
