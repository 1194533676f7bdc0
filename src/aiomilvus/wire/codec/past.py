"""How a read of a moment in the past crosses the wire: with one more header.

Milvus' protocol has no field for it that a server would refuse if it did not know it. So metadata
names the moment, and the reply's status says among ``extra_info`` which moment was read. A server
that does not know the header answers with the present, without it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.wire.proto import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.message import Message

_KEY = "aiomilvus-at"
_TIMESTAMP = re.compile("[0-9]{1,19}")


def header(at: int) -> tuple[str, str]:
    """Return the metadata that asks for a moment, a hybrid timestamp."""
    return _KEY, str(at)


def moment_in(metadata: Iterable[tuple[str, str | bytes]]) -> int:
    """Return the moment that a call's metadata asks for, 0 for the present.

    Raises:
        ParamError: It is no timestamp.
    """
    given = next((value for key, value in metadata if key == _KEY), None)
    if given is None:
        return 0
    if isinstance(given, str) and _TIMESTAMP.fullmatch(given) and 0 < int(given) < 1 << 63:
        return int(given)
    raise ParamError(message=f"{_KEY} {given!r:.80} is no hybrid timestamp: invalid parameter")


def with_moment(reply: bytes, at: int, response: Callable[..., Message]) -> bytes:
    """Return a serialized reply that says which moment was read; `response` makes one."""
    # Messages laid end to end are one: their parts are merged.
    said = response(status=messages.Status(extra_info={_KEY: str(at)}))
    return reply + said.SerializeToString()


def check_moment(status: messages.Status, at: int, server: str) -> None:
    """Raise NotSupportedError if a server has read the present instead of a moment.

    Args:
        status: The reply's status.
        at: The moment.
        server: Where the reply came from, for messages.
    """
    if status.extra_info.get(_KEY) != str(at):
        message = f"at= is not supported by the server at {server}: aiomilvus serve reads the past"
        raise NotSupportedError(message=message)
