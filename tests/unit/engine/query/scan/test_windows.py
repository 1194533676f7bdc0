"""Rows by key: few keys take a shorter way than many, and give the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.engine.query.filtering.key_lookup import FEW
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.types import DataType
from tests.support.batches import keys
from tests.support.tables import NAME, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 60


@pytest.fixture(params=[DataType.INT64, DataType.VARCHAR])
def held(request: pytest.FixtureRequest) -> Iterator[tuple[Table, dict[Any, float]]]:
    """A table in two partitions, sealed and growing, and what it holds: key to tag."""
    table = Table(key=request.param, partitions="ab")
    name = (lambda i: i) if request.param is DataType.INT64 else "k{:03d}".format
    model: dict[Any, float] = {}
    for at, partition in enumerate("ab"):
        ids = [name(i) for i in range(at, COUNT, 2)]
        table.insert(ids[::-1], float(at), partition=partition)
        model.update(dict.fromkeys(ids, float(at)))
        table.seal()
    again = [name(i) for i in (5, 17, 40)]
    table.upsert(again, 7.0, partition="a")
    model.update(dict.fromkeys(again, 7.0))
    gone = [name(i) for i in (3, 40, 59)]
    table.delete(gone)
    for key in gone:
        del model[key]
    yield table, model
    table.close()


def test_keys_are_found_in_their_order_each_once(held: tuple[Table, dict[Any, float]]) -> None:
    table, model = held
    random = np.random.default_rng(4)
    known = [*model, *(["k999", "none"] if isinstance(next(iter(model)), str) else [999, -1])]
    for count in (1, 2, FEW, FEW + 1, 3 * FEW):
        asked = [known[at] for at in random.integers(0, len(known), count)]
        found = table.query(ids=keys(asked), output_fields=("id", "v"))
        column = found.batch.columns["id"]
        if isinstance(column, BytesColumn):
            given: list[Any] = [raw.decode() for raw in column]
        else:
            given = column.arrays()["values"].tolist()
        assert given == sorted({key for key in asked if key in model})
        tags = found.batch.columns["v"].arrays()["values"][:, 0].tolist()
        assert tags == [model[key] for key in given]


def test_no_key_is_found_in_an_empty_collection() -> None:
    table = Table()
    assert table.query(ids=keys([1, 2])).batch.num_rows == 0
    assert table.database.snapshot("", NAME).views == ()
    table.close()


@pytest.mark.parametrize("values", [[b"a", None, b"", b"word"], [b"", b""], [None]])
def test_few_texts_are_taken_as_many_are(values: list[bytes | None]) -> None:
    column = BytesColumn.of(values)
    few = np.arange(len(values))[::-1]
    many = np.tile(few, 10)[: FEW + len(values)]
    one, other = column.take(few), column.take(many)
    assert list(one) == list(other)[: len(values)]
    assert [one.is_null(at) for at in range(len(few))] == [values[at] is None for at in few]
    assert one.offsets.dtype == other.offsets.dtype
    assert one.data.dtype == other.data.dtype
    assert list(column.take(few[:0])) == []
