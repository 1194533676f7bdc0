"""What a single node says of replicas and resource groups, as pymilvus shows it."""

from __future__ import annotations

from typing import Any


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
    assert group.num_loaded_replica == {"c": 1}
    assert [node.node_id for node in group.nodes] == [1]
