"""Which kinds of files of rows there are, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from pathlib import Path

_KINDS = {".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


def kind_of(path: Path) -> str:
    """Return ``parquet``, ``jsonl`` or ``csv``, by the end of a file's name.

    Raises:
        ParamError: It ends otherwise.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise ParamError(
            message=f"{path.name}: the name of a file of rows ends in {', '.join(_KINDS)}"
        )
    return kind
