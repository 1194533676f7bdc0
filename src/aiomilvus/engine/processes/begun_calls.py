"""The calls that followers forwarded, so that one which is sent twice is carried out once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.processes.messages import Answer

MOST = 4096
"""Calls remembered; the oldest that have ended are forgotten first."""


class BegunCalls:
    """The calls that a leader has begun, by their ids. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, Future[Answer]] = OrderedDict()

    def once(self, request: str, work: Callable[[], Answer]) -> Answer:
        """Return what `work` returns, or what it returned when it was first asked for.

        Args:
            request: The call's id.
            work: Carries the call out; it never raises.
        """
        own: Future[Answer] = Future()
        with self._lock:
            begun = self._begun.setdefault(request, own)
            self._forget_old()
        if begun is own:
            try:
                own.set_result(work())
            finally:
                if not own.done():  # an interrupt: whoever asks again must not wait for ever
                    own.set_exception(InterruptedError(f"the call {request} was cut short"))
        return begun.result()

    def _forget_old(self) -> None:
        for request in list(self._begun)[: len(self._begun) - MOST]:
            if self._begun[request].done():
                del self._begun[request]
