"""What the server does for an RPC that is not just one operation of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.model.operations.base import Operation

    Execute = Callable[[Operation[Any]], Awaitable[Any]]


class RpcHandler(NamedTuple):
    """How an RPC is answered, and who may ask.

    Attributes:
        answer: (request, execute) → reply message; `execute` carries out an operation and
            answers what the caller may see.
        privilege: What a user must be granted, by Milvus' name; `EVERYONE` for nothing.
    """

    answer: Callable[[Any, Execute], Awaitable[Any]]
    privilege: str
