"""Indexes that earlier versions took go over, whatever names and parameters are refused now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from aiomilvus import AsyncMilvusClient, DataType, Function, FunctionType
from aiomilvus.copying import copy
from aiomilvus.copying.index_definitions import clean_name
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.operations.record_changes import changed
from aiomilvus.model.index_definitions import fault_of_index_name

if TYPE_CHECKING:
    from pathlib import Path

OLD: dict[str, dict[str, Any]] = {
    "dense": {"params": {"index_type": "AUTOINDEX", "metric_type": "L2", "M": "8"}},
    "second": {"name": "a-b", "properties": {"warmup": "often", "mmap.enabled": "true"}},
    "words": {"params": {"index_type": "AUTOINDEX", "metric_type": "BM25", "bm25_k1": "1.7"}},
    "hashes": {
        "params": {"index_type": "AUTOINDEX", "metric_type": "MHJACCARD", "mh_lsh_band": "2"}
    },
}
"""What today's calls refuse, by field."""


async def _fill(path: str) -> None:
    async with AsyncMilvusClient(path) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("text", DataType.VARCHAR, max_length=20, enable_analyzer=True)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("second", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("hashes", DataType.BINARY_VECTOR, dim=64)
        schema.add_field("facts", DataType.JSON)
        schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
        index = client.prepare_index_params()
        index.add_index("dense", index_type="AUTOINDEX", metric_type="L2")
        index.add_index("second", index_type="HNSW", metric_type="L2", params={"M": 8})
        index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
        index.add_index("hashes", index_type="MINHASH_LSH", metric_type="MHJACCARD")
        index.add_index(
            "facts",
            index_type="INVERTED",
            params={"json_path": "facts['a']['b']", "json_cast_type": "double"},
        )
        await client.create_collection("c", schema=schema, index_params=index)
        row = {"text": "red fox", "hashes": b"\1" * 8, "facts": {"a": {"b": 1}}}
        vectors: list[dict[str, Any]] = [
            {"id": n, "dense": [n, 1.0], "second": [n, 2.0], **row} for n in range(5)
        ]
        await client.insert("c", vectors)


def _age(path: Path) -> None:
    """Let the indexes be as an earlier version stored them."""
    database = open_database(path)
    try:
        collection = database.local.collection("", "c")
        indexes = tuple(
            msgspec.structs.replace(spec, **OLD.get(spec.field, {}))
            for spec in collection.record.indexes
        )
        with collection.writes.turn:
            collection.change(changed(database.local, collection.record, indexes=indexes))
    finally:
        database.close()


async def test_a_copy_makes_what_is_refused_now_otherwise_and_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    source, target = tmp_path / "old.db", tmp_path / "new.db"
    await _fill(str(source))
    _age(source)
    (report,) = await copy(source, target)
    assert (report.rows, report.compared) == (5, 5)
    assert [note.split(":")[0] for note in report.notes] == [
        "index dense goes without M, which AUTOINDEX never used",
        "index 'a-b' is called a_b",
        "index a_b goes without warmup=often",
        "index words is of type SPARSE_INVERTED_INDEX, as AUTOINDEX takes no parameters now",
        "index hashes is of type MINHASH_LSH, as AUTOINDEX takes no parameters now",
    ]
    async with AsyncMilvusClient(str(target)) as client:
        found = {n: await client.describe_index("c", n) or {} for n in client_names(OLD)}
        assert set(await client.list_indexes("c")) == {*client_names(OLD), "facts/a/b"}
    kept = ("index_type", "metric_type", "M", "bm25_k1", "mh_lsh_band", "mmap.enabled")
    assert {n: {k: v for k, v in each.items() if k in kept} for n, each in found.items()} == {
        "dense": {"index_type": "AUTOINDEX", "metric_type": "L2"},
        "a_b": {"index_type": "HNSW", "metric_type": "L2", "M": "8", "mmap.enabled": "true"},
        "words": {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25", "bm25_k1": "1.7"},
        "hashes": {"index_type": "MINHASH_LSH", "metric_type": "MHJACCARD", "mh_lsh_band": "2"},
    }


def client_names(fields: dict[str, Any]) -> list[str]:
    return ["a_b" if field == "second" else field for field in fields]


@pytest.mark.parametrize(
    ("name", "taken", "clean"),
    [
        ("a-b", (), "a_b"),
        ("a-b", ("a_b", "a_b_2"), "a_b_3"),
        ("1a", (), "_1a"),
        (" ü ", (), "_"),
        ("é" * 300, ("_" * 255,), "_" * 253 + "_2"),
    ],
)
def test_a_clean_name_is_allowed_and_no_other_index_has_it(
    name: str, taken: tuple[str, ...], clean: str
) -> None:
    assert fault_of_index_name(name)
    assert clean_name(name, taken) == clean
    assert not fault_of_index_name(clean)
