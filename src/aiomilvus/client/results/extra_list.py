"""What queries and mutations answer: a printable list of rows, and dicts with counts."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from aiomilvus.client.results.arrow import arrow
from aiomilvus.client.results.lazy import FILLED_AT_ONCE, MOST_FILLED, LazyList, MadeList
from aiomilvus.client.results.printing import brief, cell
from aiomilvus.client.results.tables import Tabular, columns_of
from aiomilvus.client.results.values import RowReader, values_of, values_per_row
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.client.results.tables import Array
    from aiomilvus.model import results
    from aiomilvus.model.columns import Column

_MOST_SHOWN = 100
V = TypeVar("V")


class OmitZeroDict(dict[str, Any]):
    """A dict that does not show what is 0 or empty when it is printed."""

    def omit_zero_len(self) -> int:
        """Return the number of entries that are shown."""
        return sum(1 for value in self.values() if value)

    def __str__(self) -> str:
        return str({key: value for key, value in self.items() if value})


class KeyList(list[Any]):
    """Primary keys of the rows written; a long list is shown by its ends."""

    __slots__ = ()

    def __repr__(self) -> str:
        if len(self) <= _MOST_SHOWN:
            return super().__repr__()
        first = ", ".join(map(repr, self[:4]))
        return f"[{first}, ..., {self[-1]!r}]"

    __str__ = __repr__


class ExtraList(MadeList[dict[str, Any]], Tabular):
    """The rows of a query, with what the server told beside them in `extra`.

    Where the filter is about elements of an array of structs, each that passed has a row of its
    own, with its place in the array as ``offset``.

    Args:
        found: The rows as columns.
        at_once: Whether all is made now; otherwise, where `unfilled`, by `filling`.

    Attributes:
        extra: ``cost``, where the server tells it.
        found: The columns the rows are made from; None for rows that came without.
        unfilled: Whether `filling` has to be gone through before anyone sees the rows.

    Example:
        >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
        >>> [row["title"] for row in rows]
        ['On Foxes', 'On Rivers']
    """

    __slots__ = ("_elements", "_reader", "extra", "found", "unfilled")

    def __init__(self, found: results.QueryResult | None, *, at_once: bool = True) -> None:
        self.found: results.QueryResult | None = found
        self.extra: OmitZeroDict = OmitZeroDict(
            {"cost": found.cost} if found and found.cost else {}
        )
        self.unfilled: bool = False
        self._elements: NDArray[np.int64] | None = None
        if found is None:
            return
        if found.count is not None:
            self.append({"count(*)": found.count})
            return
        if found.elements is not None:
            self._elements = found.elements.indices
            found = self.found = _by_element(found, found.elements)
        batch = found.batch
        self._reader = RowReader(batch, found.schema, found.output_fields, wrap_bytes=True)
        self.unfilled = batch.num_rows * values_per_row(batch, found.schema) > FILLED_AT_ONCE
        if not self.unfilled:
            self.extend(self._make_between(0, batch.num_rows))
        elif at_once:
            deque(self.filling(), maxlen=0)

    def filling(self) -> Iterator[None]:
        """Make the rows in steps of a fraction of a millisecond; those of a large answer stay out.

        Yields:
            After each step.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> list(rows.filling())
            []
        """
        found = self.found
        if not self.unfilled or found is None:
            return
        self.unfilled = False
        rows = found.batch.num_rows
        per_row = values_per_row(found.batch, found.schema)
        if rows * per_row > MOST_FILLED:
            self._leave_open(rows)
            self.__class__ = LazyRows  # the same layout
            return
        step = max(FILLED_AT_ONCE // per_row, 1)
        for start in range(0, rows, step):
            self.extend(self._make_between(start, min(start + step, rows)))
            yield

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> ExtraList:
        """Return a list of rows that are made already.

        Args:
            rows: Dicts from field to value.

        Example:
            >>> from aiomilvus import ExtraList
            >>> ExtraList.of([{"id": 1}])[0]["id"]
            1
        """
        made = cls(None)
        made.extend(rows)
        return made

    def emptied(self) -> ExtraList:
        """Return an answer of no rows, with the columns of this one.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.emptied().to_arrow().column_names
            ['id', 'title']
        """
        found = self.found
        if found is None:
            return ExtraList(None)
        batch = found.batch.slice(0, 0)
        empty = msgspec.structs.replace(found, batch=batch, elements=None, count=None)
        return ExtraList(empty)

    def _make_between(self, start: int, stop: int) -> list[dict[str, Any]]:
        rows = self._reader.rows_between(start, stop)
        if self._elements is None:
            return rows
        offsets = self._elements[start:stop].tolist()
        return [_with_offset(row, offset) for row, offset in zip(rows, offsets, strict=True)]

    def _columns(self) -> dict[str, Array]:
        found = self.found
        if found is None:
            return {}
        if found.count is not None:
            return {"count(*)": arrow().array([found.count])}
        columns = columns_of(found.batch, found.schema, found.output_fields)
        if self._elements is not None:
            columns["offset"] = arrow().array(self._elements)
        return columns

    def _rows_shown(self) -> list[dict[str, str]]:
        return [{name: cell(value) for name, value in row.items()} for row in self[:10]]

    def __repr__(self) -> str:
        more = " ..." if len(self) > 10 else ""
        extra = f", extra_info: {self.extra}" if self.extra.omit_zero_len() else ""
        return f"data: {list(map(brief, self[:10]))}{more}{extra}"

    __str__ = __repr__


def _by_element(found: results.QueryResult, elements: results.RowElements) -> results.QueryResult:
    """Return an answer about elements with each row as often as elements of it are told."""
    counts = elements.offsets[1:] - elements.offsets[:-1]
    return msgspec.structs.replace(found, batch=found.batch.repeated(counts))


def _with_offset(row: dict[str, V], offset: V) -> dict[str, V]:
    """Return a row that tells its element behind its first key, as pymilvus' rows do."""
    names = iter(row.items())
    return {**dict([next(names)]), "offset": offset, **dict(names)}


class LazyRows(LazyList[dict[str, Any]], ExtraList):
    """The rows of a large answer: each is made when it is touched."""

    __slots__ = ()
    _filled_class = ExtraList


def inserted(found: results.MutationResult) -> OmitZeroDict:
    """Return what `insert` answers."""
    ids = key_list(found.ids)
    return OmitZeroDict({"insert_count": found.insert_count, "ids": ids, "cost": found.cost})


def upserted(found: results.MutationResult) -> OmitZeroDict:
    """Return what `upsert` answers."""
    ids = key_list(found.ids)
    return OmitZeroDict({"upsert_count": found.upsert_count, "cost": found.cost, "ids": ids})


def deleted(found: results.MutationResult) -> OmitZeroDict:
    """Return what `delete` answers."""
    return OmitZeroDict({"delete_count": found.delete_count, "cost": found.cost})


def nothing_written(counter: str) -> OmitZeroDict:
    """Return what a write of no rows answers."""
    return OmitZeroDict({counter: 0, "ids": KeyList()})


def key_list(keys: Column | None) -> KeyList:
    """Return primary keys as a list of int or str."""
    if keys is None:
        return KeyList()
    dtype = DataType.VARCHAR if keys.kind == "bytes" else DataType.INT64
    return KeyList(values_of(keys, dtype))
