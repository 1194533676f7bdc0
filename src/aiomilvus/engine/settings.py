"""What a database may take of the machine, and what follows from it."""

from __future__ import annotations

import os

import msgspec

_SEAL_BYTES = 128 << 20
_TARGET_BYTES = 2 << 30
_LEAST_MEMORY = 64 << 20


def _processors() -> int:
    return os.cpu_count() or 1


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one open database.

    Attributes:
        threads: Threads that building one index may use.
        memory: Bytes that background work and rows that are not in files yet may take, and twice
            those of columns that are kept of the files of external collections. Files
            are mapped, and what the system keeps of them in memory does not count; indexes
            that are open and answers under way come on top.
    """

    threads: int = msgspec.field(default_factory=_processors)
    memory: int = 2 << 30

    def __post_init__(self) -> None:
        """Refuse what no work can be done with."""
        if self.threads < 1:
            message = f"`threads` value {self.threads} is illegal, should be at least 1"
            raise ValueError(message)
        if self.memory < _LEAST_MEMORY:
            message = f"`memory` value {self.memory} is illegal, should be at least {_LEAST_MEMORY}"
            raise ValueError(message)

    @property
    def seal_bytes(self) -> int:
        """Growing rows are put into files when they take this much."""
        return min(_SEAL_BYTES, self.memory // 8)

    @property
    def most_unsealed(self) -> int:
        """Writers wait while the rows that are not in files yet take this much."""
        return self.memory // 2

    @property
    def most_external(self) -> int:
        """So much of the files of external collections is kept in memory."""
        return self.memory // 2

    @property
    def target_bytes(self) -> int:
        """Segments are merged up to this size; building an index takes less than its rows."""
        return min(_TARGET_BYTES, self.memory)
