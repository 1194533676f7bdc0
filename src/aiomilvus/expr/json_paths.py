"""JSON columns, one path at a time, as typed arrays.

The documents stay text. The first filter on a path parses them once, keeps what the path
leads to, and sorts it by kind: that is `JsonValues`, on which filters are array operations.
`Shredder` keeps the paths of one column that were used last. Paths that lead nowhere cost
little: the parser skips what no path asks for.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import OrderedDict
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]
    Path = tuple[str, ...]

_KEPT_PATHS = 64
_FEW_ROWS = 16
"""A path not yet shredded is, for fewer than 1 in so many rows, shredded for these only."""
_BLOCK = 1024
"""Documents parsed in a row, in about a millisecond."""

_UNUSUAL_KEY = re.compile(r'["\\\x00-\x1f]')
"""What msgspec does not take in the name of a field."""


class Kind(IntEnum):
    """What a JSON path leads to."""

    MISSING = 0
    NULL = 1
    BOOL = 2
    INTEGER = 3
    DOUBLE = 4
    STRING = 5
    ARRAY = 6
    OBJECT = 7


_KINDS: dict[type, Kind] = {
    type(None): Kind.NULL,
    bool: Kind.BOOL,
    int: Kind.INTEGER,
    float: Kind.DOUBLE,
    str: Kind.STRING,
    list: Kind.ARRAY,
    dict: Kind.OBJECT,
    msgspec.UnsetType: Kind.MISSING,
}


class JsonValues:
    """What one path leads to in each row.

    Attributes:
        kinds: uint8 (n,), a `Kind` for each row.
        integers: int64 (n,), values of INTEGER and BOOL rows, elsewhere 0.
        doubles: float64 (n,), values of INTEGER and DOUBLE rows, elsewhere 0.
        strings: Values of STRING rows, elsewhere "".
        objects: object (n,), lists and dicts of ARRAY and OBJECT rows; None if no row has any.
    """

    __slots__ = ("_elements", "_present", "doubles", "integers", "kinds", "objects", "strings")

    def __init__(
        self,
        kinds: NDArray[np.uint8],
        integers: Rows,
        doubles: NDArray[np.float64],
        strings: BytesColumn,
        objects: NDArray[Any] | None,
    ) -> None:
        self.kinds = kinds
        self.integers = integers
        self.doubles = doubles
        self.strings = strings
        self.objects = objects
        self._present: frozenset[int] | None = None
        self._elements: tuple[Rows, JsonValues] | None = None

    @classmethod
    def of(cls, values: list[Any]) -> JsonValues:
        """Return `values`, as `msgspec` decodes JSON, or `UNSET` where there is nothing."""
        count = len(values)
        kinds = np.fromiter((_KINDS[type(value)] for value in values), np.uint8, count)
        integers = np.zeros(count, np.int64)
        doubles = np.zeros(count, np.float64)
        _fill_numbers(values, kinds, integers, doubles)
        is_text = kinds == Kind.STRING
        text = [value.encode() if kind else b"" for value, kind in _pairs(values, is_text)]
        is_container = kinds >= Kind.ARRAY
        objects = None
        if is_container.any():
            objects = np.empty(count, object)
            objects[:] = [value if kind else None for value, kind in _pairs(values, is_container)]
        return cls(kinds, integers, doubles, BytesColumn.of(text), objects)

    def __len__(self) -> int:
        return len(self.kinds)

    @classmethod
    def concat(cls, parts: list[JsonValues]) -> JsonValues:
        """Return the values of all `parts`, of which there is at least one, in order."""
        if len(parts) == 1:
            return parts[0]
        objects = None
        if any(part.objects is not None for part in parts):
            objects = np.concatenate(
                [np.full(len(p), None) if p.objects is None else p.objects for p in parts]
            )
        return cls(
            np.concatenate([part.kinds for part in parts]),
            np.concatenate([part.integers for part in parts]),
            np.concatenate([part.doubles for part in parts]),
            BytesColumn.concat([part.strings for part in parts]),
            objects,
        )

    def take(self, rows: Rows) -> JsonValues:
        """Return the values at `rows`, in that order."""
        return JsonValues(
            self.kinds[rows],
            self.integers[rows],
            self.doubles[rows],
            self.strings.take(rows) if self.has(Kind.STRING) else _no_text(len(rows)),
            None if self.objects is None else self.objects[rows],
        )

    def has(self, kind: Kind) -> bool:
        """Return whether any row is of this kind."""
        if self._present is None:
            counts = np.bincount(self.kinds, minlength=len(Kind))
            self._present = frozenset(np.flatnonzero(counts).tolist())
        return kind in self._present

    def are(self, *kinds: Kind) -> Bools:
        """Return which rows are of one of `kinds`."""
        mask = np.zeros(len(self), np.bool_)
        for kind in kinds:
            if self.has(kind):
                mask |= self.kinds == kind
        return mask

    def exists(self) -> Bools:
        """Return which rows have something: not null, nor a container of nothing but that."""
        found = self.kinds > Kind.NULL
        if self.objects is not None:
            for row in np.flatnonzero(self.kinds >= Kind.ARRAY).tolist():
                found[row] = not _is_hollow(self.objects[row])
        return found

    def elements(self) -> tuple[Rows, JsonValues]:
        """Return the elements of all ARRAY rows end to end, and where each row's begin."""
        if self._elements is None:
            lists = self._lists()
            offsets = np.zeros(len(self) + 1, np.int64)
            np.cumsum([len(items) for items in lists], out=offsets[1:])
            self._elements = offsets, JsonValues.of([item for items in lists for item in items])
        return self._elements

    def _lists(self) -> list[list[Any]]:
        if self.objects is None:
            return [[]] * len(self)
        return [value if type(value) is list else [] for value in self.objects.tolist()]


def _pairs(values: list[Any], mask: Bools) -> Iterable[tuple[Any, bool]]:
    return zip(values, mask.tolist(), strict=True)


def _no_text(count: int) -> BytesColumn:
    return BytesColumn(np.zeros(count + 1, np.int64), np.zeros(0, np.uint8))


def _fill_numbers(
    values: list[Any], kinds: NDArray[np.uint8], integers: Rows, doubles: NDArray[np.float64]
) -> None:
    """Copy the numbers out of `values`; integers beyond 64 bits become doubles."""
    rows = np.flatnonzero((kinds == Kind.INTEGER) | (kinds == Kind.BOOL))
    whole = [values[row] for row in rows.tolist()]
    try:
        integers[rows] = np.fromiter(whole, np.int64, len(whole))
    except OverflowError:
        for row, value in zip(rows.tolist(), whole, strict=True):
            if -(2**63) <= value < 2**63:
                integers[row] = value
            else:
                kinds[row] = Kind.DOUBLE
                doubles[row] = _as_double(value)
    is_integer = kinds == Kind.INTEGER
    doubles[is_integer] = integers[is_integer]
    rows = np.flatnonzero(kinds == Kind.DOUBLE)
    doubles[rows] = [_as_double(values[row]) for row in rows.tolist()]


def _as_double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _is_hollow(value: object) -> bool:
    """Return whether `value` holds nothing: null, or a container of only such."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif item is not None:
            return False
    return True


class Shredder:
    """The shredded paths of one immutable JSON column. Safe to use from several threads."""

    def __init__(self, column: BytesColumn) -> None:
        self._column = column
        self._kept: OrderedDict[Path, JsonValues] = OrderedDict()
        self._lock = threading.Lock()

    def values(self, path: Path, rows: Rows | None = None) -> JsonValues:
        """Return what `path` leads to, in all rows or at `rows`; a null row leads nowhere."""
        with self._lock:
            kept = self._kept.get(path)
            if kept is not None:
                self._kept.move_to_end(path)
        if kept is None and rows is not None and len(rows) * _FEW_ROWS < len(self._column):
            return shred(self._column.take(rows), path)
        if kept is None:
            kept = self._shred_all(path)
        return kept if rows is None else kept.take(rows)

    def _shred_all(self, path: Path) -> JsonValues:
        found = shred(self._column, path)
        with self._lock:
            self._kept[path] = found
            while len(self._kept) > _KEPT_PATHS:
                self._kept.popitem(last=False)
        return found


def shred(
    column: BytesColumn, path: Path, check: Callable[[], object] = never_interrupt
) -> JsonValues:
    """Return what `path` leads to in each document of `column`, a column of JSON text.

    `check` is called now and then; what it raises ends the work.
    """
    lookup = _lookup(path)
    parts = [_shred_block(column.slice(0, min(_BLOCK, len(column))), lookup)]
    for start in range(_BLOCK, len(column), _BLOCK):
        # Parsing runs under the interpreter's lock: an event loop gets it here, not in 5 ms.
        time.sleep(0)
        check()
        parts.append(_shred_block(column.slice(start, min(start + _BLOCK, len(column))), lookup))
    return JsonValues.concat(parts)


def _shred_block(column: BytesColumn, lookup: Callable[[bytes], Any]) -> JsonValues:
    if column.valid is None:
        return JsonValues.of([lookup(text) for text in column])
    unset: Any = msgspec.UNSET
    return JsonValues.of(
        [
            lookup(text) if present else unset
            for text, present in zip(column, column.valid.tolist(), strict=True)
        ]
    )


@lru_cache(maxsize=512)
def _lookup(path: Path) -> Callable[[bytes], Any]:
    """Return the function that follows `path` in a JSON text."""
    if not path:
        return _decoded
    first, rest = path[0], path[1:]
    if _UNUSUAL_KEY.search(first):
        return lambda text: follow(_decoded(text), path)
    # Decoding into a class of one field skips the others' values at C speed.
    holder = msgspec.defstruct("_Holder", [("found", Any, msgspec.UNSET)], rename={"found": first})
    decode = msgspec.json.Decoder(holder).decode

    def lookup(text: bytes) -> Any:
        try:
            found = cast("Any", decode(text)).found
        except msgspec.DecodeError:
            # The document is no object, or holds a number that only doubles approximate.
            return follow(_decoded(text), path)
        return follow(found, rest) if rest else found

    return lookup


_decode_any = msgspec.json.Decoder().decode


def _decoded(text: bytes) -> Any:
    """Return the value of a JSON text; numbers beyond doubles become infinite."""
    try:
        return _decode_any(text)
    except msgspec.DecodeError:
        try:
            return json.loads(text)
        except ValueError as error:
            raise DataCorruptedError(message=f"a JSON value is not JSON: {error}") from None


def follow(value: Any, path: Path) -> Any:
    """Return what `path` leads to from a decoded value, `UNSET` if nowhere."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key, msgspec.UNSET)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return msgspec.UNSET
    return value
