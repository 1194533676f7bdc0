"""Cancelling a call at each of its awaits in turn."""

from __future__ import annotations

import asyncio
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable

COLLECTION = "people"


def rows(keys: Iterable[int]) -> list[dict[str, Any]]:
    """Return a row for each key."""
    return [{"id": key, "vector": [key, 1.0, 0.5, 0.25], "name": f"n{key}"} for key in keys]


@types.coroutine
def _cancelled_at(call: Coroutine[Any, Any, Any], number: int) -> Generator[Any, Any, Any]:
    """Run a call, and cancel its task when it is suspended for the n-th time."""
    suspensions = 0
    resume, argument = call.send, None
    while True:
        try:
            waited_for = resume(argument)
        except StopIteration as done:
            return done.value
        suspensions += 1
        if suspensions == number:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        try:
            resume, argument = call.send, (yield waited_for)
        except BaseException as error:  # noqa: BLE001 - handed to the call, as the loop would
            resume, argument = call.throw, error


async def cancel_once(call: Coroutine[Any, Any, Any], number: int) -> bool:
    """Cancel a call at its n-th await; return whether it was cancelled.

    It is not when it has fewer awaits. A call that swallows the cancellation fails the test,
    unless that await was its last and the answer had come.
    """

    async def run() -> Any:
        return await _cancelled_at(call, number)

    task = asyncio.create_task(run())
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()  # raises what the call raised: no cancellation becomes another error
    return False


async def cancel_at_every_await(
    call: Callable[[int], Coroutine[Any, Any, Any]],
    after: Callable[[int], Coroutine[Any, Any, None]],
    most: int = 200,
) -> int:
    """Make a call again and again, cancelled one await later each time, until it gets through.

    Args:
        call: Makes the call for the n-th try.
        after: What must work after the n-th try was cancelled.
        most: A call with more awaits than this fails the test.

    Returns:
        How often it was cancelled.
    """
    for number in range(1, most + 1):
        if not await cancel_once(call(number), number):
            return number - 1
        await after(number)
    raise AssertionError(f"still not through after {most} awaits")
