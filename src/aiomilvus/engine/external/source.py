"""``external_source`` and ``external_spec``: where the files are, and how to read them."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.errors import ExternalSourceError, NotSupportedError, ParamError
from aiomilvus.model.external_source import files_in, local_path
from aiomilvus.model.nearest import or_nearest

if TYPE_CHECKING:
    from pathlib import Path

PARQUET, LANCE = "parquet", "lance-table"
FORMATS = (PARQUET, LANCE, "iceberg-table", "vortex", "milvus-table")
"""What Milvus reads; the first two are read here."""
_KEYS = ("format", "columns", "extfs", "snapshot_id")


class Spec(NamedTuple):
    """What an ``external_spec`` says.

    Attributes:
        format: One of the formats that are read here.
        columns: The columns that the fields may read, () for all.
    """

    format: str
    columns: tuple[str, ...]


def check_library(kind: str = PARQUET) -> None:
    """Raise NotSupportedError unless what reads a format is installed."""
    if importlib.util.find_spec("pyarrow") is None:
        message = "external collections need pyarrow: pip install 'aiomilvus[arrow]'"
        raise NotSupportedError(message=message)
    if kind == LANCE and importlib.util.find_spec("lance") is None:
        message = f"the format {LANCE} needs pylance: pip install 'aiomilvus[lance]'"
        raise NotSupportedError(message=message)


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
        check_library(check_spec(spec).format)


def check_spec(spec: str) -> Spec:
    """Return what a spec says.

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
    kind = _format(given)
    if given.get("extfs"):
        message = "extfs of an external_spec tells how to reach remote files: leave it out, as the"
        raise NotSupportedError(message=f"{message} files are local")
    columns = given.get("columns") or []
    if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
        raise _refused("columns of an external_spec must be a list of texts")
    return Spec(kind, tuple(columns))


def _format(given: dict[str, object]) -> str:
    kind = given.get("format")
    if kind is None:
        raise _refused(f"external_spec lacks format, which may be {PARQUET} or {LANCE}")
    if kind not in FORMATS:
        raise _refused(f"format {kind!r} of an external_spec is not one of {', '.join(FORMATS)}")
    if kind not in (PARQUET, LANCE):
        message = f"format {kind!r} of an external_spec is not supported by this engine"
        raise NotSupportedError(message=f"{message}: it reads {PARQUET} and {LANCE}")
    if "snapshot_id" in given:
        raise _refused("snapshot_id of an external_spec is for the format iceberg-table")
    return PARQUET if kind == PARQUET else LANCE


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


def table_of(source: str) -> Path:
    """Return the folder of the table that a source names.

    Raises:
        ExternalSourceError: There is none.
    """
    path = local_path(source)
    if not path.is_dir():
        message = f"external_source {source!r}: there is no folder {path}, as a Lance table is"
        raise ExternalSourceError(message=message)
    return path


def _refused(message: str) -> ParamError:
    return ParamError(message=f"{message}: invalid parameter")
