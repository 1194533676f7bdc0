"""Inserts of a few rows that wait at the same time, made as one.

What a durable insert costs hardly depends on its rows while they are few: a hop to a thread and
back, columns, a record of the log, a sync, a snapshot. So while a thread makes one, those that
come for the same place wait together and are the next one. Those who are told together have their
turn on their loop before the next one is begun: what they write again at once is one as well, and
threads and loop do not take the interpreter from each other meanwhile. Each caller has its own
future, so its own answer, timeout and cancellation. Rows that are refused fail their own caller
alone.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from aiomilvus.client.backends.embedded.search_pool import (
    Waiter,
    awaitable_error,
    deliver,
    settle,
)
from aiomilvus.errors import DataNotMatchException, ModelError, ParamError
from aiomilvus.model.rows.insertion import MOST_ROWS, shares

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable, Sequence

    from aiomilvus.client.backends.embedded.search_pool import ThreadPools
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.operations.data import Insert
    from aiomilvus.model.results import MutationResult
    from aiomilvus.model.rows.insertion import Insertion
    from aiomilvus.model.schema import Schema

    _Place = tuple[Hashable, asyncio.AbstractEventLoop]

_TOGETHER = 4 * MOST_ROWS
"""Callers whose rows are made together at most."""


class _RefusedRows(Exception):
    """Some of several callers' rows are refused."""


class SmallWrites:
    """The small inserts of one embedded backend; safe to use from several loops and threads.

    Args:
        workers: Whose threads make them.
        carry_out: Makes one, given what builds it for a schema.
    """

    def __init__(
        self,
        workers: ThreadPools,
        carry_out: Callable[
            [Insertion, Callable[[Schema], Operation[MutationResult]]], MutationResult
        ],
    ) -> None:
        self.workers = workers
        self._carry_out = carry_out
        self._lock = Lock()
        self._waiting: dict[_Place, deque[Waiter]] = {}
        """What waits for each place; a thread or a loop is at work for those that are named."""

    def submit(self, insertion: Insertion, loop: asyncio.AbstractEventLoop) -> Waiter:
        """Queue an insertion; the future of what is returned gets the answer.

        Raises:
            RateLimitError: Too many writes wait already.
            ConnectionNotExistException: The client was closed meanwhile, in another thread.
        """
        self.workers.admit_write()
        place = (insertion.key, loop)
        waiter = Waiter(insertion, place, loop)
        with self._lock:
            waiting = self._waiting.get(place)
            if waiting is not None:
                waiting.append(waiter)
                return waiter
            self._forget_closed()
            self._waiting[place] = deque((waiter,))
        try:
            self._start(place)
        except BaseException as error:
            self._refuse(place, error, told=waiter)
            raise
        return waiter

    def _forget_closed(self) -> None:
        """Forget what waits for loops that were closed before they came to it."""
        closed = [place for place in self._waiting if place[1].is_closed()]
        forgotten = sum(len(self._waiting.pop(place)) for place in closed)
        if forgotten:
            self.workers.wrote(forgotten)

    def _start(self, place: _Place) -> None:
        """Let a thread make what waits for a place."""
        self.workers.start_write(partial(self._work, place))

    def _refuse(self, place: _Place, error: BaseException, told: Waiter | None = None) -> None:
        """Let what waits for a place fail, except who is told in another way."""
        with self._lock:
            refused = list(self._waiting.pop(place, ()))
        self.workers.wrote(len(refused))
        others = [waiter for waiter in refused if waiter is not told]
        deliver(others, [awaitable_error(error)] * len(others))

    def _work(self, place: _Place) -> Callable[[], None]:
        """Make what waits for a place, until nothing does; return what tells those made last."""
        tell = _nothing
        while True:
            taken = self._taken(place)
            tell, before = _nothing, tell
            if not taken:
                return before
            before()
            batch = [waiter for waiter in taken if not waiter.future.cancelled()]
            answers = self._answers(batch) if batch else []
            self.workers.wrote(len(taken))
            if len(batch) > 1:
                return partial(self._tell_several, place, batch, answers)
            tell = partial(deliver, batch, answers)

    def _tell_several(
        self, place: _Place, batch: list[Waiter], answers: list[MutationResult | Exception]
    ) -> None:
        """Tell those who waited together, and go on when they had their turn on their loop.

        Those who write again at once are one group then, and no thread that makes one disturbs
        them meanwhile.
        """
        loop = batch[0].loop
        try:
            loop.call_soon_threadsafe(self._settle, place, loop, batch, answers)
        except RuntimeError as error:
            if not loop.is_closed():
                raise
            self._refuse(place, error)  # nobody waits for it any more

    def _settle(
        self,
        place: _Place,
        loop: asyncio.AbstractEventLoop,
        batch: list[Waiter],
        answers: list[MutationResult | Exception],
    ) -> None:
        settle(zip(batch, answers, strict=True))
        loop.call_soon(self._go_on, place)

    def _go_on(self, place: _Place) -> None:
        """Let a thread make what has come for a place; with nothing, there is none at work."""
        with self._lock:
            if not self._waiting.get(place):
                self._waiting.pop(place, None)
                return
        try:
            self._start(place)
        except Exception as error:  # noqa: BLE001 - handed to those who wait
            self._refuse(place, error)

    def _taken(self, place: _Place) -> list[Waiter]:
        """Take those that wait for a place; with none, no thread is at work for it any more."""
        with self._lock:
            waiting = self._waiting.get(place)
            if not waiting:
                self._waiting.pop(place, None)
                return []
            return [waiting.popleft() for _ in range(min(len(waiting), _TOGETHER))]

    def _answers(self, batch: list[Waiter]) -> list[MutationResult | Exception]:
        """Return an answer, or an error, for each of the batch; raise nothing whatsoever."""
        insertions: list[Insertion] = [waiter.operation for waiter in batch]
        if len(insertions) == 1:
            return [self._alone(insertions[0])]
        try:
            return self._together(insertions)
        except _RefusedRows:
            return [self._alone(each) for each in insertions]
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            return [awaitable_error(error)] * len(insertions)

    def _alone(self, insertion: Insertion) -> MutationResult | Exception:
        try:
            return self._carry_out(insertion, insertion)
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            return awaitable_error(error)

    def _together(self, insertions: Sequence[Insertion]) -> list[MutationResult | Exception]:
        """Make all of them as one.

        Raises:
            _RefusedRows: Some rows were refused, so nothing was written.
        """
        whole = insertions[0].with_those_of(insertions[1:])

        def build(schema: Schema) -> Insert:
            try:
                return whole(schema)
            except Exception as error:
                raise _RefusedRows from error

        try:
            answer = self._carry_out(whole, build)
        except (ParamError, DataNotMatchException) as error:
            raise _RefusedRows from error
        except ModelError as error:
            if error.retriable:
                raise  # asking once a caller would wait as often for a service that is away
            raise _RefusedRows from error
        return [*shares(answer, whole.counts)]


def _nothing() -> None:
    """Tell nobody."""
