"""Imports, resource groups, files, segments and what one node refuses, over REST."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest_asyncio

from aiomilvus.server import serve
from tests.behaviour.rest.conftest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture
async def importing(tmp_path: Path) -> AsyncIterator[tuple[Rest, Path]]:
    folder = tmp_path / "files"
    folder.mkdir()
    async with (
        serve(tmp_path / "x.db", port=0, http_port=0, import_dir=str(folder)) as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        yield Rest(http), folder


async def finished(rest: Rest, job: str) -> dict[str, Any]:
    """Return what a job tells once it has ended."""
    while True:
        found: dict[str, Any] = await rest("jobs/import/describe", {"jobId": job})
        if found["state"] in ("Completed", "Failed"):
            return found
        await asyncio.sleep(0.01)


async def test_files_are_imported(importing: tuple[Rest, Path]) -> None:
    rest, folder = importing
    await rest.quick()
    for number in range(2):
        rows = [{"id": 10 * number + n, "vector": [n, 0]} for n in range(3)]
        (folder / f"{number}.json").write_text(json.dumps(rows))
    body = {"collectionName": "things", "files": [["0.json"], ["1.json"]],
            "options": {"timeout": "300s", "auto_commit": "true"}}  # fmt: skip
    job = (await rest("jobs/import/create", body))["jobId"]
    found = await finished(rest, job)
    assert found["state"] == "Completed"
    assert (found["progress"], found["importedRows"], found["totalRows"]) == (100, 6, 6)
    assert [each["fileName"] for each in found["details"]] == ["0.json", "1.json"]
    assert found["fileSize"] == sum(file.stat().st_size for file in folder.iterdir())
    assert found["completeTime"] >= found["createTime"]
    assert await rest("jobs/import/get_progress", {"jobId": job}) == found
    records = (await rest("jobs/import/list", {"collectionName": "things"}))["records"]
    assert [(each["jobId"], each["state"]) for each in records] == [(job, "Completed")]
    assert await rest("collections/get_stats", {"collectionName": "things"}) == {"rowCount": 6}


async def test_a_bad_file_fails_its_job(importing: tuple[Rest, Path]) -> None:
    rest, folder = importing
    await rest.quick()
    (folder / "bad.json").write_text("{")
    body = {"collectionName": "things", "files": [["bad.json"]]}
    found = await finished(rest, (await rest("jobs/import/create", body))["jobId"])
    assert found["state"] == "Failed"
    assert "bad.json" in found["reason"]
    body["files"] = []
    assert (await rest.refused("jobs/import/create", body))[0] == 1100
    body["files"] = [["none.json"]]
    assert (await rest.refused("jobs/import/create", body))[0] == 2100
    manual = {**body, "options": {"auto_commit": "false"}}
    assert (await rest.refused("jobs/import/create", manual))[0] == 10
    manual = {**body, "options": {"auto_commit": "maybe"}}
    assert (await rest.refused("jobs/import/create", manual))[0] == 1100
    assert (await rest.refused("jobs/import/describe", {"jobId": "5"}))[0] == 2100
    assert (await rest.refused("jobs/import/describe", {"jobId": "x"}))[0] == 1100


async def test_an_import_tells_what_is_wrong_in_plain_words(importing: tuple[Rest, Path]) -> None:
    rest, folder = importing
    await rest.quick(params={"enableDynamicField": False})
    (folder / "odd.json").write_text(json.dumps([{"id": 1, "vector": [1, 2], "more": 3}]))
    body = {"collectionName": "things", "files": [["odd.json"]]}
    found = await finished(rest, (await rest("jobs/import/create", body))["jobId"])
    assert found["reason"].startswith("Attempt to insert an unexpected field `more`")
    code, text = await rest.refused("jobs/import/create", {**body, "options": {"speed": "1"}})
    assert (code, text.rpartition("known: ")[2]) == (1100, "nullkey, sep, timeout")


async def test_files_for_analyzers(importing: tuple[Rest, Path]) -> None:
    rest, folder = importing
    (folder / "words.txt").write_text("one\n")
    await rest("file_resources/add", {"name": "words", "path": "words.txt"})
    found = await rest("file_resources/list")
    assert [(each["name"], each["path"]) for each in found] == [("words", "words.txt")]
    assert (await rest.refused("file_resources/add", {"name": "no", "path": "no.txt"}))[0] == 1100
    await rest("file_resources/remove", {"name": "words"})
    assert await rest("file_resources/list") == []


async def test_groups_and_segments(rest: Rest) -> None:
    groups = await rest("resource_groups/list")
    assert groups
    told = (await rest.raw("resource_groups/describe", {"name": groups[0]})).json()
    assert "code" not in told
    assert told["resource_group"]["name"] == groups[0]
    await rest.quick()
    rows = [{"id": n, "vector": [n, 0]} for n in range(5)]
    await rest("entities/insert", {"collectionName": "things", "data": rows})
    await rest("collections/flush", {"collectionName": "things"})
    number = (await rest("collections/describe", {"collectionName": "things"}))["collectionID"]
    asked = {"collectionID": number, "segmentIDs": []}
    assert await rest("segments/describe", asked) == {"segmentInfos": []}
    code, text = await rest.refused("segments/describe", {**asked, "segmentIDs": ["1_0"]})
    assert (code, "'1_0' is no whole number" in text) == (1100, True)


async def test_resource_groups_come_change_and_go(rest: Rest) -> None:
    await rest.quick()
    default = (await rest("resource_groups/list"))[0]
    one = {"requests": {"node_num": 1}, "limits": {"node_num": 1}}
    await rest("resource_groups/create", {"name": "rg", "config": one})
    assert await rest("resource_groups/list") == [default, "rg"]
    told = (await rest.raw("resource_groups/describe", {"name": "rg"})).json()["resource_group"]
    assert (told["num_available_node"], told["config"]) == (1, one)
    body = {"sourceRgName": "rg", "targetRgName": default, "collectionName": "things"}
    refused = await rest.refused("resource_groups/transfer_replica", {**body, "replicaNum": 1})
    assert refused[0] == 1100
    none = {"requests": {"node_num": 0}, "limits": {"node_num": 0}}
    assert (await rest.refused("resource_groups/create", {"name": "rg"}))[0] == 301
    altered = {"resource_groups": {"rg": none, "no": none}}
    assert (await rest.refused("resource_groups/alter", altered))[0] == 300
    assert (await rest.refused("resource_groups/drop", {"name": "rg"}))[0] == 1100
    await rest("resource_groups/alter", {"resource_groups": {"rg": none}})
    await rest("resource_groups/drop", {"name": "rg"})
    assert await rest("resource_groups/list") == [default]


async def test_what_one_node_has_not_is_refused_by_name(rest: Rest) -> None:
    for path, body in (
        ("jobs/snapshot/export",
         {"collectionName": "a", "snapshotName": "b", "targetS3Path": "c"}),
        ("jobs/snapshot/restore_external",
         {"targetCollectionName": "a", "snapshotMetadataURI": "b"}),
    ):  # fmt: skip
        code, text = await rest.refused(path, body)
        assert code == 10
        assert "not supported" in text


async def test_the_quota_center_is_told_of_the_one_node(rest: Rest) -> None:
    await rest.quick()
    rows = [{"id": number, "vector": [number, 1]} for number in range(10)]
    await rest("entities/insert", {"collectionName": "things", "data": rows})
    await rest("collections/flush", {"collectionName": "things"})
    number = (await rest("collections/describe", {"collectionName": "things"}))["collectionID"]
    told = json.loads(await rest("quotacenter/describe"))
    node = told["QueryNodeMetrics"]["1"]
    assert node["Effect"] == {"NodeID": 1, "CollectionIDs": [number]}
    assert node["Hms"]["cpu_core_count"] >= 1
    assert told["DataNodeMetrics"]["1"] == node
    assert set(told["ProxyMetrics"]) == {"1"}
    files = told["DataCoordMetrics"]
    assert files["CollectionBinlogSize"] == {str(number): files["TotalBinlogSize"]}
    assert files["TotalBinlogSize"] > 0
