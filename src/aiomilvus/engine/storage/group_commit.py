"""Group commit: concurrent writes wait in a queue; one of them, the leader, writes for all.

`GroupCommit.submit` returns when the request is durable and visible, or raises what became of
it. A request that needs to read what earlier ones wrote (`alone`) starts a group of its own.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from aiomilvus.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Request(Protocol):
    """What can be queued."""

    alone: bool
    error: BaseException | None
    done: bool


R = TypeVar("R", bound=Request)


def _interrupted(error: BaseException) -> StorageError:
    """Return what those get raised whose leader was interrupted, as by Ctrl-C."""
    kind = type(error).__name__
    message = f"the thread that wrote for several was interrupted by {kind}; look before you retry"
    return StorageError(message=message)


def _share(error: BaseException, is_own: bool) -> BaseException:
    """Return what one request of a group gets raised: an error object of its own.

    Several threads that raise the same object would mix their tracebacks in it.
    """
    if is_own:
        return error
    if not isinstance(error, Exception):
        return _interrupted(error)
    try:
        own = copy.copy(error)
    except Exception:  # noqa: BLE001 - a foreign class that can't be copied is told of as it is
        return error
    own.__cause__ = error
    return own


class GroupCommit(Generic[R]):
    """The queue of one collection's writes.

    Args:
        commit: Writes a group: sets each request's result, or its `error`. Called by one
            thread at a time; if it raises, the error is that of every request in the group.
    """

    def __init__(self, commit: Callable[[Sequence[R]], None]) -> None:
        self._commit = commit
        self._queue: deque[R] = deque()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self.turn = threading.RLock()
        """Held while a group is committed; maintenance takes it to swap segments."""
        self._held = threading.Condition(self.turn)
        self._leading = False
        self._waiting = 0

    def assert_turn(self) -> None:
        """Check that this thread holds `turn`; does nothing under ``python -O``.

        Raises:
            AssertionError: It does not, so what the caller changes may change under it.
        """
        if __debug__:
            try:
                self._held.notify(0)  # which nobody waits for: only the lock's owner may call it
            except RuntimeError:
                message = "called outside the writer's turn"
                raise AssertionError(message) from None

    def submit(self, request: R) -> None:
        """Return when `request` was committed.

        Raises:
            BaseException: What the commit ended in; nothing of the request is visible then.
        """
        with self._lock:
            self._queue.append(request)
            if self._leading:
                self._wait(request)
                if request.done:
                    return self._finish(request)
            self._leading = True
        try:
            self._lead(request)
        finally:
            with self._lock:
                self._leading = False
                if self._waiting:
                    self._changed.notify_all()
        return self._finish(request)

    def _wait(self, request: R) -> None:
        """Wait until the request is done or there is nobody to do it."""
        self._waiting += 1
        try:
            while self._leading and not request.done:
                self._changed.wait()
        except BaseException:
            # Interrupted: what nobody waits for any more may not be written at some later time.
            if request in self._queue:
                self._queue.remove(request)
            raise
        finally:
            self._waiting -= 1

    def _lead(self, own: R) -> None:
        """Commit groups until the leader's own request is done; a waiter leads the rest."""
        while not own.done:
            with self.turn:
                group = self._next_group()
                self._commit_for_all(group, own)
            with self._lock:
                for request in group:
                    request.done = True
                if self._waiting:
                    self._changed.notify_all()

    def _commit_for_all(self, group: list[R], own: R) -> None:
        """Commit a group; what that ends in is the error of each request that has none yet."""
        try:
            self._commit(group)
        except BaseException as error:  # noqa: BLE001 - each caller gets it raised
            for request in group:
                request.error = request.error or _share(error, request is own)

    def _next_group(self) -> list[R]:
        with self._lock:
            group = [self._queue.popleft()]
            if group[0].alone:
                return group
            while self._queue and not self._queue[0].alone:
                group.append(self._queue.popleft())
            return group

    @staticmethod
    def _finish(request: R) -> None:
        if request.error is not None:
            raise request.error
