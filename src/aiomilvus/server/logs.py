"""The program's log: lines of text, or an object of JSON on each line."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any

import msgspec

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TALKATIVE = ("faiss", "uvicorn")
"""Libraries that tell at level info what concerns only those who debug them."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "request", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up_logs(level: str, form: str) -> None:
    """Send what is logged to the standard error output; for programs, not for libraries.

    Args:
        level: The least that is logged.
        form: ``text`` or ``json``.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level == "info":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
