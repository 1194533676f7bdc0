"""Reading by key: in the order of the keys, each row once, whichever segment holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.errors import ParamError
from aiomilvus.model.types import DataType
from tests.support.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = DataType.VARCHAR


class Spread(Table):
    """A table and the key of each number."""

    key: Callable[[int], int | str]


@pytest.fixture(params=[DataType.INT64, TEXT], ids=["ints", "texts"])
def spread(request):
    """Keys 1 to 9 over sealed and growing segments, none of them in order."""
    made = Spread(key=request.param)
    made.key = (lambda n: f"k{n}") if request.param is TEXT else (lambda n: n)
    for numbers in ([8, 2, 5], [1, 9], [7, 3, 4, 6]):
        made.seal()
        made.insert([made.key(n) for n in numbers], tag=1.0)
    yield made
    made.close()


def ids(table, *numbers):
    return [table.key(n) for n in numbers]


def test_rows_come_in_the_order_of_the_keys(spread):
    asked = ids(spread, 9, 3, 1, 8, 404, 3)
    assert spread.rows("id", ids=asked) == ids(spread, 1, 3, 8, 9)


def test_limit_and_offset_cut_the_ordered_rows(spread):
    asked = ids(spread, 9, 7, 5, 3, 1)
    assert spread.rows("id", ids=asked, limit=2) == ids(spread, 1, 3)
    assert spread.rows("id", ids=asked, limit=2, offset=3) == ids(spread, 7, 9)
    assert spread.rows("id", ids=asked, limit=2, offset=9) == []


def test_an_offset_without_a_limit_does_not_count(spread):
    assert spread.rows("id", ids=ids(spread, 2, 1), offset=1) == ids(spread, 1, 2)
    assert (
        len(spread.rows("id", filter='id != ""' if spread.key(1) == "k1" else "id > 0", offset=5))
        == 9
    )


def test_filters_answer_in_the_order_of_the_keys_too(spread):
    everything = 'id != ""' if spread.key(1) == "k1" else "id > 0"
    assert spread.rows("id", filter=everything) == ids(spread, *range(1, 10))
    pages = [spread.rows("id", filter=everything, limit=4, offset=at) for at in (0, 4, 8)]
    assert [key for page in pages for key in page] == ids(spread, *range(1, 10))
    assert [len(page) for page in pages] == [4, 4, 1]


def test_a_cursor_goes_on_behind_a_key(spread):
    assert spread.rows("id", limit=3, cursor=spread.key(4)) == ids(spread, 5, 6, 7)
    assert spread.rows("id", limit=3, cursor=spread.key(9)) == []


def test_a_cursor_of_another_type_is_refused(spread):
    wrong = 5 if spread.key(1) == "k1" else "k5"
    with pytest.raises(ParamError, match="not of the primary key's type"):
        spread.rows("id", limit=3, cursor=wrong)


def test_deleted_and_replaced_rows_are_not_read(spread):
    spread.delete(ids(spread, 8))
    spread.upsert(ids(spread, 1), tag=7.0)
    found = spread.query(ids=ids(spread, 1, 8, 9), output_fields=("v",))
    assert found.batch["v"].values[:, 0].tolist() == [7.0, 1.0]


def test_keys_and_a_filter_together_are_refused(spread):
    with pytest.raises(ParamError, match="either ids or filter"):
        spread.rows("id", ids=ids(spread, 1), filter="id in [1]")


def test_counts_by_key_include_rows_that_were_inserted_again(spread):
    spread.insert(ids(spread, 2, 2), tag=5.0)
    found = spread.query(ids=ids(spread, 2, 3), output_fields=("count(*)",))
    assert found.count == 4
    assert spread.rows("id", ids=ids(spread, 2, 3)) == ids(spread, 2, 3)
