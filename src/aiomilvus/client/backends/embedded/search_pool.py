"""Threads for work that would hold an event loop, and a queue that coalesces searches.

Writes, definitions and expensive reads each take one thread of a pool; what hashes passwords
waits for a thread of its own, so that writes never wait for it. Searches that come while
all search threads are busy wait in a bounded queue; a thread that becomes free takes the
oldest and others that wait and have the same key, and runs them as one batch. Every
caller has its own future, so its own answer, timeout and cancellation. (Searches of a server are
coalesced in `client.backends.remote.coalescing`.)

A batch takes a share only of what is under way, one for each thread and one more: were it all,
the loop would idle while threads search, and the threads while the loop hands out answers.

Reads that take long never have all threads: one more than there are processors is kept for
those that do not, so these wait for none of the others, and share the processors with them.

Brief reads leave one processor to the loop, where asking and answering take as long as searching
does in the thread: with all threads busy they would wait for each other's turns.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from aiomilvus.client.backends.backend import refuse_closed
from aiomilvus.client.backends.embedded.work_threads import WorkThreads
from aiomilvus.errors import MilvusException, RateLimitError
from aiomilvus.model.read_limits import bounded

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable, Iterable, Sequence

R = TypeVar("R")

WRITE_THREADS = 16
"""Concurrent writers: those that wait together share one sync of the log."""
MOST_WAITING = 10_000
"""Searches, or writes, that may wait; one more is refused."""
CROWD = 64
"""Brief searches that wait when the loop's own processor is to search, too."""
LARGEST_BATCH = 256
"""Searches run as one batch at most, so that a batch does not keep others waiting long."""

MOST_PASSED = 256
"""Searches looked at that don't fit a batch: looking through all that wait holds up others."""


class Waiter:
    """A search that a caller on some event loop waits for.

    Attributes:
        key: Searches with equal keys may run as one batch; None never does.
        is_long: Whether it is estimated to take long.
        is_brief: Whether the loop's part of it is estimated to take about as long as the rest.
    """

    __slots__ = ("future", "is_brief", "is_long", "key", "loop", "operation")

    def __init__(
        self,
        operation: Any,
        key: Hashable | None,
        loop: asyncio.AbstractEventLoop,
        *,
        is_long: bool = False,
        is_brief: bool = False,
    ) -> None:
        self.operation = operation
        self.key = key
        self.loop = loop
        self.is_long = is_long
        self.is_brief = is_brief
        self.future: asyncio.Future[Any] = loop.create_future()


class ThreadPools:
    """The threads of one embedded backend; safe to use from several loops and threads.

    Args:
        run_batch: Runs operations that agree on their key; returns their answers in order.
        threads: Search threads; one per core by default.
        most_bytes: Most bytes of a search's answer, None for any number.
    """

    def __init__(
        self,
        run_batch: Callable[[list[Any]], Iterable[Any]],
        threads: int | None = None,
        most_bytes: int | None = None,
    ) -> None:
        self._run_batch = run_batch
        self._most_bytes = most_bytes
        self._threads = threads or os.cpu_count() or 1
        self._searches = ThreadPoolExecutor(2 * self._threads, "aiomilvus-search")
        self._writes = WorkThreads(WRITE_THREADS, "aiomilvus-write")
        self._hashes = WorkThreads(1, "aiomilvus-password")
        self._lock = Lock()
        self._closed = False
        self._waiting: deque[Waiter] = deque()
        self._waiting_long: deque[Waiter] = deque()
        self._busy = 0
        self._busy_long = 0
        self._running = 0
        self._running_brief = 0
        self._writing = 0

    @property
    def is_idle(self) -> bool:
        """Whether no search runs or waits, but such as take long."""
        return self._busy == 0

    @property
    def waiting(self) -> int:
        """How many searches no thread has taken yet."""
        return len(self._waiting) + len(self._waiting_long)

    @property
    def writing(self) -> int:
        """How many writes and other calls run in threads, or wait for one."""
        return self._writing

    def submit(self, waiter: Waiter) -> None:
        """Queue a search; its future gets the answer.

        Raises:
            RateLimitError: Too many wait already.
            ConnectionNotExistException: The client was closed meanwhile, in another thread.
        """
        with self._lock:
            waiting = self._waiting_long if waiter.is_long else self._waiting
            if len(waiting) >= MOST_WAITING:
                raise _too_many(len(waiting), "searches")
            waiting.append(waiter)
            if waiter.is_long:
                if self._busy_long >= self._threads:
                    return
                self._busy_long += 1
            else:
                if self._busy >= self._room(waiter):
                    return
                self._busy += 1
        try:
            self._searches.submit(self._work, is_long=waiter.is_long)
        except RuntimeError:
            with self._lock:
                self._busy_long -= waiter.is_long
                self._busy -= not waiter.is_long
            self._refuse_if_closed()
            raise

    def _room(self, waiter: Waiter) -> int:
        """Return how many threads may be busy with reads that don't take long."""
        room = max(self._threads - self._busy_long, 1)
        if waiter.is_brief and self._running_brief == self._running and room > 1:
            # The loop needs a processor of its own to keep up with what is found.
            return room if len(self._waiting) > CROWD else room - 1
        return room

    def submit_write(
        self, work: Callable[[], Any], loop: asyncio.AbstractEventLoop, *, hashes: bool = False
    ) -> Any:
        """Run `work` in a thread for writes, or for hashing, and return a future of `loop`.

        Raises:
            RateLimitError: Too many wait already.
            ConnectionNotExistException: The client was closed meanwhile, in another thread.
        """
        self.admit_write()
        waiter = Waiter(work, None, loop)
        try:
            (self._hashes if hashes else self._writes).submit(partial(self._write, waiter))
        except RuntimeError:
            self.wrote()
            self._refuse_if_closed()
            raise
        return waiter.future

    def _write(self, waiter: Waiter) -> Callable[[], None]:
        """Do a caller's work, unless the caller has left before it was begun; return what tells."""
        answer = None if waiter.future.cancelled() else _outcome(waiter.operation)
        self.wrote()
        return partial(deliver, [waiter], [answer])

    def admit_write(self) -> None:
        """Count one more write that is under way; `wrote` ends it.

        Raises:
            RateLimitError: Too many wait already.
        """
        with self._lock:
            if self._writing >= MOST_WAITING:
                raise _too_many(self._writing, "writes")
            self._writing += 1

    def wrote(self, count: int = 1) -> None:
        """Count writes as done."""
        with self._lock:
            self._writing -= count

    def start_write(self, work: Callable[[], Callable[[], None]]) -> None:
        """Run `work`, which raises nothing and returns what tells of it, in a thread for writes.

        Raises:
            ConnectionNotExistException: The client was closed meanwhile, in another thread.
        """
        try:
            self._writes.submit(work)
        except RuntimeError:
            self._refuse_if_closed()
            raise

    def close(self) -> None:
        """Let the threads end once their work is done; what only waits is refused."""
        self._closed = True
        self._searches.shutdown(wait=False)
        self._writes.shutdown()
        self._hashes.shutdown()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            refuse_closed()

    def _work(self, *, is_long: bool) -> None:
        """Run batches of one kind until none waits.

        The thread counts as idle before its last answers are handed out: whoever gets one may
        search again at once, and need not find it busy.
        """
        batch = self._next_batch(is_long=is_long)
        while batch:
            answers = self._answers(batch)
            following = self._next_batch(is_long=is_long, done=batch)
            deliver(batch, answers)
            batch = following

    def _next_batch(self, *, is_long: bool, done: Sequence[Waiter] = ()) -> list[Waiter]:
        """Take the oldest waiter and some that agree with it; none: the thread is idle now.

        Args:
            is_long: Of which kind.
            done: What the thread has just answered.
        """
        batch: list[Waiter] = []
        others: deque[Waiter] = deque()
        with self._lock:
            waiting = self._waiting_long if is_long else self._waiting
            self._count(done, -1)
            threads = self._threads if is_long else self._busy
            most = min(-(-(len(waiting) + self._running) // (threads + 1)), LARGEST_BATCH)
            while waiting and len(batch) < most and len(others) < MOST_PASSED:
                waiter = waiting.popleft()
                if waiter.future.cancelled():
                    continue
                (batch if _fits(waiter, batch) else others).append(waiter)
            waiting.extendleft(reversed(others))
            self._count(batch, 1)
            if not batch:
                self._busy_long -= is_long
                self._busy -= not is_long
        return batch

    def _count(self, batch: Sequence[Waiter], sign: int) -> None:
        self._running += sign * len(batch)
        self._running_brief += sign * sum([waiter.is_brief for waiter in batch])

    def _answers(self, batch: list[Waiter]) -> list[Any]:
        """Return an answer, or an error, for each of the batch; raise nothing whatsoever.

        What is raised here would end the thread, and nobody would ever tell those who wait.
        """
        try:
            with bounded(partial(_is_abandoned, batch), self._most_bytes):
                answers = list(self._run_batch([waiter.operation for waiter in batch]))
            if len(answers) != len(batch):
                raise RuntimeError(f"{len(answers)} answers for {len(batch)} searches")
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
            if len(batch) > 1 and isinstance(error, MilvusException):
                # Find out whose fault it was: the others get their answers.
                return [self._answers([waiter])[0] for waiter in batch]
            return [awaitable_error(error)] * len(batch)
        return answers


def _is_abandoned(batch: list[Waiter]) -> bool:
    """Whether all of a batch have left."""
    return all(waiter.future.done() for waiter in batch)


def awaitable_error(error: BaseException) -> Exception:
    """Return what a future can bring of an error that ended work in a thread.

    Futures refuse StopIteration; CancelledError would cancel who waits, and SystemExit and
    KeyboardInterrupt end the loop, though none of them asked for that in the thread.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    told = RuntimeError(f"work in a thread ended with {error!r}")
    told.__cause__ = error
    return told


def _outcome(work: Callable[[], object]) -> object:
    """Return what `work` returns, or what a future can bring of what it raises."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for it
        return awaitable_error(error)


def _too_many(waiting: int, what: str) -> RateLimitError:
    return RateLimitError(
        message=f"{waiting} {what} are waiting already, at most {MOST_WAITING} may: wait for "
        "answers before asking for more"
    )


def _fits(waiter: Waiter, batch: list[Waiter]) -> bool:
    if not batch:
        return True
    return waiter.key is not None and waiter.key == batch[0].key


def deliver(batch: list[Waiter], answers: list[Any]) -> None:
    """Hand each waiter its answer, or an exception, with one wake-up per loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiter, Any]]] = {}
    for waiter, answer in zip(batch, answers, strict=True):
        by_loop.setdefault(waiter.loop, []).append((waiter, answer))
    for loop, pairs in by_loop.items():
        try:
            loop.call_soon_threadsafe(settle, pairs)
        except RuntimeError:
            if not loop.is_closed():
                raise
            # The loop was closed meanwhile: nobody waits any more.


def settle(pairs: Iterable[tuple[Waiter, Any]]) -> None:
    """Hand waiters of the running loop their answers."""
    for waiter, answer in pairs:
        if waiter.future.done():
            continue
        if isinstance(answer, BaseException):
            waiter.future.set_exception(answer)
        else:
            waiter.future.set_result(answer)
