"""What a single node says and does about replicas and resource groups, as pymilvus shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AsyncMilvusClient
from aiomilvus.errors import (
    CollectionNotLoadedError,
    MilvusException,
    ParamError,
    ResourceGroupExistsError,
    ResourceGroupIllegalError,
    ResourceGroupNodesError,
    ResourceGroupNotFoundError,
)

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = "__default_resource_group"


def config(requests: int, limits: int, **others: Any) -> dict[str, Any]:
    return {"requests": {"node_num": requests}, "limits": {"node_num": limits}, **others}


ONE = config(1, 1)


async def test_a_replica_and_its_resource_group_are_described(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    (replica,) = await client.describe_replica("c")
    assert replica.id > 0
    assert replica.group_nodes == (1,)
    assert replica.shards == []
    assert replica.num_outbound_node == {}
    (name,) = await client.list_resource_groups()
    assert replica.resource_group == name
    group = await client.describe_resource_group(name)
    assert group.name == name
    assert (group.capacity, group.num_available_node) == (1_000_000, 1)
    assert group.num_loaded_replica == {"c": 1}
    assert [node.node_id for node in group.nodes] == [1]
    assert (group.config.requests.node_num, group.config.limits.node_num) == (0, 1_000_000)


async def test_a_group_without_nodes_is_made_described_and_dropped(client: Any) -> None:
    await client.create_resource_group("spare")
    await client.create_resource_group("spare")
    await client.create_resource_group("spare", config=config(0, 0))
    assert await client.list_resource_groups() == [DEFAULT, "spare"]
    group = await client.describe_resource_group("spare")
    assert (group.capacity, group.num_available_node, group.nodes) == (0, 0, [])
    await client.drop_resource_group("spare")
    await client.drop_resource_group("spare")
    assert await client.list_resource_groups() == [DEFAULT]
    with pytest.raises(ResourceGroupNotFoundError, match=r"rg=spare") as caught:
        await client.describe_resource_group("spare")
    assert caught.value.code == 300


async def test_the_node_goes_to_the_group_that_requests_it_and_back(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [1.0, 0.0]}])
    await client.create_resource_group("fast", config=ONE)
    fast = await client.describe_resource_group("fast")
    assert (fast.capacity, [node.node_id for node in fast.nodes]) == (1, [1])
    assert (fast.num_loaded_replica, fast.num_incoming_node) == ({}, {"c": 1})
    default = await client.describe_resource_group(DEFAULT)
    assert (default.nodes, default.num_outgoing_node) == ([], {"c": 1})
    (replica,) = await client.describe_replica("c")
    assert (replica.resource_group, replica.num_outbound_node) == (DEFAULT, {"fast": 1})
    assert [hit["id"] for hit in (await client.search("c", [[1.0, 0.0]]))[0]] == [1]
    await client.transfer_replica(DEFAULT, "fast", "c", 1)
    fast = await client.describe_resource_group("fast")
    assert (fast.num_loaded_replica, fast.num_incoming_node) == ({"c": 1}, {})
    await client.transfer_replica("fast", DEFAULT, "c", 1)
    await client.update_resource_groups({"fast": config(0, 0)})
    assert (await client.describe_resource_group(DEFAULT)).num_available_node == 1
    await client.drop_resource_group("fast")


async def test_what_is_described_configures_another_group(client: Any) -> None:
    given = config(0, 3, transfer_from=[{"resource_group": DEFAULT}], transfer_to=[])
    labels = {"node_filter": {"node_labels": [{"key": "zone", "value": "b"}]}}
    await client.create_resource_group("one", config={**given, **labels})
    told = (await client.describe_resource_group("one")).config
    assert (told.requests.node_num, told.limits.node_num) == (0, 3)
    assert [each.resource_group for each in told.transfer_from] == [DEFAULT]
    assert [(each.key, each.value) for each in told.node_filter.node_labels] == [("zone", "b")]
    await client.create_resource_group("two", config=told)
    assert (await client.describe_resource_group("two")).config == told


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"requests": {"node_num": 1}}, "requests or limits is required"),
        (config(-1, 2), "node num in `requests` or `limits` should not less than 0"),
        (config(1, -2), "node num in `requests` or `limits` should not less than 0"),
        (config(3, 2), "limits node num should not less than requests node num"),
        (config(1, 2, transfer_from=[{"resource_group": "g"}]), "`TransferFrom` g should not be"),
        (config(1, 2, transfer_to=[{"resource_group": "no"}]), "`TransferTo` no not exist"),
    ],
)
async def test_a_bad_configuration_is_refused(client: Any, given: Any, text: str) -> None:
    with pytest.raises(ResourceGroupIllegalError, match=text) as caught:
        await client.create_resource_group("g", config=given)
    assert caught.value.code == 303
    assert await client.list_resource_groups() == [DEFAULT]
    await client.create_resource_group("g")
    with pytest.raises(ResourceGroupIllegalError, match=text):
        await client.update_resource_groups({"g": given})


@pytest.mark.parametrize("name", ["", "1st", "a b", "g" * 256])
async def test_a_bad_name_is_refused(client: Any, name: str) -> None:
    with pytest.raises(MilvusException, match=r"resource group name|name"):
        await client.create_resource_group(name)
    assert await client.list_resource_groups() == [DEFAULT]


async def test_another_configuration_of_a_known_group_is_refused(client: Any) -> None:
    await client.create_resource_group("g", config=config(0, 1))
    with pytest.raises(ResourceGroupExistsError, match="different config") as caught:
        await client.create_resource_group("g")
    assert caught.value.code == 301


async def test_an_update_is_whole_or_none(client: Any) -> None:
    await client.create_resource_group("a")
    with pytest.raises(ResourceGroupNotFoundError, match="rg=b") as caught:
        await client.update_resource_groups({"a": ONE, "b": ONE})
    assert caught.value.code == 300
    assert (await client.describe_resource_group("a")).config.limits.node_num == 0
    assert (await client.describe_resource_group(DEFAULT)).num_available_node == 1


async def test_a_group_that_is_needed_is_not_dropped(client: Any) -> None:
    with pytest.raises(ParamError, match="default resource group is not deletable"):
        await client.drop_resource_group(DEFAULT)
    await client.create_resource_group("a", config=config(0, 1))
    with pytest.raises(ParamError, match="resource group's limits node num is not 0"):
        await client.drop_resource_group("a")
    await client.update_resource_groups({"a": config(0, 0)})
    named = config(0, 0, transfer_to=[{"resource_group": "a"}])
    await client.create_resource_group("b", config=named)
    with pytest.raises(ParamError, match="is used by b's `TransferTo`"):
        await client.drop_resource_group("a")
    await client.create_collection("c", dimension=2)
    await client.transfer_replica(DEFAULT, "b", "c", 1)
    with pytest.raises(ParamError, match=r"some replicas still loaded in resource group\[b\]"):
        await client.drop_resource_group("b")
    await client.release_collection("c")
    await client.drop_resource_group("b")
    await client.drop_resource_group("a")


async def test_a_replica_goes_only_where_there_is_a_group_and_from_where_it_is(
    client: Any,
) -> None:
    await client.create_collection("c", dimension=2)
    await client.create_resource_group("a")
    for source, target in (("no", "a"), ("a", "no")):
        with pytest.raises(ResourceGroupNotFoundError, match="rg=no"):
            await client.transfer_replica(source, target, "c", 1)
    with pytest.raises(ParamError, match="should not be the same"):
        await client.transfer_replica("a", "a", "c", 1)
    with pytest.raises(ParamError, match="NumReplica > 0"):
        await client.transfer_replica(DEFAULT, "a", "c", 0)
    for source, target, count in (("a", DEFAULT, 1), (DEFAULT, "a", 2)):
        with pytest.raises(ParamError, match="NumReplica not greater than the number of replica"):
            await client.transfer_replica(source, target, "c", count)
    await client.release_collection("c")
    with pytest.raises(CollectionNotLoadedError):
        await client.transfer_replica(DEFAULT, "a", "c", 1)


async def test_a_load_names_groups_that_exist_and_have_the_node(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.release_collection("c")
    await client.create_resource_group("a")
    with pytest.raises(ResourceGroupNodesError, match="currentNodeNum=0") as caught:
        await client.load_collection("c", resource_groups=["a"])
    assert caught.value.code == 304
    with pytest.raises(ResourceGroupNodesError, match=r"rg=a"):
        await client.load_collection("c", replica_number=2, resource_groups=[DEFAULT, "a"])
    await client.update_resource_groups({"a": ONE})
    with pytest.raises(ResourceGroupNodesError, match=f"rg={DEFAULT}"):
        await client.load_collection("c")
    await client.load_partitions("c", ["_default"], resource_groups=["a"])
    await client.load_collection("c")
    assert (await client.describe_replica("c"))[0].resource_group == "a"
    await client.load_collection("c", refresh=True)
    assert (await client.describe_resource_group("a")).num_loaded_replica == {"c": 1}


async def test_groups_are_kept_over_reopening(tmp_path: Path) -> None:
    path = str(tmp_path / "app.db")
    async with AsyncMilvusClient(path) as client:
        await client.create_collection("c", dimension=2)
        await client.create_resource_group("fast", config=ONE)
        await client.transfer_replica(DEFAULT, "fast", "c", 1)
        told = await client.describe_resource_group("fast")
    async with AsyncMilvusClient(path) as client:
        assert await client.describe_resource_group("fast") == told
        assert (await client.describe_replica("c"))[0].resource_group == "fast"
