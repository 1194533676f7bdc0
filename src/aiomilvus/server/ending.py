"""A stop that takes no longer than its grace.

Requests under way have the most of it, closing the database the rest. What is not done by then
ends with its process, as a crash would end it: nothing that was acknowledged is lost, and the next
opening reads the log. That is for processes of a server; one within an application's process leaves
the process' end to the application.

The time begins when the loop takes notice of the signal. A loop that is stuck by then never does:
its process needs SIGKILL, which a worker gets from its parent a second after the grace.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import time

_log = logging.getLogger(__name__)

CLOSING, CLOSING_SHARE = 3.0, 0.3
"""Seconds of the grace that are kept for closing the database, and their largest share of it."""
LEAST = 1.0
"""Seconds that a process has to end at least, however small the grace is."""
_TOLD_BEFORE = 0.05
"""Seconds before the end at which it is told."""
_ends: list[float] = []
"""When, by the monotonic clock, the process is to have ended; at most one."""


def for_requests(grace: float) -> float:
    """Return the seconds of a stop that requests under way have to finish."""
    return grace - min(CLOSING, CLOSING_SHARE * grace)


def end_within(grace: float) -> None:
    """Let this process end in so many seconds, whatever holds it then; called on its loop."""
    seconds = max(grace, LEAST)
    asyncio.get_running_loop().call_later(
        seconds - _TOLD_BEFORE,
        _log.error,
        "the server has not stopped in %g s and is ended as it is: what it acknowledged is kept",
        seconds,
    )
    _ends[:] = [time.monotonic() + seconds]
    _arm(seconds)


def stopped() -> None:
    """Let the process live on: the stop is over, and perhaps only a part of what it does."""
    faulthandler.cancel_dump_traceback_later()


def finish() -> None:
    """Let the process, which has nothing more to do, end by the time that `end_within` said."""
    for end in _ends:
        _arm(max(end - time.monotonic(), _TOLD_BEFORE))


def _arm(seconds: float) -> None:
    # A thread of Python could not end it while another one holds the interpreter's lock, nor while
    # the interpreter gives back its memory, which takes a second after a flood.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
