"""Resource groups of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.operations import cluster
from aiomilvus.errors import ParamError, ResourceGroupLimitError, ResourceGroupNodesError
from aiomilvus.model.operations.cluster import (
    CreateResourceGroup,
    DescribeResourceGroup,
    TransferNode,
)
from aiomilvus.model.resource_groups import DEFAULT_RESOURCE_GROUP, ResourceGroupConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = DEFAULT_RESOURCE_GROUP


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database(None)
    yield database
    database.close()


def test_there_are_as_many_groups_as_a_server_allows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "MAX_GROUPS", 2)
    database.execute(CreateResourceGroup(name="a"))
    with pytest.raises(ResourceGroupLimitError, match="limit=2") as caught:
        database.execute(CreateResourceGroup(name="b"))
    assert caught.value.code == 302


def test_moving_the_node_changes_what_both_groups_request(database: Database) -> None:
    database.execute(CreateResourceGroup(name="a"))
    database.execute(TransferNode(source=DEFAULT, target="a", count=1))
    told = database.execute(DescribeResourceGroup(name="a"))
    assert told["config"] == ResourceGroupConfig(requests=1, limits=1)
    assert told["num_available_node"] == 1
    database.execute(TransferNode(source="a", target=DEFAULT, count=1))
    told = database.execute(DescribeResourceGroup(name="a"))
    assert told["config"] == ResourceGroupConfig(requests=0, limits=0)
    assert database.execute(DescribeResourceGroup(name=DEFAULT))["num_available_node"] == 1


def test_a_node_that_is_not_there_is_not_moved(database: Database) -> None:
    database.execute(CreateResourceGroup(name="a"))
    with pytest.raises(ResourceGroupNodesError, match="currentNodeNum=0"):
        database.execute(TransferNode(source="a", target=DEFAULT, count=1))
    with pytest.raises(ResourceGroupNodesError, match="expectedNodeNum=2"):
        database.execute(TransferNode(source=DEFAULT, target="a", count=2))
    for count, text in ((0, "NumNode > 0"), (-1, "NumNode > 0")):
        with pytest.raises(ParamError, match=text):
            database.execute(TransferNode(source=DEFAULT, target="a", count=count))
    with pytest.raises(ParamError, match="should not be the same"):
        database.execute(TransferNode(source="a", target="a", count=1))
