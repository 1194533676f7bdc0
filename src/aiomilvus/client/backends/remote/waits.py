"""Waiting for what a server goes on doing after its reply: loading and flushing."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.model.operations.loading import GetLoadState, Load, LoadPartitions
from aiomilvus.model.operations.maintenance import Flush, FlushAll
from aiomilvus.model.types import LoadState
from aiomilvus.wire.codec.status import check_status
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import rpc

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from google.protobuf.message import Message

    from aiomilvus.client.backends.remote.calls import Caller
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.results import LoadInfo

WAITING_TIMEOUT = 600.0
"""Seconds for these when nobody says: large collections are read from far away."""
_FIRST_LOOK, _LAST_LOOK = 0.02, 0.5
_DONE = 100


def budget_of(operation: Operation[Any], timeout: float | None) -> Budget:
    """Return the time that an operation has."""
    if timeout is None and operation.traits.waits in ("load", "flush"):
        return Budget(WAITING_TIMEOUT)
    return Budget(timeout)


async def finish(caller: Caller, operation: Operation[Any], answer: Any, budget: Budget) -> Any:
    """Return the answer of an operation when the server has really done it.

    Raises:
        DeadlineExceededError: The time ran out; the server goes on.
        MilvusException: The server gave up, and says why.
    """
    if not operation.traits.waits:
        return answer
    if isinstance(operation, Load):
        await _until(partial(_is_loaded, caller, operation, budget), "loading", budget)
    elif isinstance(operation, Flush) and answer:
        request = pb.GetFlushStateRequest(
            db_name=operation.db, collection_name=operation.collection, flush_ts=answer
        )
        asked = partial(_ask, caller, "GetFlushState", request, operation.db, budget)
        await _until(partial(_is_flushed, asked), "flushing", budget)
    elif isinstance(operation, FlushAll) and answer:
        everything = pb.GetFlushAllStateRequest(db_name=operation.db, flush_all_ts=answer)
        asked = partial(_ask, caller, "GetFlushAllState", everything, operation.db, budget)
        await _until(partial(_is_flushed, asked), "flushing", budget)
    elif isinstance(operation, GetLoadState):
        return await _with_progress(caller, operation, answer, budget)
    return answer


async def _until(look: Callable[[], Awaitable[bool]], phase: str, budget: Budget) -> None:
    """Look again and again, less often with time, until it is so."""
    wait = _FIRST_LOOK
    while not await look():
        await asyncio.sleep(min(wait, budget.left(phase)))
        wait = min(2 * wait, _LAST_LOOK)


async def _is_loaded(caller: Caller, operation: Load, budget: Budget) -> bool:
    partitions = operation.partitions if isinstance(operation, LoadPartitions) else ()
    asked = GetLoadState(db=operation.db, collection=operation.collection, partitions=partitions)
    reply = await _progress(caller, asked, budget)
    done = reply.refresh_progress if operation.refresh else reply.progress
    return bool(done >= _DONE)


async def _is_flushed(ask: Callable[[], Awaitable[Any]]) -> bool:
    return bool((await ask()).flushed)


async def _with_progress(
    caller: Caller, asked: GetLoadState, found: LoadInfo, budget: Budget
) -> LoadInfo:
    """Return a load state with its percentage, which the server tells apart."""
    if found.state != LoadState.Loading:
        return found
    reply = await _progress(caller, asked, budget)
    return msgspec.structs.replace(found, progress=reply.progress)


async def _progress(
    caller: Caller, asked: GetLoadState, budget: Budget
) -> pb.GetLoadingProgressResponse:
    request = pb.GetLoadingProgressRequest(
        db_name=asked.db, collection_name=asked.collection, partition_names=asked.partitions
    )
    reply: pb.GetLoadingProgressResponse = await _ask(
        caller, "GetLoadingProgress", request, asked.db, budget
    )
    return reply


async def _ask(caller: Caller, name: str, request: Message, db: str, budget: Budget) -> Any:
    method = rpc(name)

    def read(content: bytes) -> Any:
        reply: Any = method.response.FromString(content)
        check_status(reply.status)
        return reply

    return await caller.call(method, request.SerializeToString(), db, budget, read)
