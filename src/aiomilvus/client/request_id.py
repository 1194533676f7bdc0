"""The id that an application gives a call, ``client_request_id``: a server's logs have it, too.

Methods note it where they look at their keywords, and the remote backend reads it where it calls.
It is a context variable because it concerns no operation, and calls of several tasks or threads
are under way at once. `client.keywords` and the iterators write it, `client.backends.remote` reads.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError
from aiomilvus.model.rows.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("client_request_id", "client-request-id")
_id: ContextVar[str] = ContextVar("client_request_id", default="")


def note(options: Mapping[str, object]) -> None:
    """Let the calls that follow in this task or thread have the id in `options`, or none.

    Raises:
        ParamError: It is no text that a header can hold.
    """
    given: object = ""
    if options:
        given = next((options[key] for key in KEYS if options.get(key) is not None), "")
        if not isinstance(given, str) or not (given.isascii() and given.isprintable()):
            raise ParamError(
                message=f"client_request_id {shorten(given)} should be a text of printable ASCII "
                "characters"
            )
    if given or _id.get():
        _id.set(str(given))


def noted() -> str:
    """Return the id of the call that is carried out, "" for none."""
    return _id.get()
