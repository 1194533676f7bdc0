"""External collections over REST and gRPC: only of the folder that the server was given."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio

from aiomilvus import AsyncMilvusClient, DataType, ParamError
from aiomilvus.server import serve
from tests.behaviour.rest.conftest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SPEC = '{"format": "parquet"}'


def body(name: str, source: str) -> dict[str, Any]:
    fields = [
        {"fieldName": "n", "dataType": "Int64", "externalField": "n"},
        {"fieldName": "v", "dataType": "FloatVector", "elementTypeParams": {"dim": 2},
         "externalField": "v"},
    ]  # fmt: skip
    schema = {"fields": fields, "externalSource": source, "externalSpec": SPEC if source else ""}
    index = {"fieldName": "v", "indexName": "v", "metricType": "L2"}
    return {"collectionName": name, "schema": schema, "indexParams": [index]}


@pytest_asyncio.fixture
async def outside(tmp_path: Path) -> AsyncIterator[tuple[Rest, Path, str]]:
    folder = tmp_path / "files"
    folder.mkdir()
    vectors = pa.array([[float(n), 0.0] for n in range(5)], pa.list_(pa.float32()))
    table = pa.table({"n": pa.array(range(5), pa.int64()), "v": vectors})
    pq.write_table(table, folder / "a.parquet")
    pq.write_table(table, tmp_path / "secret.parquet")
    async with (
        serve(tmp_path / "x.db", port=0, http_port=0, external_dir=str(folder)) as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        yield Rest(http), folder, server.uri


async def refreshed(rest: Rest, **given: str) -> dict[str, Any]:
    job = (await rest("jobs/external_collection/refresh", given))["jobId"]
    while True:
        found: dict[str, Any] = await rest("jobs/external_collection/describe", {"jobId": job})
        if found["state"] in ("RefreshCompleted", "RefreshFailed"):
            return found
        await asyncio.sleep(0.01)


async def test_a_folder_of_the_server_is_searched(outside: tuple[Rest, Path, str]) -> None:
    rest, folder, _ = outside
    await rest("collections/create", body("c", f"file://{folder}"))
    job = await refreshed(rest, collectionName="c")
    assert (job["state"], job["progress"], job["externalSpec"]) == ("RefreshCompleted", 100, SPEC)
    listed = await rest("jobs/external_collection/list", {"collectionName": "c"})
    assert listed["records"] == [job]
    search = {"collectionName": "c", "data": [[3, 0]], "limit": 1, "outputFields": ["n"]}
    assert [row["n"] for row in await rest("entities/search", search)] == [3]
    told = await rest("collections/describe", {"collectionName": "c"})
    assert (told["externalSource"], told["externalSpec"]) == (f"file://{folder}", SPEC)
    assert {each["name"]: each.get("externalField") for each in told["fields"]} == {
        "__virtual_pk__": None,
        "n": "n",
        "v": "v",
    }


async def test_the_source_may_come_with_the_first_refresh(outside: tuple[Rest, Path, str]) -> None:
    rest, folder, uri = outside
    await rest("collections/create", body("late", ""))
    async with AsyncMilvusClient(uri) as client:
        with pytest.raises(ParamError, match="external collection late has no external_source"):
            await client.refresh_external_collection("late")
    given = {"externalSource": str(folder / "a.parquet"), "externalSpec": SPEC}
    assert (await refreshed(rest, collectionName="late", **given))["state"] == "RefreshCompleted"


async def test_files_elsewhere_are_not_read_for_clients(outside: tuple[Rest, Path, str]) -> None:
    _, folder, uri = outside
    (folder / "link").symlink_to(folder.parent)
    async with AsyncMilvusClient(uri) as client:
        for source in (
            str(folder.parent / "secret.parquet"),
            f"file://{folder}/../secret.parquet",
            f"file://{folder}/%2e%2e/secret.parquet",
            str(folder / "link" / "secret.parquet"),
        ):
            schema = client.create_schema(external_source=source, external_spec=SPEC)
            schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="v")
            with pytest.raises(ParamError, match="is not in the server's folder of external files"):
                await client.create_collection("c", schema=schema)
            with pytest.raises(ParamError, match="is not in the server's folder of external files"):
                await client.refresh_external_collection("c", source, SPEC)


async def test_a_server_without_a_folder_reads_none(tmp_path: Path) -> None:
    async with serve(tmp_path / "x.db", port=0) as server, AsyncMilvusClient(server.uri) as client:
        schema = client.create_schema(external_source=str(tmp_path), external_spec=SPEC)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="v")
        with pytest.raises(ParamError, match="start it with --external-dir"):
            await client.create_collection("c", schema=schema)


async def refused(client: AsyncMilvusClient, said: str, source: str = "", spec: str = "") -> None:
    with pytest.raises(ParamError, match=said):
        await client.refresh_external_collection("c", source, spec)


async def test_a_link_out_of_the_folder_is_not_followed(outside: tuple[Rest, Path, str]) -> None:
    rest, folder, uri = outside
    (folder / "inner").mkdir()
    (folder / "inner" / "b.parquet").symlink_to(folder / "a.parquet")
    await rest("collections/create", body("c", str(folder)))
    assert (await refreshed(rest, collectionName="c"))["state"] == "RefreshCompleted"
    (folder / "inner" / "c.parquet").symlink_to(folder.parent / "secret.parquet")
    said = "c.parquet is a link that leads out of the server's folder of external files"
    async with AsyncMilvusClient(uri) as client:
        await refused(client, said)
        await refused(client, said, str(folder / "inner"), SPEC)
    (folder / "inner" / "c.parquet").unlink()
    (folder / "data").symlink_to(folder.parent)  # where a Lance table has its files
    async with AsyncMilvusClient(uri) as client:
        await refused(client, "data is a link that leads out of the server's folder")


async def test_a_stored_source_is_read_of_the_folder_of_now(tmp_path: Path) -> None:
    for name in ("files", "other"):
        (tmp_path / name).mkdir()
    path, files = tmp_path / "x.db", tmp_path / "files"
    async with AsyncMilvusClient(str(path)) as client:
        schema = client.create_schema(external_source=str(files), external_spec=SPEC)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="v")
        await client.create_collection("c", schema=schema)
    for folder, said in (
        ("", "start it with --external-dir"),
        (str(tmp_path / "other"), "is not in the server's folder of external files"),
    ):
        async with (
            serve(path, port=0, external_dir=folder) as server,
            AsyncMilvusClient(server.uri) as client,
        ):
            await refused(client, said)
