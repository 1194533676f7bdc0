"""What queries and mutations answer: a printable list of rows, and dicts with counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.results.lazy import LazyList
from aiomilvus.client.results.values import RowReader, values_of
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model import results
    from aiomilvus.model.columns import Column

_MOST_SHOWN = 100


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


class ExtraList(LazyList[dict[str, Any]]):
    """The rows of a query, with what the server told beside them in `extra`."""

    __slots__ = ("_reader", "_rows", "extra", "found")

    def __init__(self, found: results.QueryResult) -> None:
        self.found: results.QueryResult | None = found
        self.extra: OmitZeroDict = OmitZeroDict({"cost": found.cost} if found.cost else {})
        self._rows: list[dict[str, Any]] | None = None
        if found.count is not None:
            self._rows = [{"count(*)": found.count}]
            super().__init__(1)
            return
        super().__init__(found.batch.num_rows)
        self._reader = RowReader(found.batch, found.schema, found.output_fields, wrap_bytes=True)

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> ExtraList:
        """Return a list of rows that are made already."""
        made = cls.__new__(cls)
        LazyList.__init__(made, len(rows))
        made.found = None
        made.extra = OmitZeroDict()
        made._rows = rows  # noqa: SLF001 - its own class
        return made

    def _make(self, index: int) -> dict[str, Any]:
        return self._reader.row(index) if self._rows is None else self._rows[index]

    def _make_all(self) -> list[dict[str, Any]]:
        return self._reader.rows() if self._rows is None else list(self._rows)

    def __repr__(self) -> str:
        more = " ..." if len(self) > 10 else ""
        extra = f", extra_info: {self.extra}" if self.extra.omit_zero_len() else ""
        return f"data: {list(map(str, self[:10]))}{more}{extra}"

    __str__ = __repr__


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
