# Generated from src/aiomilvus/client/aio/watching.py by tools/make_sync.py; edit that file.
"""Committed changes of a collection, as they happen. An extension: pymilvus has no such call."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.client.arguments import check_name
from aiomilvus.client.backends.backend import refuse_closed
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.client.sync.waiting import filled, pause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from aiomilvus.client.results.changes import Change
    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.changes import ChangePart
    from aiomilvus.model.operations.data import ReadChanges

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05
_LONGEST_REMOTE_PAUSE = 0.25
"""So often a watcher looks that has seen nothing new for a while; each look is a call."""


class Watching(ClientBase):
    """Changes as a stream."""

    def watch(
        self,
        collection_name: str,
        filter: str | Filter | None = "",
        output_fields: list[str] | None = None,
        *,
        position: str | None = None,
        wait: float | None = None,
        filter_params: Mapping[str, object] | None = None,
        timezone: str = "",
        timeout: float | None = None,
    ) -> Watcher:
        """Return an iterator over the committed changes of a collection, in their order.

        The collection has to keep its changes, for as many seconds as its property
        ``changes.retention.seconds`` says. Each change tells its position, and whoever stores it
        with what became of the change misses nothing and gets nothing twice, across restarts.

        Args:
            collection_name: The collection, or an alias of it.
            filter: Which rows are told. An upsert whose row does not pass is told as the deletion
                of its key; deletions are always told. So whoever carries out what is told has the
                rows that pass.
            output_fields: Fields of the rows; all by default.
            position: Go on behind this change; None begins with what comes from now on, and
                ``"oldest"`` with the oldest change that is kept.
            wait: Seconds to wait for a further change before the iteration ends: 0 ends it with
                what there is, None never.
            filter_params: Values for templates in `filter`.
            timezone: Zone in which times are shown.
            timeout: Seconds for a look at the logs, None for the client's default.

        Returns:
            ``for change in it``. As ``with client.watch(…) as it`` it begins at once,
            otherwise with the first change that is asked for.

        Raises:
            NotSupportedError: At the first look: the database is in memory, or the server is none
                of ``aiomilvus serve``.
            ParamError: `position` or `wait` is none; at the first look, the collection keeps no
                changes.
            PositionGoneError: At the first look, or after it fell behind for longer than changes
                are kept: what is behind the position is not there any more.

        Example:
            >>> client.alter_collection_properties("books", {"changes.retention.seconds": 86400})
            >>> with client.watch("books", output_fields=["title"], wait=0) as changes:
            ...     _ = client.delete("books", ids=[2])
            ...     for change in changes:
            ...         print(change.kind, change.key)
            delete 2
        """
        if self._backend.kind == "closed":
            refuse_closed()
        check_name(collection_name)
        operation = self._conversions.read_changes(
            self._db,
            collection_name,
            position=position,
            filter=filter,
            filter_params=filter_params,
            output_fields=output_fields,
            timezone=timezone,
        )
        watcher = Watcher(self, self._conversions.check_wait(wait), timeout)
        return watcher._reading(operation)


class Watcher:
    """Changes of a collection, one by one. For one task or thread at a time."""

    def __init__(
        self,
        client: ClientBase,
        wait: float | None,
        timeout: float | None,
    ) -> None:
        self._client = client
        self._wait = wait
        self._timeout = timeout
        self._collection = 0
        self._parts: deque[ChangePart] = deque()
        self._ready: Iterator[Change] = iter(())
        self._ended = False

    def _reading(self, operation: ReadChanges) -> Self:
        """Return the watcher, which is to read by an operation."""
        self._operation = operation
        self._position = operation.position
        return self

    @property
    def position(self) -> str | None:
        """Where it is: behind the change that was told last. None before it begins."""
        return self._position or None

    def close(self) -> None:
        """End the iteration.

        Example:
            >>> client.alter_collection_properties("books", {"changes.retention.seconds": 86400})
            >>> changes = client.watch("books")
            >>> changes.close()
            >>> [change for change in changes]
            []
        """
        self._ended = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        while not self._ended:
            change = next(self._ready, None)
            if change is not None:
                self._position = change.position
                return change
            if not self._found():
                break
        raise StopIteration

    def _found(self) -> bool:
        """Make the next changes ready, waiting for them; return whether there are any."""
        end = None if self._wait is None else monotonic() + self._wait
        delay = _FIRST_PAUSE
        is_embedded = self._client._backend.kind == "embedded"
        longest = _LONGEST_PAUSE if is_embedded else _LONGEST_REMOTE_PAUSE
        while not self._parts:
            if self._read():
                continue
            left = longest if end is None else end - monotonic()
            if left <= 0 or self._ended:
                return False
            pause(min(delay, left))
            delay = min(2 * delay, longest)
        part, conversions = self._parts[0], self._client._conversions
        rows = conversions.rows(part.rows, at_once=False)
        self._ready = conversions.changes_of(self._collection, part, filled(rows))
        self._parts.popleft()
        return True

    def _read(self) -> bool:
        """Read on; return whether that led any further."""
        before = self._operation.position
        found = self._client._execute(self._operation, self._timeout)
        after = str(found.position)
        self._parts.extend(found.parts)
        self._collection = found.position.collection
        self._operation = msgspec.structs.replace(self._operation, position=after, seen=found.seen)
        if not found.parts:
            # All before it was told, or does not concern who watches.
            self._position = after
        return after != before

    def __enter__(self) -> Self:
        self._read()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
