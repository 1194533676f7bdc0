"""The folder where several workers count their calls, and what stays of those that have ended.

Prometheus' library keeps a file of each kind for each process, and sums all up when it is asked.
The supervisor moves the counts of a worker that ended into one file for all of these, so that
there are not more files with each that is replaced, and no sum ever falls. Whoever sums up holds
a lock meanwhile, or it would count a worker twice, or miss a file.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.mmap_dict import MmapedDict

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = "lock"
_ENDED = "ended"
_PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 0.01


@contextmanager
def summing_up(folder: str, *, changes: bool = False) -> Iterator[None]:
    """Hold the lock of a folder of counts: with others who read, or alone to change files."""
    descriptor = os.open(Path(folder) / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _wait_for(descriptor, alone=changes)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, *, alone: bool) -> None:
    """Take the lock; not for ever, because a process that was stopped may hold it.

    Raises:
        TimeoutError: It is held for longer than anybody needs it.
    """
    end = time.monotonic() + _PATIENCE_SECONDS
    while not _is_taken(descriptor, alone=alone):
        if time.monotonic() > end:
            message = f"the counts of all workers are locked for {_PATIENCE_SECONDS:g} s"
            raise TimeoutError(message)
        time.sleep(_PAUSE_SECONDS)


def _is_taken(descriptor: int, *, alone: bool) -> bool:
    """Take the lock unless another process has it; on Windows there is one process."""
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def keep_counts_of_ended(folder: str, pid: int) -> None:
    """Move the counts of a process that has ended to those of all that have."""
    with summing_up(folder, changes=True):
        for path in Path(folder).glob(f"*_{pid}.db"):
            kind = path.stem.removesuffix(f"_{pid}")
            if path.stat().st_size:
                _add(path, path.with_name(f"{kind}_{_ENDED}.db"))
            path.unlink()


def _add(path: Path, sums: Path) -> None:
    total = MmapedDict(str(sums))  # type: ignore[no-untyped-call]
    try:
        for key, value, moment, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
            before, _ = total.read_value(key)  # type: ignore[no-untyped-call]
            total.write_value(key, before + value, moment)  # type: ignore[no-untyped-call]
    finally:
        total.close()  # type: ignore[no-untyped-call]
