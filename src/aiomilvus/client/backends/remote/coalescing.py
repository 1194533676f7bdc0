"""Searches under way at once that differ only in their queries, sent as one request.

Most of what a search through gRPC costs is the call, at the client and at the server, and
hardly any of that grows with the queries in it. So while `MOST_REQUESTS` requests of a kind are
under way, further searches of that kind wait for one of them to return, `LONGEST_WAIT` at most,
and go together. A search that finds fewer under way goes at once, by itself. (Those of an embedded
engine are coalesced in `client.backends.embedded.search_pool`.)

A search can be sent with others when each of its queries is answered by itself and what came of
it can be told apart: see `kind_of`. Whoever waits has a time limit and a cancellation of his own.
"""

from __future__ import annotations

import asyncio
import copy
from collections import deque
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from aiomilvus.errors import (
    DeadlineExceededError,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    RateLimitError,
)
from aiomilvus.model.columns import BytesColumn, SparseColumn, VectorColumn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from aiomilvus.client.backends.remote.budget import Budget
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import SearchResult
    from aiomilvus.model.schema import Schema

    Send = Callable[[Search, Budget], Awaitable[SearchResult]]

MOST_REQUESTS = 4
"""Requests of a kind under way from which on searches are gathered."""
MOST_QUERIES = 64
"""Queries in a request; so many waiting are sent without delay."""
LONGEST_WAIT = 0.002
"""Seconds that a search waits for others at most."""
_LARGE = 16
"""Queries from which on a search is sent by itself."""

_PLAIN = frozenset((int, float, str, bool))
_EVERYBODYS = (
    DeadlineExceededError,
    MilvusUnavailableException,
    NotAuthenticatedError,
    RateLimitError,
)
"""Failures that no single search is the cause of."""


def kind_of(op: Search) -> Hashable | None:
    """Return what searches that can be sent together share, None if this one can't be."""
    data = op.data
    if not isinstance(data, (VectorColumn, SparseColumn, BytesColumn)) or op.ids is not None:
        return None
    if op.iterator is not None or op.group_by or op.order_by or op.extra or op.ranker is not None:
        return None
    if not 0 < len(data) < _LARGE or "random_sample" in op.filter.lower():
        return None
    given = op.filter_params
    if given and not all(type(value) in _PLAIN for value in given.values()):
        return None
    return (
        (op.db, op.collection, op.field, op.filter, op.limit, op.offset),
        (op.output_fields, op.partitions, op.namespace, op.metric, op.radius, op.range_filter),
        (op.round_decimal, op.ignore_growing, op.snapshot, op.time_zone, op.cluster),
        (op.consistency, op.guarantee_timestamp),
        # As text, because 64 and 64.0 and True are equal but not the same.
        repr(op.params) if op.params else "",
        repr(given) if given else "",
        (type(data), data.values.shape[1:], data.values.dtype.char)
        if isinstance(data, VectorColumn)
        else type(data),
    )


class SearchCoalescer:
    """Sends searches, several at a time where that saves calls; safe to use from several loops."""

    def __init__(self) -> None:
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, _Kind]] = (
            WeakKeyDictionary()
        )

    async def search(
        self, operation: Search, schema: Schema, budget: Budget, send: Send
    ) -> SearchResult:
        """Return what `operation` finds.

        Args:
            operation: The search.
            schema: The schema it was made for; only searches of the same object go together.
            budget: The time it has.
            send: Sends a search, of this kind and schema, and returns what it finds.
        """
        notes = budget.notes
        kind_name = kind_of(operation)
        if kind_name is None or notes.request_id or notes.log_level:
            return await send(operation, budget)
        name = (kind_name, notes)
        kinds = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        kind = kinds.get(name)
        if kind is None or kind.schema is not schema:
            kind = kinds[name] = _Kind(name, kinds, schema, send)
        return await kind.search(operation, budget)


class _Waiter:
    """A search that waits to be sent, or for what it finds."""

    __slots__ = ("answer", "budget", "operation", "request")

    def __init__(self, operation: Search, budget: Budget, answer: asyncio.Future[Any]) -> None:
        self.operation = operation
        self.budget = budget
        self.answer = answer
        self.request: _Request | None = None

    def expire(self) -> None:
        """Tell that the time is up."""
        self.refuse(self.budget.exceeded("Search"))

    def refuse(self, error: BaseException) -> None:
        """Tell why there is no answer, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_exception(error)


class _Request:
    """Searches that are sent as one."""

    def __init__(self, waiters: list[_Waiter]) -> None:
        self.waiters = waiters
        self.queries = sum(waiter.operation.nq for waiter in waiters)
        self.task: asyncio.Task[None] | None = None

    def abandon_if_unwanted(self) -> None:
        """End the request when nobody waits for it any more."""
        if self.task is not None and all(waiter.answer.done() for waiter in self.waiters):
            self.task.cancel()


class _Kind:
    """The searches of one kind on one loop; forgotten when none is left.

    Args:
        name: What the searches share.
        kinds: Where the kind is listed by its name.
        schema: The schema that the searches were made for.
        send: Sends a search of the kind.
    """

    def __init__(
        self, name: Hashable, kinds: dict[Hashable, _Kind], schema: Schema, send: Send
    ) -> None:
        self._name = name
        self._kinds = kinds
        self.schema = schema
        self._send = send
        self._waiting: deque[_Waiter] = deque()
        self._requests = 0
        self._queries = 0
        """Queries in the requests that are under way."""
        self._planned: asyncio.Handle | None = None
        self._limit: asyncio.TimerHandle | None = None

    async def search(self, operation: Search, budget: Budget) -> SearchResult:
        """Return what `operation` finds."""
        if not self._waiting and self._queries < MOST_REQUESTS:
            return await self._alone(operation, budget)
        loop = asyncio.get_running_loop()
        waiter = _Waiter(operation, budget, loop.create_future())
        limit = loop.call_later(budget.left("Search"), waiter.expire)
        self._waiting.append(waiter)
        self._plan()
        try:
            found: SearchResult = await waiter.answer
        except BaseException:
            waiter.answer.cancel()
            if waiter.request is not None:
                waiter.request.abandon_if_unwanted()
            raise
        finally:
            limit.cancel()
        return found

    async def _alone(self, operation: Search, budget: Budget) -> SearchResult:
        """Send a search by itself, in its caller's own task."""
        self._count(1, operation.nq)
        try:
            return await self._send(operation, budget)
        finally:
            self._count(-1, -operation.nq)
            self._plan()

    def _count(self, requests: int, queries: int) -> None:
        self._requests += requests
        self._queries += queries

    def _plan(self) -> None:
        """Look what to send once all tasks that can run have said what they search for."""
        if not self._waiting:
            self._forget_if_idle()
        elif self._planned is None:
            self._planned = asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        """Send what waits, as far as requests may be begun."""
        self._planned = None
        while self._waiting and (
            self._requests < MOST_REQUESTS or len(self._waiting) >= MOST_QUERIES
        ):
            self._begin(self._share())
        if not self._waiting:
            self._stop_limit()
            self._forget_if_idle()
        elif self._limit is None:
            loop = asyncio.get_running_loop()
            self._limit = loop.call_later(LONGEST_WAIT, self._wait_no_longer)

    def _wait_no_longer(self) -> None:
        self._limit = None
        while self._waiting:
            self._begin(MOST_QUERIES)
        self._forget_if_idle()

    def _forget_if_idle(self) -> None:
        """Leave the list of kinds when no search waits or is under way."""
        if not self._waiting and not self._requests and self._kinds.get(self._name) is self:
            del self._kinds[self._name]

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _share(self) -> int:
        """Return how many queries make requests of equal size of all that is asked now."""
        waiting = sum(waiter.operation.nq for waiter in self._waiting)
        return min(MOST_QUERIES, -(-(self._queries + waiting) // MOST_REQUESTS))

    def _begin(self, queries: int) -> None:
        """Send searches that wait, up to so many queries, but at least one search."""
        chosen: list[_Waiter] = []
        while self._waiting:
            if self._waiting[0].answer.done():
                self._waiting.popleft()
                continue
            queries -= self._waiting[0].operation.nq
            if queries < 0 and chosen:
                break
            chosen.append(self._waiting.popleft())
        if not chosen:
            return
        request = _Request(chosen)
        for waiter in chosen:
            waiter.request = request
        self._count(1, request.queries)
        request.task = asyncio.get_running_loop().create_task(self._run(request))

    async def _run(self, request: _Request) -> None:
        """Send a request, and give every search what is its own."""
        waiters = request.waiters
        try:
            longest = max(waiters, key=lambda waiter: waiter.budget.end).budget
            found = await self._send(_joined(waiters), longest)
            _give(waiters, found)
        except MilvusException as error:
            if len(waiters) == 1 or isinstance(error, _EVERYBODYS):
                _refuse(waiters, error)
            else:
                await asyncio.gather(*map(self._again, waiters))
        except BaseException as error:
            _refuse(waiters, error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._count(-1, -request.queries)
            self._plan()

    async def _again(self, waiter: _Waiter) -> None:
        """Send a search by itself, because it or another of its request was refused."""
        if waiter.answer.done():
            return
        try:
            found = await self._send(waiter.operation, waiter.budget)
        except asyncio.CancelledError:
            waiter.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits must be told, whatever it is
            waiter.refuse(error)
        else:
            _give([waiter], found)


def _joined(waiters: list[_Waiter]) -> Search:
    """Return one search for the queries of all."""
    first = waiters[0].operation
    if len(waiters) == 1:
        return first
    columns: list[Any] = [waiter.operation.data for waiter in waiters]
    return msgspec.structs.replace(first, data=type(columns[0]).concat(columns))


def _give(waiters: list[_Waiter], found: SearchResult) -> None:
    """Give each search the hits of its queries."""
    at = 0
    for waiter in waiters:
        after = at + waiter.operation.nq
        if not waiter.answer.done():
            waiter.answer.set_result(found if len(waiters) == 1 else found.part(at, after))
        at = after


def _refuse(waiters: list[_Waiter], error: BaseException) -> None:
    """Tell all why there is no answer, each with an error of its own."""
    for waiter in waiters:
        if isinstance(error, asyncio.CancelledError):
            waiter.answer.cancel()
        else:
            waiter.refuse(copy.copy(error))
