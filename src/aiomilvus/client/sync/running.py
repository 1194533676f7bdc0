# make_sync: by hand
"""An optimization that goes on while the caller does something else."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from aiomilvus.errors import DeadlineExceededError, MilvusException

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.results.infos import OptimizeResult

CANCELLED = "cancelled"


class OptimizeTask:
    """What ``optimize(wait=False)`` returns.

    Args:
        work: Does it all, in a thread of its own; is given the function to report stages to,
            which raises when the task was cancelled.
    """

    def __init__(self, work: Callable[[Callable[[str], None]], OptimizeResult]) -> None:
        self._stages = ["initializing"]
        self._cancelled = False
        self._future: Future[OptimizeResult] = Future()
        threading.Thread(target=self._run, args=(work,), name="optimize", daemon=True).start()

    def _run(self, work: Callable[[Callable[[str], None]], OptimizeResult]) -> None:
        try:
            self._future.set_result(work(self._report))
        except BaseException as error:  # noqa: BLE001 - it is the caller's, who asks for the result
            self._future.set_exception(error)

    def _report(self, stage: str) -> None:
        if self._cancelled:
            raise MilvusException(message="the optimization was cancelled")
        self._stages.append(stage)

    def done(self) -> bool:
        """Return whether it ended, in whichever way.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> result = task.result()
            >>> task.done()
            True
        """
        return self._future.done()

    def cancelled(self) -> bool:
        """Return whether `cancel` stopped it.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> result = task.result()
            >>> task.cancelled()
            False
        """
        return self._cancelled

    def progress(self) -> str:
        """Return the stage it is in.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> result = task.result()
            >>> task.progress()
            'waiting for index rebuild'
        """
        return self._stages[-1]

    def progress_history(self) -> list[str]:
        """Return the stages it has been in.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> result = task.result()
            >>> task.progress_history()
            ['initializing', 'waiting for indexes', ..., 'waiting for index rebuild']
        """
        return list(self._stages)

    def cancel(self) -> bool:
        """Stop before the next stage; return whether that came in time.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> task.cancel()
            True
            >>> task.cancelled()
            True
        """
        if self._cancelled or self._future.done():
            return self._cancelled
        self._cancelled = True
        self._stages.append(CANCELLED)
        return True

    def result(self, timeout: float | None = None) -> OptimizeResult:
        """Wait for the end and return what was done.

        Raises:
            DeadlineExceededError: It is not at its end after `timeout` seconds; it goes on.
            MilvusException: It was cancelled, or failed.

        Example:
            >>> task = client.optimize("books", wait=False)
            >>> found = task.result()
            >>> found.status
            'success'
        """
        done, _ = wait([self._future], timeout)
        if not done:
            raise DeadlineExceededError(message=f"optimize is still {self.progress()}")
        if self._cancelled:
            raise MilvusException(message="the optimization was cancelled")
        return self._future.result()
