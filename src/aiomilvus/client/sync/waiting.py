# make_sync: by hand
"""Pausing between two looks at something that is under way, or two steps of some work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.results.extra_list import ExtraList
    from aiomilvus.client.results.search import SearchResult

T = TypeVar("T")
A = TypeVar("A", "ExtraList", "SearchResult")


def pause(seconds: float) -> None:
    """Let `seconds` pass; other threads run."""
    time.sleep(seconds)


def filled(answer: A) -> A:
    """Return the answer with its rows or hits made."""
    if answer.unfilled:
        for _ in answer.filling():
            pass
    return answer


def in_thread(work: Callable[[], T]) -> T:
    """Return what some work gives that reads or writes files."""
    return work()
