"""Queries as an application sends them: by key, ordered, paged, aggregated, by partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType, MilvusClient, MilvusException

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviour.conftest import Door


async def stocked(client: Any) -> None:
    """Make a collection of eight things, in several segments and two partitions."""
    schema = client.raw.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("price", DataType.INT32, nullable=True)
    schema.add_field("kind", DataType.VARCHAR, max_length=8)
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.create_partition("c", "old")
    for partition, ids in (("_default", [7, 2, 5]), ("_default", [4, 8]), ("old", [6, 1, 3])):
        rows = [
            {
                "id": key,
                "vector": [float(key), 0.0],
                "price": None if key == 5 else 10 * (key % 4),
                "kind": "odd" if key % 2 else "even",
            }
            for key in ids
        ]
        await client.insert("c", rows, partition_name=partition)
        await client.flush("c")


def ids(rows: Any) -> list[int]:
    return [row["id"] for row in rows]


async def test_keys_are_read_in_their_order_each_once(client: Door) -> None:
    await stocked(client)
    assert ids(await client.get("c", ids=[8, 1, 5, 1, 404])) == [1, 5, 8]
    assert ids(await client.get("c", ids=[8, 1, 5], partition_names=["old"])) == [1]
    assert ids(await client.query("c", filter="id > 0")) == [1, 2, 3, 4, 5, 6, 7, 8]
    page = await client.query("c", filter="id > 0", limit=3, offset=3, output_fields=["id"])
    assert list(page) == [{"id": 4}, {"id": 5}, {"id": 6}]


@pytest.mark.parametrize("limit", [-1, -5, 0])
async def test_a_limit_that_is_given_is_at_least_one(client: Door, limit: int) -> None:
    await stocked(client)
    with pytest.raises(MilvusException, match=rf"limit \[{limit}\] is invalid") as caught:
        await client.query("c", filter="id > 0", limit=limit)
    assert caught.value.code == 1100
    assert len(await client.query("c", filter="id > 0", limit=None)) == 8


async def test_rows_are_ordered_by_fields_and_paged(client: Door) -> None:
    await stocked(client)
    asked: dict[str, Any] = {"filter": "id > 0", "output_fields": ["id"]}
    order = ["price:desc", "id:desc"]
    first = await client.query("c", **asked, limit=5, order_by=order)
    rest = await client.query("c", **asked, limit=5, offset=5, order_by=order)
    assert ids(first) + ids(rest) == [5, 7, 3, 6, 2, 1, 8, 4]
    with pytest.raises(MilvusException, match="ORDER BY requires explicit limit"):
        await client.query("c", **asked, order_by=order)


async def test_orders_say_where_rows_without_a_value_come(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("price", DataType.INT32, nullable=True)
    index = client.raw.prepare_index_params()
    index.add_index("vector", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [{"id": n, "vector": [n, 0], "price": price} for n, price in enumerate([3, None, 1, 2])]
    await client.insert("c", rows)

    async def found(order: Any) -> list[int]:
        asked: dict[str, Any] = {"output_fields": ["id"], "limit": 9, "order_by": order}
        return ids(await client.query("c", "id >= 0", **asked))

    assert await found("price:descending") == [1, 0, 3, 2]
    assert await found("price:desc:nulls_last,id") == [0, 3, 2, 1]
    assert await found([("price", "asc", "nulls_first")]) == [1, 2, 3, 0]
    assert await found([{"field": "price", "order": "asc"}]) == [2, 3, 0, 1]
    hits = await client.search("c", [[0, 0]], limit=3, order_by=["price:asc:nulls_first"])
    assert hits[0].ids == [1, 2, 0]
    with pytest.raises(MilvusException, match="invalid order direction 'up' for field 'price'"):
        await found("price:up")
    with pytest.raises(MilvusException, match="invalid null ordering 'nowhere', must be"):
        await found("price:asc:nowhere")


async def test_rows_are_counted_and_aggregated(client: Door) -> None:
    await stocked(client)
    assert list(await client.query("c", output_fields=["count(*)"])) == [{"count(*)": 8}]
    names = ["count(*)", "sum(price)", "avg(price)", "max(kind)"]
    (row,) = await client.query("c", filter="id > 4", output_fields=names)
    assert row == {"count(*)": 4, "sum(price)": 50, "avg(price)": 50 / 3, "max(kind)": "odd"}
    groups = await client.query(
        "c",
        filter="",
        output_fields=["kind", "count(price)", "min(id)"],
        group_by_fields=["kind"],
        order_by=["kind:asc"],
        limit=5,
    )
    assert list(groups) == [
        {"kind": "even", "count(price)": 4, "min(id)": 2},
        {"kind": "odd", "count(price)": 3, "min(id)": 1},
    ]


async def test_a_key_inserted_into_two_partitions_has_its_own_row_in_each(client: Door) -> None:
    await stocked(client)
    twin = {"id": 7, "vector": [0.0, 0.0], "price": 1, "kind": "twin"}
    await client.insert("c", [twin], partition_name="old")
    assert await kinds(client, 7) == [["twin"], ["odd"], ["twin"]]
    hits = await client.search("c", [[7.0, 0.0]], limit=1, partition_names=["_default"])
    assert hits[0].ids == [7]
    assert hits[0].distances == [0.0]


async def kinds(client: Any, key: int) -> list[list[str]]:
    """Return what a key's rows hold: in the whole collection, and in each partition."""
    asked = {"filter": f"id == {key}", "output_fields": ["kind"]}
    return [
        [row["kind"] for row in await client.query("c", **asked, partition_names=names)]
        for names in (None, ["_default"], ["old"])
    ]


async def test_an_upsert_into_a_partition_leaves_the_rows_of_others(client: Door) -> None:
    await stocked(client)
    twin = {"id": 7, "vector": [0.0, 0.0], "price": 1, "kind": "twin"}
    assert (await client.upsert("c", [twin], partition_name="old"))["upsert_count"] == 1
    assert await kinds(client, 7) == [["twin"], ["odd"], ["twin"]]
    assert list(await client.query("c", output_fields=["count(*)"])) == [{"count(*)": 9}]
    await client.upsert("c", [{**twin, "kind": "again"}], partition_name="old")
    await client.upsert("c", [{**twin, "kind": "first"}], partition_name="_default")
    assert await kinds(client, 7) == [["first"], ["first"], ["again"]]
    assert list(await client.query("c", output_fields=["count(*)"])) == [{"count(*)": 9}]
    for _ in range(2):
        (hits,) = await client.search("c", [[0.0, 0.0]], limit=3, output_fields=["kind"])
        assert [hit["kind"] for hit in hits if hit["id"] == 7] == ["first"]
        await client.flush("c")
    assert await kinds(client, 7) == [["first"], ["first"], ["again"]]
    await client.upsert("c", [{**twin, "kind": "only"}])
    assert await kinds(client, 7) == [["only"], ["only"], ["again"]]
    assert list(await client.query("c", output_fields=["count(*)"])) == [{"count(*)": 9}]


def test_an_upsert_into_a_partition_is_replayed_as_it_was_made(tmp_path: Path) -> None:
    path = str(tmp_path / "again.db")
    rows = [{"id": key, "vector": [0.0, 0.0], "kind": "first"} for key in range(3)]
    with MilvusClient(path) as client:
        client.create_collection("c", dimension=2)
        client.create_partition("c", "old")
        client.insert("c", rows)
        client.upsert("c", [{**rows[1], "kind": "second"}], partition_name="old")
        client.upsert("c", [{**rows[1], "kind": "third"}], partition_name="old")
    with MilvusClient(path) as client:
        client.load_collection("c")
        for names, wanted in ((["_default"], "first"), (["old"], "third"), (None, "third")):
            (row,) = client.query("c", "id == 1", ["kind"], partition_names=names)
            assert row["kind"] == wanted
        assert client.query("c", output_fields=["count(*)"])[0]["count(*)"] == 4


async def test_a_partial_upsert_into_a_partition_completes_its_own_row(client: Door) -> None:
    await stocked(client)
    twin = {"id": 7, "vector": [0.0, 0.0], "price": 1, "kind": "twin"}
    await client.insert("c", [twin], partition_name="old")
    change = [{"id": 7, "price": 5}]
    await client.upsert("c", change, partition_name="_default", partial_update=True)
    assert await kinds(client, 7) == [["odd"], ["odd"], ["twin"]]
    with pytest.raises(MilvusException, match="row 0 has a new primary key, 99, so all fields"):
        await client.upsert("c", [{"id": 99, "price": 5}], partial_update=True)


async def test_a_partial_upsert_names_the_partition_that_its_row_is_in(client: Door) -> None:
    await client.create_collection("c", dimension=2, id_type="str", max_length=9)
    await client.create_partition("c", "a")
    whole = {"id": "k", "vector": [0.0, 0.0], "price": 1}
    await client.insert("c", [whole], partition_name="a")
    rows = [{**whole, "id": "m"}, {"id": "k", "price": 5}]
    await client.upsert("c", rows[:1])
    for change in (rows[1:], [{"id": "m", "price": 2}, rows[1]]):
        with pytest.raises(MilvusException) as caught:
            await client.upsert("c", change, partial_update=True)
        assert (
            f"no row with key 'k' (row {len(change) - 1}) is in partition _default, but one is in "
            "a: give partition_name='a' to change that one, or all fields to add another"
        ) in caught.value.message
    await client.upsert("c", rows[1:], partition_name="a", partial_update=True)
    assert await client.get("c", ["k"]) == [{**whole, "price": 5}]


async def test_hits_of_a_group_follow_each_other(client: Door) -> None:
    await stocked(client)
    options = {"group_by_field": "kind", "group_size": 2, "output_fields": ["kind"]}
    (hits,) = await client.search("c", [[0.0, 0.0]], limit=2, **options)
    assert [(hit["id"], hit["kind"]) for hit in hits] == [
        (1, "odd"),
        (3, "odd"),
        (2, "even"),
        (4, "even"),
    ]
    (hits,) = await client.search("c", [[0.0, 0.0]], limit=1, offset=1, **options)
    assert [hit["id"] for hit in hits] == [2, 4]


async def test_an_entity_without_a_vector_finds_nothing_for_itself_alone(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2, nullable=True)
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    vectors = [[0.0, 0.0], None, [2.0, 0.0], None]
    await client.insert("c", [{"id": at, "vector": each} for at, each in enumerate(vectors)])
    for _ in range(2):
        found = await client.search("c", ids=[1, 2, 3, 0], limit=2)
        assert [hits.ids for hits in found] == [[], [2, 0], [], [0, 2]]
        assert [hits.distances for hits in found] == [[], [0.0, 4.0], [], [0.0, 4.0]]
        grouped = await client.search("c", ids=[1, 2], limit=1, group_by_field="id")
        assert [hits.ids for hits in grouped] == [[], [2]]
        with pytest.raises(MilvusException, match="no entity named by ids has a vector"):
            await client.search("c", ids=[1, 3], limit=2)
        await client.flush("c")


async def test_partitions_are_not_named_where_a_key_chooses_them(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("tenant", DataType.VARCHAR, max_length=8, is_partition_key=True)
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    refused = "not support manually specifying the partition names if partition key mode is used"
    with pytest.raises(MilvusException, match=refused):
        await client.query("c", filter="id > 0", partition_names=["_default_0"])
    with pytest.raises(MilvusException, match=refused):
        await client.search("c", [[0.0, 0.0]], partition_names=["_default_0"])


async def test_deletions_by_filter_that_let_all_pass_or_sample_are_refused(client: Door) -> None:
    await stocked(client)
    for text in ("true", "random_sample(0.5)"):
        with pytest.raises(MilvusException, match="delete plan"):
            await client.delete("c", filter=text)
    assert list(await client.query("c", output_fields=["count(*)"])) == [{"count(*)": 8}]


async def test_refusals_begin_with_what_failed(client: Door) -> None:
    await stocked(client)
    plan = "failed to create query plan: "
    near: dict[str, Any] = {"data": [[0.0, 0.0]], "limit": 1}
    for call, code, begin in (
        (client.search("c", **near, anns_field="price"), 1100, plan + "field (price) to search is"),
        (client.search("c", **near, anns_field="no"), 1100, plan + "failed to get field schema by"),
        (client.delete("c", ids=[1], partition_name="no"), 200, "Failed to get partition id: part"),
    ):
        with pytest.raises(MilvusException) as caught:
            await call
        assert caught.value.code == code
        assert caught.value.message.startswith(begin)
    await client.release_collection("c")
    for call, what in (
        (client.search("c", **near), "search"),
        (client.query("c", "id > 0"), "query"),
    ):
        with pytest.raises(MilvusException) as caught:
            await call
        assert caught.value.code == 101
        begin = f"failed to {what}: collection not loaded[collection=c]"
        assert caught.value.message.startswith(begin)
