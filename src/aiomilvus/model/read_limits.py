"""What a read may take: no time when nobody waits for it any more, and so much memory.

Whoever runs a read in a thread says what bounds it; what computes asks between its steps, each
of which takes a fraction of a second. A read that was begun without saying so has no bounds.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aiomilvus.errors import ParamTooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

HIT_BYTES = 12
"""What a hit takes in an answer: its key and its score."""


class Abandoned(Exception):
    """Nobody waits for the answer."""


class _Here(threading.local):
    """What bounds the read of this thread."""

    is_abandoned: Callable[[], bool] | None = None
    most_bytes: int | None = None


_here = _Here()


class bounded:  # noqa: N801 - used as a function: `with bounded(…):`
    """Bounds the read that runs in a ``with`` block, in this thread.

    Args:
        is_abandoned: Whether nobody waits for it any more; asked often, from this thread.
        most_bytes: Most bytes of its answer, None for any number.
    """

    __slots__ = ("_before", "_is_abandoned", "_most_bytes")

    def __init__(self, is_abandoned: Callable[[], bool], most_bytes: int | None) -> None:
        self._is_abandoned = is_abandoned
        self._most_bytes = most_bytes

    def __enter__(self) -> None:
        here = _here
        self._before = here.is_abandoned, here.most_bytes
        here.is_abandoned, here.most_bytes = self._is_abandoned, self._most_bytes

    def __exit__(self, *_: object) -> None:
        _here.is_abandoned, _here.most_bytes = self._before


def end_if_abandoned() -> None:
    """Raise `Abandoned` when nobody waits for what this thread computes."""
    asked = _here.is_abandoned
    if asked is not None and asked():
        raise Abandoned


def is_limited() -> bool:
    """Return whether the read of this thread may have so many bytes and no more."""
    return _here.most_bytes is not None


def check_output(size: int) -> None:
    """Refuse an answer of so many bytes where it is more than the read may have.

    Raises:
        ParamTooLargeError: It is; asked before it is made.
    """
    most = _here.most_bytes
    if most is not None and size > most:
        raise ParamTooLargeError(
            message=f"the answer would have about {size} bytes, but may have {most}: ask for fewer "
            "queries, hits, rows or fields"
        )
