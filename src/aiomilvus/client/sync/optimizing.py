# Generated from src/aiomilvus/client/aio/optimizing.py by tools/make_sync.py; edit that file.
"""Bringing a collection into its best shape: few segments, all of them indexed."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_name, is_given, shown
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.progress import Progress, ignore
from aiomilvus.client.results.infos import OptimizeResult
from aiomilvus.client.sizes import megabytes
from aiomilvus.client.sync.maintenance import Maintenance
from aiomilvus.client.sync.running import OptimizeTask
from aiomilvus.client.sync.waiting import pause
from aiomilvus.errors import DeadlineExceededError, ParamError
from aiomilvus.model.operations.collections import DescribeCollection
from aiomilvus.model.operations.indexes import DescribeIndexes
from aiomilvus.model.operations.maintenance import Compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Unpack

    from aiomilvus.client.progress import OnProgress

_LOOK_AGAIN = 0.05


class Optimizing(Maintenance):
    """`optimize`, and the rest of maintenance."""

    def optimize(
        self,
        collection_name: str,
        target_size: str | float | None = None,
        wait: bool = True,
        timeout: float | None = None,
        *,
        progress: OnProgress | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> OptimizeResult | OptimizeTask:
        """Flush, compact, and wait until every row is indexed.

        Args:
            collection_name: The collection, or an alias of it.
            target_size: Wanted size of a segment, as ``"512MB"``, or in bytes; None for the
                engine's own choice.
            wait: False returns at once, with a task that tells how far it is.
            timeout: Seconds for the whole of it, None for the client's default.
            progress: Told the stage, and how many rows are indexed, while it runs.
            **kwargs: See `CallOptions`.

        Raises:
            DeadlineExceededError: It took longer; a begun compaction goes on.
            ParamError: `target_size` is no size.

        Example:
            >>> result = client.optimize("books")
            >>> result.status
            'success'
        """
        check_options("optimize", kwargs, CallOptions)
        check_name(collection_name)
        size = 0 if target_size is None else megabytes(target_size)
        if progress is not None and not callable(progress):
            raise ParamError(
                message=f"`progress` value {shown(progress)} is illegal, should be a function"
            )
        work = partial(
            self._optimized,
            collection_name,
            target_size,
            size,
            self._limited(timeout),
            ignore if progress is None else progress,
        )
        if not is_given(wait, "wait"):
            return OptimizeTask(work)
        return work(_unreported)

    def _optimized(
        self,
        collection: str,
        target_size: str | float | None,
        size: int,
        limited: float | None,
        tell: OnProgress,
        report: Callable[[str], None],
    ) -> OptimizeResult:
        deadline = None if limited is None else monotonic() + limited
        done = ["initializing"]

        def begin(stage: str) -> None:
            report(stage)
            tell(Progress(stage))
            done.append(stage)

        begin("waiting for indexes")
        self.flush(collection, limited)
        self._wait_for_indexes(collection, deadline, limited, tell, done[-1])
        begin("compacting")
        named = DescribeCollection(db=self._db, collection=collection)
        number = self._execute(named, limited).id
        operation = Compact(
            db=self._db, collection=collection, collection_id=number, target_size_mb=size
        )
        job = self._execute(operation, limited)
        begin("waiting for compaction")
        while self.get_compaction_state(job) != "Completed":
            _pause_before(deadline, "compaction")
        begin("waiting for index rebuild")
        self._wait_for_indexes(collection, deadline, limited, tell, done[-1])
        return OptimizeResult("success", collection, job, target_size, done)

    def _wait_for_indexes(
        self,
        collection: str,
        deadline: float | None,
        limited: float | None,
        tell: OnProgress,
        stage: str,
    ) -> None:
        operation = DescribeIndexes(db=self._db, collection=collection)
        while True:
            indexes = self._execute(operation, limited)
            total = sum(info.total_rows for info in indexes)
            pending = sum(info.pending_index_rows for info in indexes)
            tell(Progress(stage, total - pending, total))
            if not pending:
                return
            _pause_before(deadline, "index building")


def _unreported(_stage: str) -> None:
    """Nobody asks for the stages of what is waited for."""


def _pause_before(deadline: float | None, phase: str) -> None:
    if deadline is not None and monotonic() > deadline:
        raise DeadlineExceededError(message=f"optimize timed out during {phase}")
    pause(_LOOK_AGAIN)
