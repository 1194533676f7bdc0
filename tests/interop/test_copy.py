"""Databases move between directories and servers, whole, also when the move is interrupted."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner

from aiomilvus import AsyncMilvusClient, DataType, Function, FunctionType, MilvusClient
from aiomilvus.cli.main import main
from aiomilvus.copying import copy
from aiomilvus.errors import (
    CollectionNotExistException,
    ConnectionConfigException,
    DataCorruptedError,
    ParamError,
)
from tests.support.real_milvus import real_milvus
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 700
DIM = 6
VECTORS = np.random.default_rng(17).random((ROWS, DIM), np.float32)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def rows(first: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "id": f"k{first + n:05}",
            "dense": VECTORS[n],
            "sparse": {n % 7: 1.5, 100 + n: 0.5},
            "half": VECTORS[n].astype(np.float16),
            "title": f"title {n}",
            "price": None if n % 9 == 0 else n / 2,
            "facts": {"even": n % 2 == 0, "deep": [n, {"x": None}]},
            "tags": [n % 3, n % 5],
            "colour": ["red", "blue"][n % 2],
        }
        for n in range(ROWS)
    ]


async def fill(client: Any) -> None:
    schema = AsyncMilvusClient.create_schema(enable_dynamic_field=True, description="all kinds")
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=20)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("half", DataType.FLOAT16_VECTOR, dim=DIM)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("title", DataType.VARCHAR, max_length=50, enable_analyzer=True)
    schema.add_field("price", DataType.DOUBLE, nullable=True)
    schema.add_field("facts", DataType.JSON)
    schema.add_field("tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
    schema.add_field("stock", DataType.INT32, default_value=3)
    schema.add_function(Function("bm25", FunctionType.BM25, ["title"], ["words"]))
    index = AsyncMilvusClient.prepare_index_params()
    index.add_index("dense", index_type="HNSW", metric_type="COSINE", params={"M": 8})
    index.add_index("half", index_type="FLAT", metric_type="L2")
    index.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    index.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    index.add_index("title", index_name="by_title", index_type="INVERTED")
    await client.create_collection(
        "things",
        schema=schema,
        index_params=index,
        consistency_level="Strong",
        properties={"collection.ttl.seconds": "864000"},
    )
    await client.create_partition("things", "old")
    await client.insert("things", rows())
    await client.insert("things", rows(50_000)[:100], partition_name="old")
    await client.upsert("things", [{**rows()[5], "title": "changed"}])
    await client.delete("things", ids=["k00006"])
    await client.create_alias("things", "stuff")
    # Keys that the database made must stay what they are.
    await client.create_collection("made", dimension=DIM, auto_id=True)
    await client.insert("made", [{"vector": VECTORS[n], "n": n} for n in range(ROWS)])
    await client.release_collection("made")
    await client.create_database("other", properties={"database.max.collections": "7"})
    await client.use_database("other")
    keyed = AsyncMilvusClient.create_schema()
    keyed.add_field("id", DataType.INT64, is_primary=True)
    keyed.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    keyed.add_field("who", DataType.VARCHAR, max_length=9, is_partition_key=True)
    only = AsyncMilvusClient.prepare_index_params("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("keyed", schema=keyed, index_params=only, num_partitions=5)
    data = [{"id": n - 300, "v": VECTORS[n], "who": f"w{n % 11}"} for n in range(ROWS)]
    await client.insert("keyed", data)
    await client.use_database("default")


async def contents(uri: str) -> dict[str, Any]:
    """Return everything that should be the same on both sides."""
    async with AsyncMilvusClient(uri) as client:
        found: dict[str, Any] = {"databases": sorted(await client.list_databases())}
        for db in found["databases"]:
            await client.use_database(db)
            for name in sorted(await client.list_collections()):
                found[f"{db}/{name}"] = await described(client, name)
    return found


async def described(client: Any, name: str) -> dict[str, Any]:
    about = await client.describe_collection(name)
    for varying in ("collection_id", "created_timestamp", "update_timestamp", "schema_version"):
        about.pop(varying, None)
    loaded = (await client.get_load_state(name))["state"].name
    await client.load_collection(name)
    indexes = [await client.describe_index(name, n) for n in await client.list_indexes(name)]
    read: list[Any] = []
    keyed = any(field.get("is_partition_key") for field in about["fields"])
    for partition in [""] if keyed else sorted(await client.list_partitions(name)):
        chosen = [partition] if partition else None
        batches = client.query_iterator(name, 400, partition_names=chosen)
        read += [(partition, dict(row)) async for batch in batches for row in batch]
    if loaded == "NotLoad":
        await client.release_collection(name)
    return {
        "about": about,
        "loaded": loaded,
        "indexes": sorted(
            (each["index_name"], each["field_name"], each["index_type"]) for each in indexes
        ),
        "rows": repr(sorted(read, key=lambda pair: str(next(iter(pair[1].items()))))),
    }


async def test_everything_goes_from_directory_to_directory(tmp_path: Path) -> None:
    source, target = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    async with AsyncMilvusClient(source) as client:
        await fill(client)
    told: list[int] = []
    reports = await copy(source, target, on_total=told.append, on_rows=told.append)
    assert {(each.db, each.name): each.rows for each in reports} == {
        ("default", "made"): ROWS,
        ("default", "things"): ROWS + 99,
        ("other", "keyed"): ROWS,
    }
    assert all(each.compared == 200 for each in reports)
    assert told[0] == sum(told[1:])
    assert await contents(source) == await contents(target)
    async with AsyncMilvusClient(target) as client:
        assert (await client.describe_collection("stuff"))["collection_name"] == "things"
        found = await client.search("things", ["changed"], anns_field="words", limit=1)
        assert found[0][0]["id"] == "k00005"


async def test_everything_goes_to_a_server_and_back(tmp_path: Path) -> None:
    source, back = str(tmp_path / "a.db"), str(tmp_path / "c.db")
    async with AsyncMilvusClient(source) as client:
        await fill(client)
    with serving(tmp_path / "b.db") as uri:
        await copy(source, uri)
        await copy(uri, back)
    assert await contents(source) == await contents(back)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_data_of_the_real_milvus_comes_home_and_goes_back(tmp_path: Path) -> None:
    schema = AsyncMilvusClient.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("title", DataType.VARCHAR, max_length=50)
    schema.add_field("facts", DataType.JSON)
    index = AsyncMilvusClient.prepare_index_params(
        "v", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 64}
    )
    data = [
        {"id": n, "v": VECTORS[n], "title": f"t{n}", "facts": {"n": n}, "more": n * 2}
        for n in range(ROWS)
    ]
    with real_milvus(tmp_path / "milvus") as uri:
        async with AsyncMilvusClient(uri, timeout=60) as client:
            await client.create_collection("things", schema=schema, index_params=index)
            await client.insert("things", data)
            await client.create_alias("things", "stuff")
        reports = await copy(uri, tmp_path / "home.db")
        async with AsyncMilvusClient(uri, timeout=60) as client:
            await client.drop_alias("stuff")
            await client.drop_collection("things")
        returned = await copy(tmp_path / "home.db", uri)
        async with AsyncMilvusClient(uri, timeout=60) as client:
            found = await client.search("stuff", [VECTORS[9]], limit=1, output_fields=["more"])
            assert (found[0][0]["id"], found[0][0]["entity"]["more"]) == (9, 18)
    whole = [("things", ROWS, 200)]
    assert [(each.name, each.rows, each.compared) for each in reports] == whole
    assert [(each.name, each.rows, each.compared) for each in returned] == whole
    async with AsyncMilvusClient(str(tmp_path / "home.db")) as client:
        found = await client.search("stuff", [VECTORS[7]], limit=1, output_fields=["more"])
        assert (found[0][0]["id"], found[0][0]["entity"]["more"]) == (7, 14)


def large(path: str, count: int) -> None:
    with MilvusClient(path) as client:
        client.create_collection("large", dimension=DIM, consistency_level="Strong")
        for start in range(0, count, 10_000):
            client.insert(
                "large",
                [
                    {"id": n, "vector": VECTORS[n % ROWS], "text": "x" * 300}
                    for n in range(start, start + 10_000)
                ],
            )


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_killed_copy_goes_on_and_repeats_nothing(tmp_path: Path) -> None:
    count = 60_000
    source, target = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    large(source, count)
    command = [sys.executable, "-c", "from aiomilvus.cli.main import main; main()", "copy"]
    kills = 0
    record = tmp_path / "record.json"
    for moment in (2, 4):  # batches noted before the kill
        with subprocess.Popen(
            [*command, source, target, "--record", str(record)],
            stdout=subprocess.DEVNULL,
        ) as process:
            while process.poll() is None and saved(record) < moment:
                time.sleep(0.002)
            kills += process.poll() is None
            os.kill(process.pid, signal.SIGKILL)
    assert kills == 2
    result = CliRunner().invoke(main, ["copy", source, target, "--record", str(record)])
    assert result.exit_code == 0, result.output
    assert f"default/large: {count} rows, 200 compared" in result.output
    assert not record.exists()
    with MilvusClient(target) as client:
        assert client.query("large", output_fields=["count(*)"])[0]["count(*)"] == count
        assert client.get_collection_stats("large")["row_count"] == count


def saved(record: Path) -> int:
    """Return how many thousands of rows a record counts."""
    import json

    if not record.exists():
        return 0
    content = json.loads(record.read_text())
    parts = [p for c in content["collections"].values() for p in c["parts"].values()]
    return int(sum(part["rows"] for part in parts)) // 8_000


async def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    source, target = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    with pytest.raises(ConnectionConfigException, match="there is no database"):
        await copy(source, target)
    async with AsyncMilvusClient(source) as client:
        await client.create_collection("things", dimension=DIM)
        await client.insert("things", [{"id": 1, "vector": VECTORS[0]}])
    with pytest.raises(CollectionNotExistException, match="nothing"):
        await copy(source, target, collections=["nothing"])
    await copy(source, target)
    with pytest.raises(ParamError, match="already"):
        await copy(source, target)


async def test_a_difference_at_the_end_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    async with AsyncMilvusClient(source) as client:
        await client.create_collection("things", dimension=DIM)
        await client.insert("things", [{"id": n, "vector": VECTORS[n]} for n in range(20)])

    from aiomilvus.copying.definitions import Definitions

    finish = Definitions.finish

    async def meddle(self: Definitions) -> None:
        await finish(self)
        async with AsyncMilvusClient(target) as other:
            await other.upsert("things", [{"id": 3, "vector": VECTORS[9]}])

    monkeypatch.setattr(Definitions, "finish", meddle)
    with pytest.raises(DataCorruptedError, match=r"keys \[3\]"):
        await copy(source, target)


def test_the_command_tells_what_it_did(tmp_path: Path) -> None:
    async def make() -> None:
        async with AsyncMilvusClient(str(tmp_path / "a.db")) as client:
            await client.create_collection("things", dimension=DIM)
            await client.insert("things", [{"id": n, "vector": VECTORS[n]} for n in (1, 1, 2)])

    asyncio.run(make())
    arguments = ["copy", str(tmp_path / "a.db"), str(tmp_path / "b.db")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "default/things: 2 rows, 2 compared; 1 older rows" in result.output
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 1
    assert "already" in again.output
