"""Whoever watches a collection is told every committed change, once, in its order."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AsyncMilvusClient,
    ConnectionNotExistException,
    DataType,
    ExpressionError,
    MilvusClient,
    NotSupportedError,
    ParamError,
    PositionGoneError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus import Change

KEPT = {"changes.retention.seconds": "3600"}


def row(key: int, tag: str = "") -> dict[str, Any]:
    return {"id": key, "vector": [float(key), 1.0], "tag": tag or str(key)}


async def listed(watcher: Any) -> list[Change]:
    """All that a watcher tells until it ends."""
    if hasattr(watcher, "__aiter__"):
        return [change async for change in watcher]
    return list(watcher)


async def begun(watcher: Any) -> Any:
    """A watcher that is told what comes from now on."""
    is_async = hasattr(watcher, "__aenter__")
    return await watcher.__aenter__() if is_async else watcher.__enter__()


async def told(client: Any, *arguments: Any, **options: Any) -> list[Change]:
    watcher = client.watch("c", *arguments, **{"wait": 0, **options})
    return await listed(await watcher if inspect.isawaitable(watcher) else watcher)


def brief(changes: list[Change]) -> list[tuple[Any, ...]]:
    return [
        (each.kind, each.key, None if each.row is None else each.row["tag"]) for each in changes
    ]


@pytest.fixture
async def watched(client: Any) -> Any:
    """The client, with a collection `c` that keeps its changes."""
    await client.create_collection("c", dimension=2, metric_type="L2", properties=KEPT)
    return client


async def test_changes_are_told_in_their_order_with_their_rows(watched: Any) -> None:
    watcher = await begun(await watched.watch("c", wait=0))
    await watched.insert("c", [row(1), row(2)])
    await watched.upsert("c", row(1, "new"))
    await watched.delete("c", ids=[2])
    await watched.delete("c", filter="tag == 'new'")
    found = await listed(watcher)
    assert brief(found) == [
        ("insert", 1, "1"),
        ("insert", 2, "2"),
        ("upsert", 1, "new"),
        ("delete", 2, None),
        ("delete", 1, None),
    ]
    assert found[0].row == row(1)
    assert found[0].partition == "_default"
    times = [each.timestamp for each in found]
    assert times == sorted(times)
    assert len({each.position for each in found}) == len(found)


@pytest.mark.parametrize(
    "chosen",
    [
        {"ids": [2, 77]},
        {"filter": "id in [2, 77]"},
        {"filter": "id in {keys}", "filter_params": {"keys": [2, 77]}},
    ],
    ids=["keys", "filter", "template"],
)
async def test_a_deletion_by_keys_is_told_also_where_there_was_no_row(
    watched: Any, chosen: dict[str, Any]
) -> None:
    await watched.insert("c", [row(1), row(2)])
    watcher = await begun(await watched.watch("c", wait=0))
    assert (await watched.delete("c", **chosen))["delete_count"] == 2
    await watched.delete("c", filter="id == 88")
    await watched.delete("c", filter="id > 88")
    told = [("delete", 2, None), ("delete", 77, None), ("delete", 88, None)]
    assert brief(await listed(watcher)) == told
    assert [each["id"] for each in await watched.query("c", filter="id >= 0")] == [1]


async def test_what_was_there_before_is_not_told_unless_asked_for(watched: Any) -> None:
    await watched.insert("c", row(1))
    watcher = await begun(await watched.watch("c", wait=0))
    assert await listed(watcher) == []
    assert brief(await told(watched, position="oldest")) == [("insert", 1, "1")]


async def test_it_goes_on_behind_any_change(watched: Any) -> None:
    await watched.create_partition("c", "p")
    await watched.insert("c", [row(n) for n in range(4)])
    await watched.flush("c")
    await watched.insert("c", [row(9)], partition_name="p")
    await watched.upsert("c", [row(1, "x"), row(5, "y")])
    await watched.release_partitions("c", ["p"])
    await watched.drop_partition("c", "p")
    await watched.truncate_collection("c")
    await watched.insert("c", [row(7), row(8)])
    await watched.flush("c")
    await watched.delete("c", ids=[7])
    whole = await told(watched, position="oldest")
    assert [each.kind for each in whole] == [
        *(["insert"] * 5),
        "upsert",
        "upsert",
        "drop_partition",
        "truncate",
        "insert",
        "insert",
        "delete",
    ]
    assert [whole[4].partition, whole[7].partition] == ["p", "p"]
    for number, change in enumerate(whole, 1):
        assert await told(watched, position=change.position) == whole[number:]


async def test_positions_outlast_the_client(watched: Any, door_name: str, tmp_path: Path) -> None:
    await watched.insert("c", [row(1), row(2)])
    first, second = await told(watched, position="oldest")
    await watched.insert("c", [row(3)])
    if door_name == "follower-async":
        other = MilvusClient(str(tmp_path / "test.db"))
    else:
        await watched.close()
        other = MilvusClient(str(tmp_path / "test.db"))
    with other:
        found = list(other.watch("c", position=first.position, wait=0))
    assert found[0] == second
    assert brief(found) == [("insert", 2, "2"), ("insert", 3, "3")]


async def test_who_carries_out_what_is_told_has_the_rows_that_pass(watched: Any) -> None:
    await watched.insert("c", [row(1, "a"), row(2, "b"), row(3, "a")])
    await watched.upsert("c", [row(1, "b"), row(2, "a"), row(4, "b")])
    await watched.delete("c", ids=[3])
    found = await told(watched, "tag == {wanted}", filter_params={"wanted": "a"}, position="oldest")
    assert brief(found) == [
        ("insert", 1, "a"),
        ("insert", 3, "a"),
        ("delete", 1, None),
        ("upsert", 2, "a"),
        ("delete", 4, None),
        ("delete", 3, None),
    ]
    kept: dict[Any, Any] = {}
    for change in found:
        if change.row is None:
            kept.pop(change.key, None)
        else:
            kept[change.key] = change.row
    rows = await watched.query("c", "tag == 'a'", output_fields=["*"])
    assert list(kept.values()) == list(rows)


async def test_fields_are_chosen(watched: Any) -> None:
    await watched.insert("c", [row(1)])
    (change,) = await told(watched, output_fields=["tag"], position="oldest")
    assert change.row == {"id": 1, "tag": "1"}
    with pytest.raises(ParamError, match="vektor"):
        await told(watched, output_fields=["vektor[0]"], position="oldest")


async def test_a_watcher_knows_where_it_is(watched: Any) -> None:
    watcher = await begun(await watched.watch("c", "tag == 'a'", wait=0))
    start = watcher.position
    await watched.insert("c", [row(1, "a"), *[row(n, "b") for n in range(2, 9)]])
    (change,) = await listed(watcher)
    assert start != watcher.position
    # All that does not concern it is behind it.
    await watched.insert("c", [row(20, "a")])
    assert [each.key for each in await told(watched, position=watcher.position)] == [20]
    assert len(await told(watched, position=start)) == 9
    assert len(await told(watched, position=change.position)) == 8


async def test_rows_are_told_under_todays_schema(watched: Any) -> None:
    await watched.insert("c", [row(1)])
    await watched.add_collection_field("c", "more", DataType.INT64, nullable=True)
    await watched.insert("c", [{**row(2), "more": 5}])
    found = await told(watched, output_fields=["more"], position="oldest")
    assert [each.row for each in found] == [{"id": 1, "more": None}, {"id": 2, "more": 5}]


async def test_keys_that_are_made_are_told(client: Any) -> None:
    await client.create_collection("c", dimension=2, auto_id=True, properties=KEPT)
    made = await client.insert("c", [{"vector": [1.0, 0.0]}, {"vector": [2.0, 0.0]}])
    again = await client.upsert("c", [{"id": made["ids"][0], "vector": [3.0, 0.0]}])
    found = await told(client, position="oldest")
    assert [(each.kind, each.key) for each in found] == [
        *(("insert", key) for key in made["ids"]),
        ("delete", made["ids"][0]),
        ("insert", again["ids"][0]),
    ]


async def test_a_collection_has_to_keep_its_changes(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    with pytest.raises(ParamError, match=r"alter_collection_properties\('c'"):
        await told(client)
    await client.insert("c", row(1))
    await client.alter_collection_properties("c", KEPT)
    await client.insert("c", row(2))
    (change,) = await told(client, position="oldest")
    assert change.key == 2
    await client.drop_collection_properties("c", list(KEPT))
    with pytest.raises(ParamError, match="keeps no changes"):
        await told(client)
    await client.insert("c", row(3))
    await client.alter_collection_properties("c", KEPT)
    with pytest.raises(PositionGoneError, match="since a later moment"):
        await told(client, position=change.position)


async def test_another_collection_of_the_name_is_another_one(watched: Any) -> None:
    await watched.insert("c", row(1))
    (change,) = await told(watched, position="oldest")
    await watched.drop_collection("c")
    await watched.create_collection("c", dimension=2, properties=KEPT)
    with pytest.raises(PositionGoneError, match="another collection"):
        await told(watched, position=change.position)
    # An alias, or a new name, changes nothing.
    await watched.insert("c", [row(1), row(2)])
    first, second = await told(watched, position="oldest")
    await watched.create_alias("c", "other")
    assert await listed(await watched.watch("other", position=first.position, wait=0)) == [second]
    await watched.drop_alias("other")
    await watched.rename_collection("c", "d")
    assert await listed(await watched.watch("d", position=first.position, wait=0)) == [second]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"position": "yesterday"}, ParamError, "'oldest'"),
        ({"position": "w1-2-3-4-5"}, ParamError, "is none"),
        ({"position": 3}, ParamError, "position"),
        ({"wait": -1}, ParamError, "wait"),
        ({"wait": "long"}, ParamError, "wait"),
        ({"filter": "nowhere +"}, ExpressionError, "nowhere"),
        ({"filter": "random_sample(0.5)"}, ParamError, "random_sample"),
    ],
)
async def test_arguments_that_mean_nothing_are_refused(
    watched: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        await told(watched, **options)


async def test_logs_that_are_kept_no_more_go_with_a_flush_of_nothing(
    watched: Any, tmp_path: Path
) -> None:
    await watched.insert("c", [row(1)])
    await watched.flush("c")
    logs = await asyncio.to_thread(lambda: [*tmp_path.rglob("log-*.amv")])
    assert len(logs) > 1
    await watched.alter_collection_properties("c", {"changes.retention.seconds": "0"})
    await watched.flush("c")
    assert len(await asyncio.to_thread(lambda: [*tmp_path.rglob("log-*.amv")])) == 1


async def test_a_retention_is_a_number_of_seconds(client: Any) -> None:
    for value in ("-1", "a day", "", str(10**12)):
        with pytest.raises(ParamError, match="retention"):
            await client.create_collection(
                "c", dimension=2, properties={"changes.retention.seconds": value}
            )


async def test_a_watcher_waits_for_what_comes(tmp_path: Path) -> None:
    async with AsyncMilvusClient(str(tmp_path / "a.db")) as client:
        await client.create_collection("c", dimension=2, properties=KEPT)
        async with client.watch("c") as watcher:
            waiting = asyncio.ensure_future(watcher.__anext__())
            await asyncio.sleep(0)
            await client.insert("c", row(1))
            assert (await waiting).key == 1
            # Whoever stops waiting misses nothing.
            waiting = asyncio.ensure_future(watcher.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await client.insert("c", row(2))
            assert (await watcher.__anext__()).key == 2
        assert [change async for change in watcher] == []


def test_a_thread_waits_for_what_comes(tmp_path: Path) -> None:
    with MilvusClient(str(tmp_path / "a.db")) as client:
        client.create_collection("c", dimension=2, properties=KEPT)
        with client.watch("c") as watcher:
            later = threading.Thread(target=client.insert, args=("c", row(1)))
            later.start()
            assert next(watcher).key == 1
            later.join()


async def test_a_watcher_ends_with_its_client(tmp_path: Path) -> None:
    client = AsyncMilvusClient(str(tmp_path / "a.db"))
    await client.create_collection("c", dimension=2, properties=KEPT)
    watcher = await client.watch("c").__aenter__()
    await client.close()
    with pytest.raises(ConnectionNotExistException):
        await watcher.__anext__()
    with pytest.raises(ConnectionNotExistException):
        client.watch("c")


async def test_a_database_in_memory_refuses_it_by_name() -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("c", dimension=2, properties=KEPT)
        with pytest.raises(NotSupportedError, match="in memory"):
            await told(client)


async def test_many_changes_of_one_write_are_told_with_their_own_keys_and_rows(
    watched: Any,
) -> None:
    keys = list(range(600))
    await watched.insert("c", [row(key, "ab"[key % 2]) for key in keys])
    await watched.upsert("c", [row(key, "ba"[key % 2]) for key in keys])
    await watched.delete("c", ids=keys)
    found = await told(watched, "tag == 'a'", position="oldest")
    inserted, upserted, deleted = found[:300], found[300:900], found[900:]
    assert brief(inserted) == [("insert", key, "a") for key in keys[::2]]
    assert brief(upserted) == [
        ("upsert", key, "a") if key % 2 else ("delete", key, None) for key in keys
    ]
    assert [each.key for each in deleted] == keys
    assert await told(watched, "tag == 'a'", position=found[577].position) == found[578:]
