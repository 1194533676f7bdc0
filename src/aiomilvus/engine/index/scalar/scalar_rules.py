"""Which scalar index fits which field, and with which parameters: Milvus' rules and wording."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from aiomilvus.engine.index.scalar.json_path_index import path_of
from aiomilvus.errors import ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Field

_WHOLE = frozenset({DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64})
_NUMERIC = _WHOLE | {DataType.FLOAT, DataType.DOUBLE}
_CASTS: dict[str, tuple[str, ...]] = {
    "INVERTED": (
        "BOOL", "DOUBLE", "VARCHAR", "ARRAY_BOOL", "ARRAY_DOUBLE", "ARRAY_VARCHAR", "JSON",
    ),
    "BITMAP": ("BOOL", "VARCHAR"),
    "STL_SORT": ("DOUBLE", "VARCHAR"),
    "NGRAM": ("VARCHAR",),
}  # fmt: skip
_MOST_CARDINALITY = 1000


def check_scalar(field: Field, kind: str, params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a scalar index, JSON casts in capitals.

    Args:
        field: The field to index.
        kind: The index type, one that exists.
        params: All parameters given.

    Raises:
        ParamError: The type does not fit the field, or a parameter is missing or wrong.
    """
    if field.dtype is DataType.TEXT:
        _refuse("TEXT field does not support user-created scalar index")
    _CHECKS[kind.upper()](field)
    checked = dict(params)
    if field.dtype is DataType.JSON:
        checked.update(_checked_json(field, kind, params))
    else:
        given = [name for name in params if name.startswith("json_")]
        if given:
            _refuse(f"{given[0]} is only for JSON fields, {field.name} is {field.dtype.spelling}")
    if kind == "NGRAM":
        _check_grams(params)
    limit = params.get("bitmap_cardinality_limit", "1")
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST_CARDINALITY:
        _refuse(
            "failed to check bitmap cardinality limit, should be larger than 0 and smaller than "
            f"{_MOST_CARDINALITY}"
        )
    return checked


def _refuse(reason: str) -> NoReturn:
    raise ParamError(message=f"{reason}: invalid parameter")


def _missing(reason: str, name: str) -> NoReturn:
    raise ParamError(message=f"{reason}: missing parameter[missing_param={name}]")


def _is(dtype: DataType, *, floats: bool = True) -> bool:
    return dtype.is_string or dtype is DataType.BOOL or dtype in (_NUMERIC if floats else _WHOLE)


def _inverted(field: Field) -> None:
    held = field.element_type if field.dtype is DataType.ARRAY else field.dtype
    if not _is(held) and field.dtype not in (DataType.JSON, DataType.TIMESTAMPTZ):
        _refuse(f"INVERTED are not supported on {field.dtype.spelling} field")


def _bitmap(field: Field) -> None:
    if field.is_primary:
        _refuse("create bitmap index on primary key not supported")
    if field.dtype is DataType.ARRAY:
        if not _is(field.element_type, floats=False):
            _refuse("bitmap index are only supported on bool, int, string for array field")
    elif not _is(field.dtype, floats=False) and field.dtype is not DataType.JSON:
        _refuse("bitmap index are only supported on bool, int, string and array field")


def _stl_sort(field: Field) -> None:
    dtype = field.element_type if field.struct else field.dtype
    fits = dtype in _NUMERIC or dtype.is_string or dtype is DataType.TIMESTAMPTZ
    if not fits and field.dtype is not DataType.JSON:
        _refuse(
            "STL_SORT are only supported on numeric, varchar or timestamptz field, got "
            f"{field.dtype.spelling}"
        )


def _trie(field: Field) -> None:
    if not field.dtype.is_string:
        _refuse(f"TRIE are only supported on varchar field, got {field.dtype.spelling}")


def _hybrid(field: Field) -> None:
    held = field.element_type if field.dtype is DataType.ARRAY else field.dtype
    if not _is(held):
        where = "for" if field.dtype is DataType.ARRAY else "and"
        _refuse(f"hybrid index are only supported on bool, int, float, string {where} array field")


def _ngram(field: Field) -> None:
    if not field.dtype.is_string and field.dtype is not DataType.JSON:
        _refuse("Ngram index can only be created on VARCHAR or JSON field")


def _rtree(field: Field) -> None:
    if field.dtype is not DataType.GEOMETRY:
        _refuse(f"RTREE index can only be built on geometry field, got {field.dtype.spelling}")


def _auto(field: Field) -> None:
    if field.dtype.is_vector or field.element_type.is_vector:
        _refuse(f"create auto index on {field.dtype.spelling} field is not supported")


_CHECKS = {
    "INVERTED": _inverted, "BITMAP": _bitmap, "STL_SORT": _stl_sort, "TRIE": _trie,
    "HYBRID": _hybrid, "NGRAM": _ngram, "RTREE": _rtree, "AUTOINDEX": _auto,
}  # fmt: skip


def _checked_json(field: Field, kind: str, params: Mapping[str, str]) -> dict[str, str]:
    allowed = _CASTS.get(kind, _CASTS["INVERTED"])
    cast = params.get("json_cast_type", "").strip().upper()
    if not cast:
        _missing("json index must specify cast type", "json_cast_type")
    if cast not in allowed:
        _refuse(
            f"json_cast_type {cast} is not supported for {kind} index, optional types are "
            f"[{', '.join(allowed)}]"
        )
    if "json_path" not in params and kind in ("BITMAP", "STL_SORT", "NGRAM"):
        _missing("json index must specify json path", "json_path")
    path_of(field, params.get("json_path", ""))
    function = params.get("json_cast_function")
    if function is None:
        return {"json_cast_type": cast}
    function = function.strip().upper()
    if function != "STRING_TO_DOUBLE":
        _refuse(f"json_cast_function {function} is not supported")
    if cast != "DOUBLE" or kind == "NGRAM":
        _refuse(f"json_cast_function {function} is not supported for json_cast_type {cast}")
    return {"json_cast_type": cast, "json_cast_function": function}


def _check_grams(params: Mapping[str, str]) -> None:
    if "min_gram" not in params or "max_gram" not in params:
        missing = "max_gram" if "min_gram" in params else "min_gram"
        _missing("Ngram index must specify both min_gram and max_gram", missing)
    sizes = []
    for name in ("min_gram", "max_gram"):
        try:
            sizes.append(int(params[name]))
        except ValueError:
            _refuse(f"{name} for Ngram index must be an integer, got: {params[name]}")
    least, most = sizes
    if least <= 0 or most <= 0 or least > most:
        _refuse(
            f"invalid min_gram or max_gram value for Ngram index, min_gram: {least}, "
            f"max_gram: {most}"
        )
