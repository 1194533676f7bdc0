"""How `explain` crosses the wire: a search or query with one more header.

Milvus' protocol has no call for it. So the request is that of the read itself, and metadata asks
for its explanation instead; the reply has no hits, and its status carries the explanation as JSON
among ``extra_info``. A server that does not know the header answers as ever, without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import MilvusException, NotSupportedError
from aiomilvus.model.explanation import Explanation
from aiomilvus.wire.codec.status import check_status
from aiomilvus.wire.proto import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

HEADER = ("aiomilvus-explain", "1")
"""The metadata that asks for an explanation."""
RPCS = frozenset({"Search", "HybridSearch", "Query"})
"""The RPCs that can be explained, and can read the past."""
_KEY = "aiomilvus-explanation"


def write_explanation(explanation: Explanation, response: Callable[..., Message]) -> bytes:
    """Return the serialized reply that carries an explanation; `response` makes one."""
    text = msgspec.json.encode(explanation).decode()
    return response(status=messages.Status(extra_info={_KEY: text})).SerializeToString()


def read_explanation(status: messages.Status, server: str) -> Explanation:
    """Return the explanation that a reply carries.

    Args:
        status: The reply's status.
        server: Where it came from, for messages.

    Raises:
        NotSupportedError: The server has carried the read out as if nobody had asked.
        MilvusException: The read was refused, or the server's explanation is none.
    """
    check_status(status)
    text = status.extra_info.get(_KEY, "")
    if not text:
        message = f"the server at {server} does not explain reads: aiomilvus serve does"
        raise NotSupportedError(message=message)
    try:
        return msgspec.json.decode(text, type=Explanation)
    except msgspec.DecodeError as error:
        message = f"the server at {server} explains in another form: {error}"
        raise MilvusException(message=message) from None
