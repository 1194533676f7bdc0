"""What an application says about a call beside what it asks: its id, when it is tried again.

Methods note it where they look at their keywords, and the remote backend reads it where it calls.
It is a context variable because it concerns no operation, and calls of several tasks or threads
are under way at once. `client.keywords` and the iterators write it, `client.backends.remote` reads.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import ParamError
from aiomilvus.model.rows.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_ID, _OTHER_REQUEST_ID = "client_request_id", "client-request-id"
_LOG_LEVEL, _OTHER_LOG_LEVEL = "log_level", "log-level"
OTHER_SPELLINGS = (_OTHER_REQUEST_ID, _OTHER_LOG_LEVEL)
"""How pymilvus' methods may be given the same, too: no names for arguments of a function."""


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What is noted of a call.

    Attributes:
        request_id: The application's id of the call, "" for none: a server's logs have it, too.
        log_level: How much a server shall log of the call, "" for its own level.
        retry_times: How often a call may be tried again, None for as often as its time allows.
        retry_on_rate_limit: Whether to try again what a server has no room for now.
    """

    request_id: str = ""
    log_level: str = ""
    retry_times: int | None = None
    retry_on_rate_limit: bool = True


NOTHING = Notes()
_WORDS = frozenset((*OTHER_SPELLINGS, REQUEST_ID, _LOG_LEVEL, "retry_times", "retry_on_rate_limit"))
_notes: ContextVar[Notes] = ContextVar("call_notes", default=NOTHING)


def note(options: Mapping[str, object]) -> None:
    """Let the calls that follow in this task or thread have what `options` say, or nothing.

    Raises:
        ParamError: An id or log level is no text that a header can hold, or what is said of
            trying again is of another type.
    """
    found = NOTHING
    if options and not _WORDS.isdisjoint(options):
        found = Notes(
            request_id=_header(options, REQUEST_ID, _OTHER_REQUEST_ID),
            log_level=_header(options, _LOG_LEVEL, _OTHER_LOG_LEVEL),
            retry_times=_times(options.get("retry_times")),
            retry_on_rate_limit=_switch(options.get("retry_on_rate_limit")),
        )
    if found is not _notes.get():
        _notes.set(found)


def noted() -> Notes:
    """Return what is noted of the call that is carried out."""
    return _notes.get()


def _header(options: Mapping[str, object], *names: str) -> str:
    """Return the text that one of `names` is given, "" for none."""
    given = next((options[name] for name in names if options.get(name) is not None), "")
    if not isinstance(given, str) or not (given.isascii() and given.isprintable()):
        raise ParamError(
            message=f"{names[0]} {shorten(given)} should be a text of printable ASCII characters"
        )
    return given


def _times(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ParamError(
            message=f"retry_times {shorten(given)} is illegal, should be a whole number of tries "
            "from 0 up, or None for as many as the timeout allows"
        )
    return given


def _switch(given: object) -> bool:
    if given is None:
        return True
    if not isinstance(given, bool):
        raise ParamError(
            message=f"retry_on_rate_limit {shorten(given)} is illegal, should be True or False"
        )
    return given
