"""The digits that every visitor sees: MNIST, or the stand-in until MNIST has been downloaded."""

from __future__ import annotations

import logging
import threading

from explorer import data
from explorer.data.mnist import DownloadError, available, download

log = logging.getLogger(__name__)


class Library:
    """Holds the current data set, and fetches MNIST in the background when it is not on this machine."""

    def __init__(self) -> None:
        self.dataset = data.load()
        self.problem = ""  # why MNIST is not here, in a sentence; empty while there is hope
        self.share = 0.0  # of the file that is being downloaded
        self._thread: threading.Thread | None = None

    @property
    def is_downloading(self) -> bool:
        """Whether MNIST is on its way."""
        return self._thread is not None and self._thread.is_alive()

    def fetch(self) -> None:
        """Start the download unless MNIST is here or on its way."""
        if self.dataset.is_stand_in and not self.is_downloading:
            self.problem, self.share = "", 0.0
            self._thread = threading.Thread(target=self._fetch, name="mnist-download", daemon=True)
            self._thread.start()

    def _fetch(self) -> None:
        try:
            for progress in download():
                self.share = progress.received / progress.total if progress.total else 0.0
            self.dataset = available() or self.dataset
            self.problem = "MNIST was downloaded but cannot be read" if self.dataset.is_stand_in else ""
        except DownloadError as error:
            log.warning("MNIST could not be downloaded: %s", error)
            self.problem = "MNIST could not be downloaded"
        except OSError as error:
            log.warning("MNIST could not be stored: %s", error)
            self.problem = "MNIST could not be stored on this machine"
