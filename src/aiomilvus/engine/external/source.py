"""``external_source`` and ``external_spec``: where the files are, and how to read them."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import ExternalSourceError, NotSupportedError, ParamError
from aiomilvus.model.external_source import files_in, local_path
from aiomilvus.model.nearest import or_nearest

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ("parquet", "lance-table", "iceberg-table", "vortex", "milvus-table")
"""What Milvus reads; the first one is read here."""
_KEYS = ("format", "columns", "extfs", "snapshot_id")
_NEEDS = "external collections need pyarrow: pip install 'aiomilvus[arrow]'"


def check_library() -> None:
    """Raise NotSupportedError unless pyarrow is installed."""
    if importlib.util.find_spec("pyarrow") is None:
        raise NotSupportedError(message=_NEEDS)


def check_given(source: str, spec: str) -> None:
    """Raise unless both or neither are given, and this engine can read what they name.

    Raises:
        ParamError: They are malformed.
        NotSupportedError: Milvus reads such a source, and this engine does not; or pyarrow is not
            installed.
    """
    if bool(source) != bool(spec):
        given, lacking = ("source", "spec") if source else ("spec", "source")
        message = f"external_{given} is given without external_{lacking}: give both, or neither"
        raise _refused(message)
    if source:
        local_path(source)
        check_spec(spec)
        check_library()


def check_spec(spec: str) -> tuple[str, ...]:
    """Return the columns that a spec restricts the fields to, () for all.

    Raises:
        ParamError: It is no such JSON object.
        NotSupportedError: The format is one that this engine does not read.
    """
    try:
        given = msgspec.json.decode(spec)
    except (msgspec.DecodeError, ValueError) as error:
        raise _refused(f"external_spec must be a JSON object: {error}") from None
    if not isinstance(given, dict):
        raise _refused(f"external_spec must be a JSON object, got {type(given).__name__}")
    for key in given:
        if key not in _KEYS:
            raise _refused(f"external_spec has no key {key!r}{or_nearest(key, _KEYS)}")
    _check_format(given)
    if given.get("extfs"):
        message = "extfs of an external_spec tells how to reach remote files: leave it out, as the"
        raise NotSupportedError(message=f"{message} files are local")
    columns = given.get("columns") or []
    if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
        raise _refused("columns of an external_spec must be a list of texts")
    return tuple(columns)


def _check_format(given: dict[str, object]) -> None:
    kind = given.get("format")
    if kind is None:
        raise _refused("external_spec lacks format, which may be parquet")
    if kind not in FORMATS:
        raise _refused(f"format {kind!r} of an external_spec is not one of {', '.join(FORMATS)}")
    if kind != FORMATS[0]:
        message = f"format {kind!r} of an external_spec is not supported by this engine"
        raise NotSupportedError(message=f"{message}: it reads parquet")
    if "snapshot_id" in given:
        raise _refused("snapshot_id of an external_spec is for the format iceberg-table")


def files_of(source: str) -> list[Path]:
    """Return the files of a source, in the order of their names.

    Of a folder those are all in it, and in folders of it, whose names end with ``.parquet``; what
    begins with ``_`` or ``.`` is passed over.

    Raises:
        ExternalSourceError: There is nothing of that name, or it can't be looked at.
    """
    path = local_path(source)
    if path.is_file():
        return [path]
    if not path.is_dir():
        message = f"external_source {source!r}: there is no file or folder {path}"
        raise ExternalSourceError(message=message)
    try:
        return files_in(path)
    except OSError as error:
        raise ExternalSourceError(message=f"external_source {source!r}: {error}") from error


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
