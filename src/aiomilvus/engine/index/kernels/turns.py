"""Waiting while another process on this machine makes the same kernels."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels import store
from aiomilvus.interpreter import is_ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aiomilvus.engine.storage.file_lock import FileLock

_LOGGER = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.2


class EndingError(Exception):
    """The program ended before it was its turn."""


@contextmanager
def turn(paths: Sequence[Path]) -> Iterator[bool]:
    """Hold what lets one process compile a module, as soon as no other one has it.

    How long that takes is up to the other one, which gives itself up when it does not get on.

    Yields:
        Whether another process had it, so that the code may be there now.

    Raises:
        EndingError: The program ends first.
    """
    lock, has_waited = _taken(paths)
    try:
        yield has_waited
    finally:
        if lock is not None:
            lock.release()


def _taken(paths: Sequence[Path]) -> tuple[FileLock | None, bool]:
    has_waited = False
    while True:
        try:
            return store.lock(paths), has_waited
        except BlockingIOError as error:
            if is_ending():
                raise EndingError("the program ends") from error
        if not has_waited:
            _LOGGER.info("another process compiles %s: waiting for it", paths[0].name)
        has_waited = True
        time.sleep(_PAUSE_SECONDS)
