# make_sync: by hand
"""Pausing between two looks at something that is under way, or two steps of some work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.results.extra_list import ExtraList
    from aiomilvus.client.results.search import SearchResult

T = TypeVar("T")
A = TypeVar("A", "ExtraList", "SearchResult")


async def pause(seconds: float) -> None:
    """Let `seconds` pass; other tasks run."""
    await asyncio.sleep(seconds)


async def filled(answer: A) -> A:
    """Return the answer with its rows or hits made; other tasks run between the steps."""
    if answer.unfilled:
        for _ in answer.filling():
            await asyncio.sleep(0)
    return answer


async def in_thread(work: Callable[[], T]) -> T:
    """Return what some work gives that reads or writes files; other tasks run meanwhile."""
    return await asyncio.to_thread(work)
