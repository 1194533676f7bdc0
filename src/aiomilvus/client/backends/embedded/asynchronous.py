"""The embedded backend of `AsyncMilvusClient`: keeps the event loop free.

Per call it chooses: what is known to take far less than a millisecond runs at once, on the
loop, because a hop to a thread and back costs more; everything else runs in a thread. So do
brief reads, too, when so many wait for their turns on the loop that batches of them pay.
Searches that find all threads busy wait together (`client.backends.embedded.search_pool`).
"""

from __future__ import annotations

import asyncio
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary, ref

import msgspec

from aiomilvus.client.backends.embedded.engine import EngineHandle
from aiomilvus.client.backends.embedded.search_pool import ThreadPools, Waiter
from aiomilvus.client.backends.embedded.small_writes import SmallWrites
from aiomilvus.client.backends.embedded.synchronous import write_to
from aiomilvus.client.told_times import told
from aiomilvus.errors import DeadlineExceededError
from aiomilvus.model.operations.collections import DescribeCollection
from aiomilvus.model.operations.data import Read
from aiomilvus.model.read_limits import bounded
from aiomilvus.model.rows.insertion import Insertion

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from aiomilvus.client.address import Address
    from aiomilvus.engine.shared_database import SharedDatabase
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.prepared import Lookup, Prepared, Queries
    from aiomilvus.model.results import MutationResult, QueryResult, SearchResult
    from aiomilvus.model.schema import Schema

R = TypeVar("R")

INLINE_SECONDS = 0.0006
"""Reads estimated below this run on the loop: several times a hop's cost, well below 1 ms."""

FEW = 16
"""So many reads that wait for their turn on the loop are done there sooner than in threads."""

LONG_SECONDS = 0.01
"""Reads estimated above this have threads of their own, so that others need not wait for them."""


class _Again(NamedTuple):
    """What a caller waits for that asks a prepared search again."""

    prepared: Prepared
    queries: Queries


class _Turn:
    """How long reads have held a loop in its current turn, and how many wait for another.

    A read that holds it is a ``with`` block, in which it is bounded.
    """

    __slots__ = ("_began", "_bounds", "_loop", "held", "waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, most_bytes: int | None) -> None:
        self._loop = ref(loop)
        self._began = 0.0
        self._bounds = bounded(_never, most_bytes)
        self.held = 0.0
        self.waiting = 0

    def __enter__(self) -> None:
        loop = self._loop()
        if not self.held and loop is not None:
            loop.call_soon(self._end)
        self._bounds.__enter__()
        self._began = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._bounds.__exit__()
        self.held += perf_counter() - self._began

    def is_of(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Return whether it is this loop's."""
        return self._loop() is loop

    def _end(self) -> None:
        self.held = 0.0


class AsyncEmbedded:
    """Runs operations on the loop or in threads; safe to use from several loops and threads."""

    kind = "embedded"

    def __init__(self, address: Address, most_bytes: int | None = None) -> None:
        """Make the backend.

        Args:
            address: Where the database is.
            most_bytes: Most bytes of a read's answer, None for any number.
        """
        self._most_bytes = most_bytes
        self._handle = EngineHandle(address, "AsyncMilvusClient", on_loop=True)
        self._workers: ThreadPools | None = None
        self._small_writes: SmallWrites | None = None
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turn] = WeakKeyDictionary()
        self._last: _Turn | None = None
        """Of the turns, the one asked for last: most clients are used from one loop."""

    @property
    def role(self) -> str:
        """What this process is to others that have the directory open; "" before it is opened."""
        return self._handle.role

    async def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out and return its answer."""
        database = self._handle.database or await self._open(timeout)
        if database.is_behind_for(operation):
            await self._in_thread(partial(database.catch_up, operation), type(operation), timeout)
        if isinstance(operation, Read):
            answer: R = await self._read(database, operation, timeout)
            return answer
        if operation.traits.inline:
            return database.execute(operation)
        work = partial(database.execute, operation)
        hashes = operation.traits.hashes
        return await self._in_thread(work, type(operation), timeout, hashes=hashes)

    async def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's current schema."""
        database = self._handle.database or await self._open(timeout)
        if database.is_schema_behind(db, collection):
            work = partial(database.schema, db, collection)
            return await self._in_thread(work, DescribeCollection, timeout)
        return database.schema(db, collection)

    async def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,  # noqa: ARG002 - a write waits for the disk, so it always has a thread
        timeout: float | None,
    ) -> R:
        """Build an operation from the schema and carry it out, in a thread."""
        database = self._handle.database or await self._open(timeout)
        if isinstance(build, Insertion) and build.is_small:
            waiter = self._small().submit(build, asyncio.get_running_loop())
            making: asyncio.Future[R] = waiter.future
            if timeout is None:
                return await making
            return await within(timeout, making, kind.__name__)
        work = partial(write_to, database, db, collection, build)
        return await self._in_thread(work, kind, timeout)

    def queued(self) -> tuple[int, int]:
        """Return how many searches wait for a thread, and how many writes are under way."""
        pool = self._workers
        return (0, 0) if pool is None else (pool.waiting, pool.writing)

    async def close(self) -> None:
        """Give the database back; threads end with what they do now."""
        workers, self._workers = self._workers, None
        closing = asyncio.get_running_loop().run_in_executor(None, self._handle.close)
        try:
            # A caller that is cancelled leaves nothing open: closing goes on without it.
            await asyncio.shield(closing)
        finally:
            if workers is not None:
                workers.close()

    async def _open(self, timeout: float | None) -> SharedDatabase:
        """Open the database in a thread; the calls that come meanwhile wait for it."""
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, self._handle.open)
        return await within(timeout, asyncio.shield(opening), "opening the database")

    async def _in_thread(
        self,
        work: Callable[[], R],
        kind: type[Operation[Any]],
        timeout: float | None,
        *,
        hashes: bool = False,
    ) -> R:
        loop = asyncio.get_running_loop()
        running: asyncio.Future[R] = self._pool().submit_write(work, loop, hashes=hashes)
        return await within(timeout, running, kind.__name__)

    def _pool(self) -> ThreadPools:
        workers = self._workers
        if workers is None:
            workers = self._workers = ThreadPools(self._run_batch, most_bytes=self._most_bytes)
        return workers

    def _small(self) -> SmallWrites:
        workers, small = self._pool(), self._small_writes
        if small is None or small.workers is not workers:
            small = self._small_writes = SmallWrites(workers, self._insert)
        return small

    def _insert(
        self, insertion: Insertion, build: Callable[[Schema], Operation[MutationResult]]
    ) -> MutationResult:
        db, collection, *_ = insertion.key
        return write_to(self._handle.open(), db, collection, build)

    def _run_batch(self, asked: list[Any]) -> list[Any]:
        """Run operations that share a batch key, or one prepared search for several callers."""
        database, first = self._handle.open(), asked[0]
        if isinstance(first, _Again):
            return database.search_prepared(first.prepared, [each.queries for each in asked])
        return [database.execute(first)] if len(asked) == 1 else database.execute_batch(asked)

    async def _read(self, database: SharedDatabase, operation: Any, timeout: float | None) -> Any:
        prepared = database.prepared(operation)
        ready = None if prepared is None else prepared.ready(operation.data)
        if prepared is not None and ready is not None:
            return await self.search_again(prepared, ready, timeout)
        turn = self._turn()
        if turn.held >= INLINE_SECONDS:
            await self._give_way(turn)
        estimate = database.estimate_seconds(operation)
        if self._runs_inline(turn, estimate):
            with turn:
                return database.execute(operation)
        key = database.batch_key(operation)
        name = type(operation).__name__
        return await self._queued(operation, key, estimate, name, timeout)

    @property
    def searches(self) -> AsyncEmbedded:
        """What finds searches that were prepared before, and runs them."""
        return self

    def kept(self, db: str, collection: str, shape: Hashable) -> Prepared | None:
        """Return the search of this shape that was made on the collection as it is now.

        None also where that takes longer than a look.
        """
        database = self._handle.database
        return None if database is None else database.local.kept_search(db, collection, shape)

    async def search_again(
        self, kept: Prepared, queries: Queries, timeout: float | None
    ) -> SearchResult:
        """Return what a search that `kept` found finds for these queries."""
        turn = self._turn()
        if turn.held >= INLINE_SECONDS:
            await self._give_way(turn)
        estimate = kept.seconds(queries)
        if self._runs_inline(turn, estimate):
            database = self._handle.database or await self._open(timeout)
            with turn:
                return database.search_prepared(kept, (queries,))[0]
        again = _Again(kept, queries)
        found: SearchResult = await self._queued(again, kept, estimate, "Search", timeout)
        return found

    def kept_lookup(self, db: str, collection: str, shape: Hashable) -> Lookup | None:
        """As `kept`, for reads of some keys."""
        database = self._handle.database
        return None if database is None else database.local.kept_lookup(db, collection, shape)

    async def look_up(
        self, kept: Lookup, keys: Column | None, timeout: float | None
    ) -> QueryResult:
        """Return the rows that a read which `kept_lookup` found finds for these keys."""
        turn = self._turn()
        if turn.held >= INLINE_SECONDS:
            await self._give_way(turn)
        estimate = kept.seconds(keys)
        if self._runs_inline(turn, estimate):
            database = self._handle.database or await self._open(timeout)
            with turn:
                return database.ask(lambda local: local.look_up(kept, keys))
        again = msgspec.structs.replace(kept.operation, ids=keys)
        found: QueryResult = await self._queued(again, None, estimate, "Query", timeout)
        return found

    def _turn(self) -> _Turn:
        """Return the running loop's turn."""
        loop = asyncio.get_running_loop()
        turn = self._last
        if turn is None or not turn.is_of(loop):
            turn = self._turns.get(loop)
            if turn is None:
                turn = self._turns[loop] = _Turn(loop, self._most_bytes)
            self._last = turn
        return turn

    def _runs_inline(self, turn: _Turn, estimate: float) -> bool:
        """Return whether a read runs on the loop."""
        pool = self._workers
        is_brief = estimate < INLINE_SECONDS and turn.held < INLINE_SECONDS
        return is_brief and (pool is None or pool.is_idle)

    async def _queued(
        self, asked: object, key: Hashable, estimate: float, name: str, timeout: float | None
    ) -> Any:
        """Return what a read brings that waits for a thread, perhaps with others of its `key`."""
        waiter = Waiter(
            asked,
            key,
            asyncio.get_running_loop(),
            is_long=estimate > LONG_SECONDS,
            is_brief=estimate < INLINE_SECONDS,
        )
        self._pool().submit(waiter)
        return await within(timeout, waiter.future, name)

    async def _give_way(self, turn: _Turn) -> None:
        """Let others have their turn, and more of them while few reads wait for theirs.

        Each time costs a hundredth of a hop to a thread and back.
        """
        turn.waiting += 1
        try:
            await asyncio.sleep(0)
            while turn.held >= INLINE_SECONDS and turn.waiting <= FEW:
                if self._workers is not None and not self._workers.is_idle:
                    return
                await asyncio.sleep(0)
        finally:
            turn.waiting -= 1


def _never() -> bool:
    """Tell that the caller of a read that holds the loop is still there."""
    return False


async def within(timeout: float | None, future: asyncio.Future[R], phase: str) -> R:
    """Return what `future` brings, or raise when `timeout` seconds have passed.

    Raises:
        DeadlineExceededError: The time ran out; the message names the phase.
    """
    if timeout is None:
        return await future
    try:
        return await asyncio.wait_for(future, timeout)
    except asyncio.TimeoutError:
        raise DeadlineExceededError(
            message=f"{phase} took longer than the timeout of {told(timeout)}"
        ) from None
