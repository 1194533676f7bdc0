"""JSON paths: the rows by the value that a path leads to, of one type, or of every type.

``json_cast_type`` says which values are kept: DOUBLE keeps numbers, VARCHAR text, BOOL
booleans, ARRAY_* the elements of arrays, JSON every path below the indexed one. A filter that
asks about values of another type, or about integers that doubles can't tell apart, is none
of the index' business: the evaluator answers it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from aiomilvus.engine.index.contract import ScalarIndex
from aiomilvus.engine.index.scalar.array_values import ElementIndex
from aiomilvus.engine.index.scalar.inverted import FORMAT, ValueIndex, index_values, open_values
from aiomilvus.engine.index.scalar.wide_integers import (
    WideIntegers,
    asks_wide,
    is_wide,
    wide_integers,
)
from aiomilvus.errors import DataCorruptedError, ExpressionError, ParamError
from aiomilvus.expr import predicate as p
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.expr.json_paths import JsonValues, Kind, shred
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.model.columns import BytesColumn, Column

    Path = tuple[str, ...]
    Part = ValueIndex | ElementIndex

MOST_PATHS = 256
"""So many paths below the indexed one have an index of their own under cast type JSON."""
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z", re.ASCII)
_SCALARS = {"BOOL": (Kind.BOOL,), "DOUBLE": (Kind.INTEGER, Kind.DOUBLE), "VARCHAR": (Kind.STRING,)}


def path_of(field: Field, text: str) -> Path:
    """Return the path that a ``json_path`` parameter names in a JSON field.

    Args:
        field: The JSON field.
        text: ``meta["a"]["b"]`` in a field called meta; ``color`` or ``color["x"]`` in the
            dynamic field; the field's own name, or nothing, for the whole document.

    Raises:
        ParamError: It is no path, or one in another field.
    """
    if text in ("", field.name):
        return ()
    return _parsed(field.name, field.is_dynamic, text)


@lru_cache(maxsize=256)
def _parsed(name: str, is_dynamic: bool, text: str) -> Path:
    field = Field(name=name, dtype=DataType.JSON, is_dynamic=is_dynamic)
    schema = Schema(fields=(field,), enable_dynamic_field=is_dynamic)
    try:
        root = compile_filter(f"exists {text}", schema).root
    except ExpressionError as error:
        raise ParamError(
            message=f"cannot parse identifier: {text}, error: {error.message}"
        ) from None
    if not isinstance(root, p.Exists) or root.operand.field != name:
        raise ParamError(message=f"cannot parse identifier: {text}: invalid parameter")
    return root.operand.path


class PathIndex(ScalarIndex):
    """What one path of a JSON column leads to, by value. Implements `ScalarIndex`.

    Args:
        parts: A ValueIndex by kind (BOOL, DOUBLE, VARCHAR), or one ElementIndex by its
            kind (ARRAY_BOOL …), for each path.
        num_rows: Rows of the segment.
        arrays: Rows where the path leads to an array, for ARRAY_* casts, else None.
        below: Paths that start with it and are not among `parts` lead to no scalar in any
            row; None where that is not known.
        cast: Whether text was converted to numbers.
        wide: Of converted numbers, the integers that doubles can't tell apart.
    """

    kind = "rows by JSON value"

    def __init__(
        self,
        parts: dict[Path, dict[str, Part]],
        num_rows: int,
        *,
        arrays: NDArray[np.bool_] | None = None,
        below: Path | None = None,
        cast: bool = False,
        wide: WideIntegers | None = None,
    ) -> None:
        self.num_rows = num_rows
        self._parts = parts
        self._arrays = arrays
        self._below = below
        self._cast = cast
        self._wide = wide

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where the bound leaf is true, None when the index can't tell."""
        part = self._part(leaf)
        if part is None:
            return np.zeros(self.num_rows, np.bool_) if self._nowhere(leaf) else None
        if isinstance(part, ValueIndex):
            # What was converted is nowhere but here.
            found = part.lookup(leaf, always=self._cast)
            if found is None or self._wide is None or not asks_wide(leaf):
                return found
            return self._wide.corrected(leaf, found)
        return part.lookup(leaf)

    def count(self, leaf: Any) -> int | None:
        """Return how many rows the leaf is true for, None as `lookup`."""
        part = self._part(leaf)
        if part is None:
            return 0 if self._nowhere(leaf) else None
        if self._wide is not None and asks_wide(leaf):
            found = self.lookup(leaf)
            return None if found is None else int(np.count_nonzero(found))
        return part.count(leaf)

    def known(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where a leaf that `lookup` answers is true or false, not unknown."""
        part = self._part(leaf)
        if isinstance(part, ValueIndex):
            return part.present()
        if part is not None:
            return self._arrays
        return np.zeros(self.num_rows, np.bool_) if self._nowhere(leaf) else None

    def _part(self, leaf: Any) -> Part | None:
        kind = kind_asked(leaf, exact=not self._cast)
        return None if kind is None else self._parts.get(leaf.operand.path, {}).get(kind)

    def _nowhere(self, leaf: Any) -> bool:
        below = self._below
        if below is None or kind_asked(leaf) not in _SCALARS:
            return False
        path = leaf.operand.path
        # Digits also index arrays, into which the index does not look.
        return path[: len(below)] == below and not any(key.isdigit() for key in path)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_paths` takes."""
        arrays: dict[str, NDArray[Any]] = {}
        described: list[list[Any]] = []
        for path, by_kind in self._parts.items():
            for kind, part in by_kind.items():
                own, _ = part.to_arrays()
                prefix = f"{len(described)}."
                arrays.update({prefix + name: array for name, array in own.items()})
                described.append([list(path), kind])
        if self._arrays is not None:
            arrays["arrays"] = np.packbits(self._arrays)
        if self._wide is not None:
            arrays["wide_rows"], arrays["wide_values"] = self._wide
        meta = {"format": FORMAT, "num_rows": self.num_rows, "parts": described}
        below = None if self._below is None else list(self._below)
        return arrays, {**meta, "below": below, "cast": self._cast}


def kind_asked(leaf: Any, *, exact: bool = True) -> str | None:
    """Return the cast type whose index can answer a leaf on a JSON path, None for none.

    Args:
        leaf: A bound leaf.
        exact: Refuse integers that doubles can't tell from their neighbours.
    """
    if not isinstance(getattr(leaf, "operand", None), p.JsonPath):
        return None
    if isinstance(leaf, p.Match):
        return "VARCHAR"
    if isinstance(leaf, p.Compare):
        return _common_kind((leaf.value,), exact)
    if isinstance(leaf, p.Range):
        return _common_kind((leaf.lower, leaf.upper), exact)
    if isinstance(leaf, p.In):
        return _common_kind(leaf.values, exact)
    if isinstance(leaf, p.Contains):
        kind = _common_kind(leaf.values, exact)
        return None if kind is None else f"ARRAY_{kind}"
    return None


def _common_kind(values: Iterable[p.Value], exact: bool) -> str | None:
    kinds = {_kind_of(value, exact) for value in values}
    return kinds.pop() if len(kinds) == 1 else None


def _kind_of(value: p.Value, exact: bool) -> str | None:
    if isinstance(value, bool):
        return "BOOL"
    if isinstance(value, str):
        return "VARCHAR"
    if exact and is_wide(value):
        return None
    return "DOUBLE" if isinstance(value, (int, float)) else None


# Building.


def build_paths(
    spec: IndexSpec,
    field: Field,
    column: BytesColumn,
    check: Callable[[], object] = never_interrupt,
) -> PathIndex | None:
    """Index one JSON path of a column as its ``json_cast_type`` says.

    `check` is called now and then; what it raises ends the work.
    """
    path = path_of(field, spec.params.get("json_path", ""))
    cast = spec.params["json_cast_type"]
    if cast == "JSON":
        return _build_below(path, column, check)
    values = shred(column, path, check)
    check()
    if not cast.startswith("ARRAY_"):
        converted = "json_cast_function" in spec.params
        part = _part_of(values, cast, np.arange(len(column)), len(column), converted=converted)
        wide = wide_integers(values) if converted else None
        return PathIndex({path: {cast: part}}, len(column), cast=converted, wide=wide)
    offsets, elements = values.elements()
    rows = np.repeat(np.arange(len(column)), np.diff(offsets))
    held = _part_of(elements, cast.removeprefix("ARRAY_"), rows, len(column))
    return PathIndex({path: {cast: ElementIndex(held)}}, len(column), arrays=values.are(Kind.ARRAY))


def _part_of(
    values: JsonValues, cast: str, rows: NDArray[Any], num_rows: int, *, converted: bool = False
) -> ValueIndex:
    """Index the values of one kind; `rows` says in which row each stands."""
    chosen = np.flatnonzero(values.are(*_SCALARS[cast]))
    column: Column
    if cast == "VARCHAR":
        column = values.strings.take(chosen)
    elif cast == "BOOL":
        column = FixedColumn(values.integers[chosen].astype(np.bool_))
    else:
        doubles = values.doubles
        if converted:
            chosen, doubles = _converted(values)
        column = FixedColumn(doubles[chosen])
    index = index_values(column, rows[chosen], num_rows)
    if index is None:  # JSON has no NaN
        raise DataCorruptedError(message="a JSON number is not a number")
    return index


def _converted(values: JsonValues) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows with numbers, or text that is one, and the number of each row."""
    doubles = values.doubles.copy()
    numeric = values.are(*_SCALARS["DOUBLE"])
    for row in np.flatnonzero(values.are(Kind.STRING)).tolist():
        text = values.strings.raw(row).decode()
        if _NUMBER.match(text):
            doubles[row] = float(text)
            numeric[row] = True
    return np.flatnonzero(numeric), doubles


def _build_below(path: Path, column: BytesColumn, check: Callable[[], object]) -> PathIndex:
    """Index every path from `path` down through objects to a scalar."""
    pending = [(path, shred(column, path, check))]
    parts: dict[Path, dict[str, Part]] = {}
    rows = np.arange(len(column))
    whole = True
    while pending:
        check()
        here, values = pending.pop(0)
        parts[here] = {kind: _part_of(values, kind, rows, len(column)) for kind in _SCALARS}
        objects = [] if values.objects is None else values.objects.tolist()
        for key in _keys(objects):
            if len(parts) + len(pending) >= MOST_PATHS:
                whole = False
                break
            check()
            found = [
                value.get(key, msgspec.UNSET) if isinstance(value, dict) else msgspec.UNSET
                for value in objects
            ]
            pending.append(((*here, key), JsonValues.of(found)))
    return PathIndex(parts, len(column), below=path if whole else None)


def _keys(objects: list[Any]) -> dict[str, None]:
    """Return the keys of all objects, in order, except those that also index arrays."""
    return {
        key: None
        for value in objects
        if isinstance(value, dict)
        for key in value
        if not key.isdigit()
    }


def open_paths(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> PathIndex:
    """Open what `PathIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != FORMAT:
        raise DataCorruptedError(
            message=f"scalar index format {meta.get('format')!r}, expected {FORMAT}"
        )
    rows = int(meta["num_rows"])
    parts: dict[Path, dict[str, Part]] = {}
    for number, (path, kind) in enumerate(meta["parts"]):
        prefix = f"{number}."
        own = {k[len(prefix) :]: array for k, array in arrays.items() if k.startswith(prefix)}
        values = open_values(own, {"format": FORMAT, "num_rows": rows})
        part = ElementIndex(values) if kind.startswith("ARRAY_") else values
        parts.setdefault(tuple(path), {})[kind] = part
    held, below = arrays.get("arrays"), meta["below"]
    wide = None  # files written before there were wide integers have none
    if "wide_rows" in arrays:
        wide = WideIntegers(arrays["wide_rows"], arrays["wide_values"])
    return PathIndex(
        parts,
        rows,
        arrays=None if held is None else np.unpackbits(held, count=rows).view(np.bool_),
        below=None if below is None else tuple(below),
        cast=bool(meta["cast"]),
        wide=wide,
    )
