# make_sync: by hand
"""An optimization that goes on while the caller does something else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiomilvus.errors import DeadlineExceededError, MilvusException

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.client.results.infos import OptimizeResult

CANCELLED = "cancelled"


class AsyncOptimizeTask:
    """What ``optimize(wait=False)`` returns.

    Args:
        work: Does it all; is given the function to report stages to.
    """

    def __init__(self, work: Callable[[Callable[[str], None]], Awaitable[OptimizeResult]]) -> None:
        self._stages = ["initializing"]
        self._cancelled = False
        self._task = asyncio.ensure_future(work(self._stages.append))

    def done(self) -> bool:
        """Return whether it ended, in whichever way.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> result = await task.result()
            >>> task.done()
            True
        """
        return self._task.done()

    def cancelled(self) -> bool:
        """Return whether `cancel` stopped it.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> result = await task.result()
            >>> task.cancelled()
            False
        """
        return self._cancelled

    def progress(self) -> str:
        """Return the stage it is in.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> result = await task.result()
            >>> task.progress()
            'waiting for index rebuild'
        """
        return self._stages[-1]

    def progress_history(self) -> list[str]:
        """Return the stages it has been in.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> result = await task.result()
            >>> task.progress_history()
            ['initializing', 'waiting for indexes', ..., 'waiting for index rebuild']
        """
        return list(self._stages)

    def cancel(self) -> bool:
        """Stop waiting; return whether that came in time. A begun compaction goes on.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> task.cancel()
            True
            >>> task.cancelled()
            True
        """
        if self._cancelled or self._task.done():
            return self._cancelled
        self._cancelled = True
        self._stages.append(CANCELLED)
        self._task.cancel()
        return True

    async def result(self, timeout: float | None = None) -> OptimizeResult:
        """Wait for the end and return what was done.

        Raises:
            DeadlineExceededError: It is not at its end after `timeout` seconds; it goes on.
            MilvusException: It was cancelled, or failed.

        Example:
            >>> task = await client.optimize("books", wait=False)
            >>> found = await task.result()
            >>> found.status
            'success'
        """
        done, _ = await asyncio.wait([self._task], timeout=timeout)
        if not done:
            raise DeadlineExceededError(message=f"optimize is still {self.progress()}")
        if self._cancelled:
            raise MilvusException(message="the optimization was cancelled")
        return self._task.result()
