"""A search that is asked again is found by the shape of its arguments, before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.client.conversions import Conversions

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"id": i, "vector": [float(i), 0.0]} for i in range(9)]


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("an operation was built")


def test_the_second_search_builds_no_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusClient(str(tmp_path / "a.db")) as client:
        client.create_collection("c", 2, metric_type="L2")
        client.insert("c", ROWS)
        client.search("c", [[3.0, 0.0]], limit=2)
        monkeypatch.setattr(Conversions, "search", staticmethod(_refuse))
        for timeout in (None, 0.001, 10.0):
            hits = client.search("c", [[7.0, 0.0]], limit=2, timeout=timeout)[0]
            assert [hit["id"] for hit in hits] == [7, 6]


async def test_nor_does_it_on_a_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncMilvusClient(str(tmp_path / "a.db")) as client:
        await client.create_collection("c", 2, metric_type="L2")
        await client.insert("c", ROWS)
        await client.search("c", [[3.0, 0.0]], limit=2)
        monkeypatch.setattr(Conversions, "search", staticmethod(_refuse))
        hits = (await client.search("c", [[7.0, 0.0]], limit=2))[0]
        assert [hit["id"] for hit in hits] == [7, 6]


def test_the_second_get_builds_no_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusClient(str(tmp_path / "a.db")) as client:
        client.create_collection("c", 2, metric_type="L2")
        client.insert("c", ROWS)
        assert client.get("c", [3, 1]) == client.query("c", ids=[1, 3]) == [ROWS[1], ROWS[3]]
        monkeypatch.setattr(Conversions, "query", staticmethod(_refuse))
        several: list[Any] = [[5, 99, 4, 5], (4, 5), ["4", "5"]]
        for ids in several:
            assert client.get("c", ids, timeout=10.0) == [ROWS[4], ROWS[5]]
        assert client.query("c", ids=7) == [ROWS[7]]


async def test_nor_does_a_get_on_a_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncMilvusClient(str(tmp_path / "a.db")) as client:
        await client.create_collection("c", 2, metric_type="L2")
        await client.insert("c", ROWS)
        await client.get("c", [3])
        monkeypatch.setattr(Conversions, "query", staticmethod(_refuse))
        assert await client.get("c", [4, 3]) == [ROWS[3], ROWS[4]]


def test_the_second_count_builds_no_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MilvusClient(str(tmp_path / "a.db")) as client:
        client.create_collection("c", 2, metric_type="L2")
        client.insert("c", ROWS)
        client.query("c", output_fields=["count(*)"])
        with monkeypatch.context() as patch:
            patch.setattr(Conversions, "query", staticmethod(_refuse))
            assert client.query("c", "", ["count(*)"], timeout=10.0) == [{"count(*)": 9}]
            client.delete("c", [3])
            with pytest.raises(AssertionError, match="built"):  # the answer may be another now
                client.query("c", output_fields=["count(*)"])
        assert client.query("c", output_fields=["count(*)"]) == [{"count(*)": 8}]
