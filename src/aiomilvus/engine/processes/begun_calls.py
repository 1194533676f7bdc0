"""The calls that followers forwarded, so that one which is sent twice is carried out once."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.processes.messages import Answer

MOST = 4096
"""Calls remembered; the oldest that have ended are forgotten first."""


class _Begun:
    """A call that was begun.

    Attributes:
        running: Held while it is carried out: a plain lock, which costs a follower's write less
            than what is made to be waited for.
        answer: What became of it; None while it runs, and where it was cut short.
    """

    __slots__ = ("answer", "running")

    def __init__(self) -> None:
        self.running = threading.Lock()
        self.answer: Answer | None = None


class BegunCalls:
    """The calls that a leader has begun, by their ids. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, _Begun] = {}

    def once(self, request: str, work: Callable[[], Answer]) -> Answer:
        """Return what `work` returns, or what it returned when it was first asked for.

        Args:
            request: The call's id.
            work: Carries the call out; it never raises.
        """
        own = _Begun()
        with own.running:
            with self._lock:
                begun = self._begun.setdefault(request, own)
                if len(self._begun) > MOST:
                    self._forget_old()
            if begun is own:
                own.answer = work()
                return own.answer
        with begun.running:
            if begun.answer is None:
                # An interrupt: whoever asks again must not wait for ever.
                raise InterruptedError(f"the call {request} was cut short")
            return begun.answer

    def _forget_old(self) -> None:
        for request in list(islice(self._begun, len(self._begun) - MOST)):
            if not self._begun[request].running.locked():
                del self._begun[request]
