"""Which rows of which file a segment reads, as the catalog keeps it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import ExternalSourceError

if TYPE_CHECKING:
    from pathlib import Path


class ExternalRows(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive row groups of one Parquet file.

    Attributes:
        path: The file; absolute.
        first, stop: The row groups: the first one, and the one behind the last.
        size, mtime_ns: Bytes of the file and when it was last written, as the refresh found them.
        fields: Field id to the column that it reads.
    """

    path: str
    first: int
    stop: int
    size: int
    mtime_ns: int
    fields: dict[int, str]

    def check(self) -> None:
        """Raise unless the file is the one that the refresh found.

        Raises:
            ExternalSourceError: It is gone, can't be looked at, or was written since.
        """
        if stamp(self.path) != (self.size, self.mtime_ns):
            raise ExternalSourceError(
                message=f"{self.path} was changed since the last refresh of the external "
                f"collection: {_ADVICE}"
            )


_ADVICE = "call refresh_external_collection to read it as it is now"


def stamp(path: str | Path) -> tuple[int, int]:
    """Return what tells whether a file was changed: its bytes, and when it was last written.

    Raises:
        ExternalSourceError: It is gone, or can't be looked at.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - a text, and often
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{path} of an external collection can't be read: {reason}. Put it back, or"
        raise ExternalSourceError(message=f"{message} {_ADVICE}") from error
    return found.st_size, found.st_mtime_ns
