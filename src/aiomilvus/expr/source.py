"""What a filter reads from: the protocol that segments implement, and one in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from aiomilvus.errors import NotSupportedError
from aiomilvus.expr.geometry import Geometries, geometries
from aiomilvus.expr.json_paths import JsonValues, Shredder
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.expr.predicate import FuzzyMatch, Leaf, PhraseMatch, TextMatch
    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]


class ColumnSource(Protocol):
    """Rows, by column, that do not change while a filter runs over them.

    A class that derives from this one gets the optional methods for nothing.
    """

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        ...

    def column(self, name: str) -> Column:
        """Return the column called `name`, `num_rows` long."""
        ...

    def json_path(self, field: str, path: tuple[str, ...], rows: Rows | None = None) -> JsonValues:
        """Return what `path` leads to in a JSON field, in all rows or at `rows`.

        Implementations keep a `Shredder` for each JSON column.
        """
        ...

    def index_lookup(self, leaf: Leaf) -> Bools | None:  # noqa: ARG002 - for implementations
        """Return for which rows `leaf` is TRUE, if a scalar index can tell, else None."""
        return None

    def index_known(self, leaf: Leaf) -> Bools | None:  # noqa: ARG002 - for implementations
        """Return where a leaf on a JSON path, answered by `index_lookup`, is TRUE or FALSE.

        None means that the index does not tell.
        """
        return None

    def geometries(self, field: str) -> Geometries:
        """Return a GEOMETRY field's shapes, None for nulls."""
        return geometries(BytesColumn.expect(self.column(field)))

    def text_match(self, leaf: TextMatch | PhraseMatch | FuzzyMatch) -> Bools:
        """Return which rows' text matches; what a null row gets does not matter.

        Raises:
            NotSupportedError: The source has no analyzer for the field.
        """
        raise NotSupportedError(message=f"text match on field {leaf.field} is not supported here")


class MemorySource(ColumnSource):
    """A source over columns in memory: for growing data, element values, and tests."""

    def __init__(self, columns: Mapping[str, Column], num_rows: int | None = None) -> None:
        self._columns = columns
        self._num_rows = len(next(iter(columns.values()))) if num_rows is None else num_rows
        self._shredders: dict[str, Shredder] = {}
        self._shapes: dict[str, Geometries] = {}
        self._lock = threading.Lock()

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self._num_rows

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        return self._columns[name]

    def json_path(self, field: str, path: tuple[str, ...], rows: Rows | None = None) -> JsonValues:
        """Return what `path` leads to, shredded at the first use."""
        with self._lock:
            shredder = self._shredders.get(field)
            if shredder is None:
                shredder = Shredder(BytesColumn.expect(self._columns[field]))
                self._shredders[field] = shredder
        return shredder.values(path, rows)

    def geometries(self, field: str) -> Geometries:
        """Return a GEOMETRY field's shapes, decoded at the first use."""
        with self._lock:
            if field not in self._shapes:
                self._shapes[field] = geometries(BytesColumn.expect(self._columns[field]))
            return self._shapes[field]
