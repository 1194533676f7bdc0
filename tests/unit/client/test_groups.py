"""Resource groups and clusters as callers give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pymilvus.client.types import ResourceGroupConfig as PymilvusConfig

from aiomilvus import AsyncMilvusClient
from aiomilvus.client.groups import group_config, replication_of
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.operations.cluster import Cluster, Replication
from aiomilvus.model.resource_groups import ResourceGroupConfig

if TYPE_CHECKING:
    from collections.abc import Awaitable

GIVEN: dict[str, Any] = {
    "requests": {"node_num": 1},
    "limits": {"node_num": 2},
    "transfer_from": [{"resource_group": "a"}],
    "transfer_to": [{"resource_group": "b"}],
}
WANTED = ResourceGroupConfig(requests=1, limits=2, transfer_from=("a",), transfer_to=("b",))


@pytest.mark.parametrize("given", [GIVEN, PymilvusConfig(**GIVEN), WANTED])
def test_a_config_comes_as_a_dict_as_pymilvus_message_or_as_our_own(given: object) -> None:
    assert group_config(given) == WANTED


def test_labels_are_read_from_dicts_and_messages() -> None:
    pairs = {"node_filter": {"node_labels": [{"key": "zone", "value": "x"}]}}
    wanted = ResourceGroupConfig(node_labels=(("zone", "x"),))
    assert group_config({"node_filter": {"node_labels": {"zone": "x"}}}) == wanted
    assert group_config(PymilvusConfig(**pairs)) == wanted


@pytest.mark.parametrize("given", [{"nodes": 1}, 7, {"requests": {"node_num": "many"}}])
def test_what_is_no_config_is_refused(given: object) -> None:
    with pytest.raises(ParamError, match="config"):
        group_config(given)


def test_replication_comes_as_pymilvus_dicts() -> None:
    clusters = [{"cluster_id": "a", "connection_param": {"uri": "http://a"}, "pchannels": ["p"]}]
    topology = [{"source_cluster_id": "a", "target_cluster_id": "b"}]
    assert replication_of(clusters, topology) == Replication(
        clusters=(Cluster(cluster_id="a", uri="http://a", pchannels=("p",)),),
        topology=(("a", "b"),),
    )
    with pytest.raises(ParamError, match="'clusters' must be provided"):
        replication_of(None, topology)
    with pytest.raises(ParamError, match="target_cluster_id is required"):
        replication_of(clusters, [{"source_cluster_id": "a"}])


async def test_one_process_refuses_what_only_a_cluster_has_by_name() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        calls: dict[str, Awaitable[Any]] = {
            "update_replicate_configuration": client.update_replicate_configuration(clusters=[]),
            "get_replicate_info": client.get_replicate_info("a", "b"),
        }
        for name, call in calls.items():
            with pytest.raises(NotSupportedError, match=name) as caught:
                await call
            assert caught.value.code == 10
