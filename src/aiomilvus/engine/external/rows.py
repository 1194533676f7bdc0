"""Which rows of which file a segment reads, as the catalog keeps it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.errors import ExternalSourceError

if TYPE_CHECKING:
    from pathlib import Path


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """What tells a fragment of a Lance table from what may take its place later.

    Attributes:
        version: The table's version that the refresh found.
        digest: Of the names of its files, which are never written to again, of the rows that are
            deleted, and of the columns that are read.
    """

    version: int
    digest: str


class ExternalRows(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive row groups of one Parquet file, or one fragment of a Lance table.

    Attributes:
        path: The file, or the table's folder; absolute.
        first, stop: The row groups: the first one, and the one behind the last. Or the fragment's
            number, and the next one.
        size, mtime_ns: Bytes of the file and when it was last written, as the refresh found them;
            0 of a fragment.
        fields: Field id to the column that it reads.
        fragment: Of a fragment: what tells whether it is still the one that the refresh found.
    """

    path: str
    first: int
    stop: int
    size: int
    mtime_ns: int
    fields: dict[int, str]
    fragment: Fragment | None = None

    @property
    def identity(self) -> bytes:
        """What is equal as long as the rows are the same."""
        if self.fragment is None:
            return msgspec.json.encode(self)
        fragment = msgspec.structs.replace(self.fragment, version=0)
        return msgspec.json.encode(msgspec.structs.replace(self, fragment=fragment))

    def check(self) -> None:
        """Raise unless the file is the one that the refresh found.

        Raises:
            ExternalSourceError: It is gone, can't be looked at, or was written since.
        """
        if stamp(self.path) != (self.size, self.mtime_ns):
            raise ExternalSourceError(
                message=f"{self.path} was changed since the last refresh of the external "
                f"collection: {ADVICE}"
            )


class Part(NamedTuple):
    """Rows that become one segment, and how many there are."""

    rows: ExternalRows
    num_rows: int
    nbytes: int


ADVICE = "call refresh_external_collection to read it as it is now"


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
        raise ExternalSourceError(message=f"{message} {ADVICE}") from error
    return found.st_size, found.st_mtime_ns
