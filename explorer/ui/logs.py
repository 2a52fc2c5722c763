"""The log: lines for people, or with ``EXPLORER_LOG=json`` one JSON object a line, for programs that gather logs."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime

PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OTHERS = ("uvicorn", "uvicorn.access")  # loggers that bring handlers of their own


class JsonLines(logging.Formatter):
    """One object a record: time, level, logger, message; where there is one, the reference, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """A line without its end."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if reference := vars(record).get("reference"):
            told["reference"] = reference
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def is_json() -> bool:
    """Whether the log is for programs."""
    return os.environ.get("EXPLORER_LOG") == "json"


def start_log() -> None:
    """Write warnings and errors of everybody, and what the explorer itself has to say, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if is_json() else logging.Formatter(PLAIN))
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("explorer"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("explorer").setLevel(logging.INFO)
    logging.captureWarnings(True)


def gather() -> None:
    """Have the web server, which must be running, write into this log instead of its own."""
    for name in OTHERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
