"""Files of rows: which may be read, and what stands in them.

JSON holds ``[{…}, …]`` or ``{"rows": [{…}, …]}``; Parquet and CSV hold a column for each field;
of NumPy's ``.npy`` files each holds the field that it is named after. What a file format can't
say is written as Milvus' bulk writers write it: vectors, arrays and JSON as JSON text in CSV,
binary vectors (and 16-bit ones in Parquet) as lists of bytes, sparse ones as
``{"indices": […], "values": […]}``.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.client.files.values import row_value, table_values
from aiomilvus.errors import ImportFailedError, ParamError
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from aiomilvus.model.schema import Schema

KINDS = (".json", ".parquet", ".csv", ".npy")


def resolve(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the paths of files, all of them inside `folder`.

    Raises:
        ImportFailedError: One is elsewhere, absent, or of an unknown kind.
    """
    root = folder.resolve()
    found = []
    for name in names:
        path = (root / name.removeprefix("/")).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise ImportFailedError(message=f"no file {name!r} in the server's import folder")
        if path.suffix not in KINDS:
            kinds = ", ".join(KINDS)
            raise ImportFailedError(message=f"{name!r} is none of the kinds {kinds}")
        found.append(path)
    return found


def tasks_of(paths: Sequence[Path]) -> list[list[Path]]:
    """Return the files that belong together: the ``.npy`` ones; each other is on its own."""
    columns = [path for path in paths if path.suffix == ".npy"]
    return [[path] for path in paths if path.suffix != ".npy"] + ([columns] if columns else [])


def read(paths: Sequence[Path], schema: Schema, options: Mapping[str, str]) -> Any:
    """Return the rows of files that belong together, as `model.rows.batch` takes them.

    Args:
        paths: One file, or ``.npy`` files.
        schema: Of the collection.
        options: For CSV, ``sep`` between values (``,``) and ``nullkey`` for null (nothing).

    Raises:
        ImportFailedError: A file is malformed.
    """
    try:
        if paths[0].suffix == ".npy":
            return {path.stem: _plain(schema, path.stem, _array(path)) for path in paths}
        if paths[0].suffix == ".json":
            return [_row(schema, row) for row in _json_rows(paths[0])]
        table = _table(paths[0], options)
        return {name: _plain(schema, name, table.column(name)) for name in table.column_names}
    except (
        ValueError,
        TypeError,
        RecursionError,
        ParamError,
        msgspec.MsgspecError,
    ) as error:  # pyarrow's errors among them
        name = paths[0].name
        raise ImportFailedError(message=f"{name} is malformed: {error}") from error


def _json_rows(path: Path) -> list[dict[str, Any]]:
    content = decode_json(path.read_bytes(), "the file")
    rows = content.get("rows") if isinstance(content, dict) else content
    return msgspec.convert(rows, list[dict[str, Any]])


def _row(schema: Schema, row: dict[str, Any]) -> dict[str, Any]:
    fields = schema.by_name
    read = {
        k: row_value(fields[k], v) if k in fields else v for k, v in row.items() if k != "$meta"
    }
    extra = row.get("$meta") or {}
    return {**(decode_json(extra, "$meta") if isinstance(extra, str) else extra), **read}


def _array(path: Path) -> Any:
    array = np.load(path, allow_pickle=False)
    return [bytes(row) for row in array] if array.dtype == np.uint8 and array.ndim == 2 else array


def _table(path: Path, options: Mapping[str, str]) -> Any:
    if importlib.util.find_spec("pyarrow") is None:
        message = (
            f"{path.name} needs the package pyarrow, which the server lacks: install it there "
            "with `pip install 'aiomilvus[arrow]'`, or import JSON or NumPy files"
        )
        raise ImportFailedError(message=message)
    if path.suffix == ".parquet":
        from pyarrow import parquet  # noqa: PLC0415 - heavy, and few servers import files

        return parquet.read_table(path)
    from pyarrow import csv  # noqa: PLC0415 - as above

    null = options.get("nullkey", "")
    return csv.read_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=options.get("sep", ",")),
        convert_options=csv.ConvertOptions(null_values=[null], strings_can_be_null=True),
    )


def _plain(schema: Schema, name: str, column: Any) -> Any:
    """Return a column as rows take it."""
    if isinstance(column, np.ndarray):
        return column
    field = schema.by_name.get(name)
    if not isinstance(column, list):
        return table_values(field, column.to_pylist(), column.type)
    return column if field is None else [row_value(field, value) for value in column]
