"""Masks on the disk: written when they changed, and right after every reopening."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.model.operations.data import Query
from tests.support.tables import NAME, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    made = Table(path=tmp_path / "db", partitions="ab")
    yield made
    made.close()


def masks(table: Table) -> dict[int, str]:
    """The name of each sealed segment's masks; "" for none."""
    collection = table.database.collection("", NAME)
    return {number: segment.record.masks for number, segment in collection.sealed.items()}


def settled(table: Table) -> None:
    table.seal()
    table.database.wait_idle()


def reopened(table: Table, path: Path) -> None:
    table.database.close()
    table.database = Database(path)


def shown(table: Table, *partitions: str) -> dict[int, float]:
    asked = Query(collection=NAME, filter="id >= 0", partitions=partitions)
    batch = table.do(asked).batch
    tags = batch["v"].arrays()["values"][:, 0].tolist()
    return dict(zip(batch["id"].arrays()["values"].tolist(), tags, strict=True))


def test_masks_that_did_not_change_are_not_written_again(table: Table):
    table.insert(range(100), partition="a")
    settled(table)
    table.insert(range(200, 300), partition="b")
    table.delete([1])
    settled(table)
    before = masks(table)
    (changed,) = [number for number, name in before.items() if name]
    table.insert([1000])
    settled(table)
    assert {number: masks(table)[number] for number in before} == before
    table.delete([2])
    table.insert([1001])
    settled(table)
    after = masks(table)
    assert after[changed] != before[changed]
    assert {n: name for n, name in after.items() if n in before and n != changed} == {
        n: name for n, name in before.items() if n != changed
    }


def test_masks_of_every_age_and_the_log_tell_the_same_after_reopening(table: Table, tmp_path: Path):
    table.insert(range(6), 1.0, "a")
    settled(table)
    table.delete([0])
    table.insert([1, 2], 2.0, "b")
    settled(table)
    table.insert([1], 3.0, "a")
    table.upsert([3], 4.0, "b")
    settled(table)
    table.delete([4])
    table.insert([2], 5.0)
    whole, first, second = shown(table), shown(table, "a"), shown(table, "b")
    assert whole == {1: 3.0, 2: 5.0, 3: 4.0, 5: 1.0}
    assert first == {1: 3.0, 2: 1.0, 3: 1.0, 5: 1.0}
    assert second == {1: 2.0, 2: 2.0, 3: 4.0}
    for _ in range(2):
        reopened(table, tmp_path / "db")
        assert (shown(table), shown(table, "a"), shown(table, "b")) == (whole, first, second)
        settled(table)
        assert (shown(table), shown(table, "a"), shown(table, "b")) == (whole, first, second)
