"""Grants are told as Milvus tells them."""

from __future__ import annotations

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.model.operations.access import CreateRole, ListGrants, SetGrant


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", ["*", "default"]),
        ("*", ["*", "default", "other"]),
        ("default", ["*", "default"]),
        ("other", ["*", "other"]),
    ],
)
def test_grants_of_a_database_are_those_that_hold_there(asked: str, told: list[str]) -> None:
    database = Database(None)
    database.execute(CreateRole(role="reader"))
    for db in ("default", "other", "*"):
        grant = SetGrant(role="reader", privilege="Search", name="books", database=db)
        database.execute(grant)
    found = database.execute(ListGrants(role="reader", database=asked))
    assert sorted(grant.db for grant in found) == told
    database.close()
