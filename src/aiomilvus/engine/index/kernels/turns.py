"""Waiting while another process on this machine makes the same kernels."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels import store
from aiomilvus.interpreter import is_ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aiomilvus.engine.storage.file_lock import FileLock

_PAUSE_SECONDS = 0.2


class EndingError(Exception):
    """The program ended before it was its turn."""


@contextmanager
def turn(paths: Sequence[Path]) -> Iterator[None]:
    """Hold what lets one process compile a module, as soon as no other one has it.

    How long that takes is up to the other one, which gives itself up when it does not get on.

    Raises:
        EndingError: The program ends first.
    """
    lock = _taken(paths)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _taken(paths: Sequence[Path]) -> FileLock | None:
    while True:
        try:
            return store.lock(paths)
        except BlockingIOError as error:
            if is_ending():
                raise EndingError("the program ends") from error
            time.sleep(_PAUSE_SECONDS)
