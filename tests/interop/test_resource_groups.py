"""Resource groups by the real pymilvus, its ORM included, and who may change them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pymilvus
import pytest
from pymilvus import connections, utility
from pymilvus.client.types import ResourceGroupConfig

from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*ORM-style PyMilvus API")
DEFAULT = "__default_resource_group"


async def test_pymilvus_manages_groups(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        await asyncio.to_thread(manages, server.uri)


def manages(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    client.create_collection("c", dimension=2)
    client.create_resource_group("rg")
    client.update_resource_groups(
        {"rg": ResourceGroupConfig(requests={"node_num": 1}, limits={"node_num": 1})}
    )
    told = client.describe_resource_group("rg")
    assert (told.capacity, told.num_available_node, dict(told.num_incoming_node)) == (
        1,
        1,
        {"c": 1},
    )
    assert told.config.requests.node_num == 1
    client.transfer_replica(DEFAULT, "rg", "c", 1)
    assert client.describe_replica("c")[0].resource_group == "rg"
    client.transfer_replica("rg", DEFAULT, "c", 1)
    with pytest.raises(pymilvus.MilvusException, match="limits node num is not 0") as refused:
        client.drop_resource_group("rg")
    assert refused.value.code == 1100
    client.close()
    connections.connect(alias="orm", uri=uri)
    utility.transfer_node("rg", DEFAULT, 1, using="orm")
    assert utility.describe_resource_group("rg", using="orm").num_available_node == 0
    utility.drop_resource_group("rg", using="orm")
    assert utility.list_resource_groups(using="orm") == [DEFAULT]
    connections.disconnect("orm")


async def test_groups_are_changed_by_those_who_may(tmp_path: Path) -> None:
    settings = {"auth": True, "root_password": "changed-1", "port": 0}
    async with serve(tmp_path / "app.db", **settings) as server:
        await asyncio.to_thread(may_change, server.uri)


def may_change(uri: str) -> None:
    root = pymilvus.MilvusClient(uri, user="root", password="changed-1")
    root.create_user("ada", "ada-secret")
    root.create_role("keeper")
    root.grant_role("ada", "keeper")
    ada = pymilvus.MilvusClient(uri, user="ada", password="ada-secret")
    for call in (
        lambda: ada.create_resource_group("rg"),
        lambda: ada.drop_resource_group("rg"),
        lambda: ada.update_resource_groups({DEFAULT: ResourceGroupConfig()}),
        lambda: ada.describe_resource_group(DEFAULT),
        lambda: ada.transfer_replica(DEFAULT, "rg", "c", 1),
    ):
        with pytest.raises(pymilvus.MilvusException, match="permission deny"):
            call()
    root.grant_privilege_v2("keeper", "CreateResourceGroup", "*", "*")
    ada.create_resource_group("rg")
    assert sorted(root.list_resource_groups()) == [DEFAULT, "rg"]
    ada.close()
    root.close()
