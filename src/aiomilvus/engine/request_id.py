"""Which forwarded call a thread carries out, for those who note it in the log or the catalog.

A follower that loses its leader asks the next one, by this id, what became of its call. A call
that came from the leader's own process has none: its caller's process ended with the leader.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from aiomilvus.model.operations.traits import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITE: ContextVar[str] = ContextVar("aiomilvus_write", default="")
_DEFINITION: ContextVar[str] = ContextVar("aiomilvus_definition", default="")


def current_request() -> str:
    """Return the id of the forwarded write that this thread carries out, or ""."""
    return _WRITE.get()


def current_definition() -> str:
    """Return the id of the forwarded definition that this thread carries out, or ""."""
    return _DEFINITION.get()


@contextmanager
def carrying_out(request: str, kind: Kind) -> Iterator[None]:
    """Let the block be the carrying out of a forwarded call.

    What is neither a write nor a definition can be carried out twice without harm, and has an
    answer that only the carrying out tells.
    """
    variable = {Kind.WRITE: _WRITE, Kind.DEFINITION: _DEFINITION}.get(kind)
    if variable is None:
        yield
        return
    token = variable.set(request)
    try:
        yield
    finally:
        variable.reset(token)
