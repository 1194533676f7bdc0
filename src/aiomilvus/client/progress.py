"""How far a long call is: what its `progress` is told, and a bar to show it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDTH = 30
_shown = [""]
"""The line that the bar stands at."""


class Progress(NamedTuple):
    """How far a call is.

    Attributes:
        stage: What it is doing, as ``exporting`` or ``compacting``.
        done: Rows that are done; it never falls within a stage.
        total: Rows that there are, None where that is not known.

    Example:
        >>> from aiomilvus import Progress
        >>> told = []
        >>> await client.export_collection("books", "books.jsonl", progress=told.append)
        3
        >>> told[-1]
        Progress(stage='exporting', done=3, total=3)
    """

    stage: str
    done: int = 0
    total: int | None = None


if TYPE_CHECKING:
    OnProgress: TypeAlias = Callable[[Progress], None]


def show_progress(progress: Progress) -> None:
    """Show how far a call is as a bar on standard error, in terminals and notebooks.

    Hand it to whatever takes `progress`.

    Args:
        progress: How far it is.

    Example:
        >>> from aiomilvus import show_progress
        >>> await client.export_collection("books", "books.jsonl", progress=show_progress)
        3
    """
    line = bar(progress)
    if line == _shown[0]:
        return  # a call that waits tells the same again and again, and a notebook keeps it all
    has_ended = progress.total is not None and progress.done >= progress.total
    _shown[0] = "" if has_ended else line
    sys.stderr.write(f"\r\x1b[K{line}\n" if has_ended else f"\r\x1b[K{line}")
    sys.stderr.flush()


def bar(progress: Progress) -> str:
    """Return a line that shows how far a call is.

    Args:
        progress: How far it is.
    """
    stage, done, total = progress
    if not total:
        return f"{stage}: {done:,} rows" if done else stage
    filled = min(_WIDTH * done // total, _WIDTH)
    return f"{stage} [{'#' * filled}{'-' * (_WIDTH - filled)}] {done:,}/{total:,}"


def ignore(_progress: Progress) -> None:
    """Tell nobody."""
