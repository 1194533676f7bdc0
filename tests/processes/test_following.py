"""One process leads a directory, others follow: all read and write it, and see the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aiomilvus import (
    AsyncMilvusClient,
    CollectionNotExistException,
    DataType,
    MilvusClient,
    ParamError,
    StorageError,
)
from aiomilvus.engine.opening import open_database
from aiomilvus.model.operations.data import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.other_process import OtherProcess

COUNT = "client.query('c', output_fields=['count(*)'])[0]['count(*)']"


def rows(first: int, count: int) -> list[dict[str, object]]:
    return [
        {"id": n, "vector": [float(n), 1.0], "name": f"row {n}"}
        for n in range(first, first + count)
    ]


def count(client: MilvusClient) -> int:
    return int(client.query("c", output_fields=["count(*)"])[0]["count(*)"])


@pytest.fixture
def leader(other: Callable[[], OtherProcess]) -> OtherProcess:
    process = other()
    process.do("client.create_collection('c', dimension=2, metric_type='L2')")
    process.do(f"client.insert('c', {rows(0, 10)!r})")
    return process


@pytest.fixture
def client(leader: OtherProcess, folder: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(folder)) as following:
        yield following


def test_a_leader_of_another_protocol_is_refused_by_name(
    leader: OtherProcess, folder: Path
) -> None:
    assert leader.do("client.list_collections()") == ["c"]
    told = json.loads((folder / "leader.json").read_text("utf-8"))
    (folder / "leader.json").write_text(json.dumps({**told, "protocol": 2}), "utf-8")
    with pytest.raises(StorageError, match=rf"process {told['pid']} .*protocol 2.*same version"):
        MilvusClient(str(folder))


def test_a_write_of_any_kind_through_a_follower_is_one_of_the_leader(
    client: MilvusClient, leader: OtherProcess
) -> None:
    added = {"id": 20, "vector": [1.0, 2.0], "name": "zwanzig"}
    assert client.insert("c", added)["insert_count"] == 1
    assert client.upsert("c", {**added, "name": "twenty"})["upsert_count"] == 1
    assert client.delete("c", ids=[1, 2])["delete_count"] == 2
    assert client.delete("c", filter="id == 3")["delete_count"] == 1
    client.delete("c", filter="id in {keys}", filter_params={"keys": [4, 5]})
    assert leader.do("client.get('c', [20], output_fields=['name'])[0]['name']") == "twenty"
    assert leader.do(COUNT) == count(client) == 6


def test_a_follower_reads_what_the_leader_has(client: MilvusClient) -> None:
    assert count(client) == 10
    assert client.search("c", [[3.0, 1.0]], limit=1)[0][0]["id"] == 3
    assert client.get("c", [4], output_fields=["name"])[0]["name"] == "row 4"


def test_what_the_leader_acknowledged_is_seen_by_the_next_read(
    client: MilvusClient, leader: OtherProcess
) -> None:
    for turn in range(1, 30):
        leader.do(f"client.insert('c', {rows(10 * turn, 10)!r})")
        assert count(client) == 10 * (turn + 1)
    leader.do("client.delete('c', ids=[5])")
    assert client.get("c", [5]) == []
    leader.do("client.upsert('c', [{'id': 6, 'vector': [0, 0], 'name': 'new'}])")
    assert client.get("c", [6], output_fields=["name"])[0]["name"] == "new"


def test_what_a_follower_writes_is_seen_everywhere(
    client: MilvusClient, leader: OtherProcess, other: Callable[[], OtherProcess]
) -> None:
    third = other()
    assert client.insert("c", rows(100, 5))["insert_count"] == 5
    assert count(client) == leader.do(COUNT) == third.do(COUNT) == 15
    assert client.delete("c", filter="id >= 103")["delete_count"] == 2
    assert count(client) == leader.do(COUNT) == third.do(COUNT) == 13


def test_definitions_of_any_process_hold_for_all(
    client: MilvusClient, leader: OtherProcess
) -> None:
    client.create_collection("of_the_follower", dimension=4)
    assert "of_the_follower" in leader.do("client.list_collections()")
    leader.do("client.create_alias('c', 'nickname')")
    assert client.query("nickname", filter="id == 1", output_fields=["name"])[0]["name"] == "row 1"
    leader.do("client.drop_alias('nickname')")
    leader.do("client.drop_collection('c')")
    with pytest.raises(CollectionNotExistException):
        count(client)
    client.drop_collection("of_the_follower")
    assert leader.do("client.list_collections()") == []


def test_a_refusal_reaches_the_follower_as_it_is(client: MilvusClient) -> None:
    with pytest.raises(CollectionNotExistException) as refused:
        client.insert("missing", rows(0, 1))
    assert refused.value.code == 100
    with pytest.raises(CollectionNotExistException):
        client.load_collection("missing")


def test_segments_that_a_merge_removed_stay_readable(
    client: MilvusClient, leader: OtherProcess
) -> None:
    leader.do("client.flush('c')")
    iterator = client.query_iterator("c", batch_size=4, output_fields=["id", "name"])
    first = iterator.next()
    for turn in range(3):
        leader.do(f"client.insert('c', {rows(100 + turn, 1)!r})")
        leader.do("client.flush('c')")
    job = leader.do("client.compact('c')")
    while leader.do(f"client.get_compaction_state({job})") != "Completed":
        pass
    rest = [row["id"] for page in iter(iterator.next, []) for row in page]
    iterator.close()
    assert [row["id"] for row in first] + rest == list(range(10))
    assert count(client) == 13


async def test_an_asynchronous_follower_sees_each_write(folder: Path, leader: OtherProcess) -> None:
    async with AsyncMilvusClient(str(folder)) as client:
        for turn in range(1, 6):
            leader.do(f"client.insert('c', {rows(10 * turn, 10)!r})")
            found = await client.query("c", output_fields=["count(*)"])
            assert found[0]["count(*)"] == 10 * (turn + 1)
            hits = await client.search("c", [[10.0 * turn, 1.0]], limit=1)
            assert hits[0][0]["id"] == 10 * turn


def test_a_read_only_follower_sees_the_writes_of_others(folder: Path, leader: OtherProcess) -> None:
    with MilvusClient(str(folder), mode="r") as client:
        assert count(client) == 10
        leader.do(f"client.insert('c', {rows(50, 5)!r})")
        assert count(client) == 15
        leader.do("client.flush('c')")
        assert count(client) == 15


def count_of(client: MilvusClient, name: str) -> int:
    return int(client.query(name, output_fields=["count(*)"])[0]["count(*)"])


def test_a_reader_misses_nothing_of_leaders_that_came_and_went(
    folder: Path, other: Callable[[], OtherProcess]
) -> None:
    first = other()
    for name in ("x", "y"):
        first.do(f"client.create_collection('{name}', dimension=2, metric_type='L2')")
        first.do(f"client.insert('{name}', {rows(0, 5)!r})")
    with MilvusClient(str(folder), mode="r") as reader:
        assert count_of(reader, "x") == count_of(reader, "y") == 5
        first.do("client.close()")
        assert count_of(reader, "x") == 5
        second = other()
        assert count_of(reader, "y") == 5
        second.do("client.close()")
        # The reader did not look at x under the second leader.
        assert count_of(reader, "x") == 5
        third = other()
        third.do(f"client.insert('x', {rows(5, 10)!r})")
        third.do("client.create_alias('x', 'nickname')")
        third.do("client.close()")
        assert count_of(reader, "x") == count_of(reader, "nickname") == 15
        assert count_of(reader, "y") == 5


async def test_a_reader_that_nobody_leads_is_not_behind(folder: Path, leader: OtherProcess) -> None:
    leader.do("client.close()")
    reader = open_database(folder, mode="r")
    try:
        assert reader.is_schema_behind("", "c")
        reader.catch_up(Query(collection="c"))
        assert not reader.is_schema_behind("", "c")
    finally:
        reader.close()


def test_an_external_collection_is_refreshed_and_read_by_all(
    client: MilvusClient, leader: OtherProcess, tmp_path: Path
) -> None:
    def write(name: str, first: int, stop: int) -> None:
        vectors = pa.array([[float(n), 1.0] for n in range(first, stop)], pa.list_(pa.float32()))
        numbers = pa.array(range(first, stop), pa.int64())
        pq.write_table(pa.table({"n": numbers, "v": vectors}), tmp_path / name)

    def refreshed() -> str:
        job = client.refresh_external_collection("outside")
        while client.get_refresh_external_collection_progress(job).state.endswith(
            ("Pending", "InProgress")
        ):
            pass
        return client.get_refresh_external_collection_progress(job).state

    write("a.parquet", 0, 20)
    schema = client.create_schema(
        external_source=f"{tmp_path}/a.parquet", external_spec='{"format": "parquet"}'
    )
    schema.add_field("n", DataType.INT64, external_field="n")
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2, external_field="v")
    client.create_collection("outside", schema=schema)
    client.create_index("outside", client.prepare_index_params("v", metric_type="L2"))
    client.load_collection("outside")
    found = "client.search('outside', [[9.0, 1.0]], limit=1, output_fields=['n'])[0][0]['entity']"
    for first, stop in ((0, 20), (5, 40)):
        write("a.parquet", first, stop)
        assert refreshed() == "RefreshCompleted"
        search = client.search("outside", [[9.0, 1.0]], limit=1, output_fields=["n"])
        assert search[0][0]["entity"]["n"] == 9
        assert leader.do(found) == {"n": 9}
        counted = client.query("outside", output_fields=["count(*)"])
        assert counted == [{"count(*)": stop - first}]
    with pytest.raises(ParamError, match="insert operation is not supported for external coll"):
        client.insert("outside", [{"n": 1, "v": [0.0, 1.0]}])
    jobs = client.list_refresh_external_collection_jobs()
    assert [each.job_id for each in jobs] == leader.do(
        "[each.job_id for each in client.list_refresh_external_collection_jobs('outside')]"
    )
