"""Schema changes, properties and snapshots asked for by the real pymilvus of our server."""

from __future__ import annotations

import dataclasses
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusClient
from tests.support.serving import serving

pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # pymilvus' own


@contextmanager
def opened(path: Path) -> Iterator[tuple[str, Any]]:
    with serving(path / "db") as uri:
        client = pymilvus.MilvusClient(uri)
        schema = client.create_schema()
        schema.add_field("id", pymilvus.DataType.INT64, is_primary=True)
        schema.add_field("v", pymilvus.DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("text", pymilvus.DataType.VARCHAR, max_length=60, enable_analyzer=True)
        params = client.prepare_index_params()
        params.add_index("v", index_type="FLAT", metric_type="L2")
        client.create_collection("c", schema=schema, index_params=params)
        client.insert("c", [row(number) for number in range(5)])
        try:
            yield uri, client
        finally:
            client.close()


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "v": [float(number), 0.0], "text": f"word{number}", **more}


def test_fields_and_functions_come_and_go(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, client):
        client.add_collection_field(
            "c", "n", pymilvus.DataType.INT64, nullable=True, default_value=4
        )
        client.insert("c", [row(9, n=1)])
        found = client.query("c", "id in [0, 9]", output_fields=["n"])
        assert [each["n"] for each in found] == [4, 1]
        client.alter_collection_field("c", "text", field_params={"max_length": 70})
        field = pymilvus.FieldSchema("s", pymilvus.DataType.SPARSE_FLOAT_VECTOR)
        function = pymilvus.Function("f", pymilvus.FunctionType.BM25, ["text"], ["s"])
        params = client.prepare_index_params()
        params.add_index("s", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        client.add_function_field("c", field, function, params)
        (hits,) = client.search("c", ["word3"], anns_field="s", limit=2)
        assert [hit["id"] for hit in hits] == [3]
        client.drop_function_field("c", "f")
        client.drop_collection_field("c", "n")
        described = client.describe_collection("c")
        assert [each["name"] for each in described["fields"]] == ["id", "v", "text"]
        assert described["fields"][2]["params"]["max_length"] == 70
        with pytest.raises(pymilvus.MilvusException, match="cannot drop the last vector") as caught:
            client.drop_collection_field("c", "v")
        assert caught.value.code == 1100


def test_a_writer_with_an_old_schema_is_told_and_tries_again(tmp_path: Path) -> None:
    with opened(tmp_path) as (uri, theirs), MilvusClient(uri) as ours:
        ours.insert("c", [row(20)])
        theirs.add_collection_field("c", "n", pymilvus.DataType.INT64, nullable=True)
        ours.insert("c", [row(21, n=1)])
        theirs.insert("c", [row(22, n=2)])
        ours.drop_collection_field("c", "n")
        ours.add_collection_field("c", "m", pymilvus.DataType.INT64, nullable=True, default_value=3)
        theirs.insert("c", [row(23)])
        theirs.upsert("c", [row(24, m=5)])
        found = ours.query("c", "id > 20", output_fields=["m"])
        assert [each["m"] for each in found] == [3, 3, 3, 5]


def test_snapshots_are_kept_and_restored(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, client):
        client.create_snapshot("s", "c", description="d")
        client.delete("c", filter="id >= 0")
        assert client.list_snapshots("c") == ["s"]
        info = client.describe_snapshot("s", "c")
        assert (info.collection_name, info.partition_names) == ("c", ["_default"])
        pin = client.pin_snapshot_data("s", "c", ttl_seconds=60)
        with pytest.raises(pymilvus.MilvusException, match="pinned"):
            client.drop_snapshot("s", "c")
        client.unpin_snapshot_data(pin)
        job = client.restore_snapshot("s", "c", "again")
        assert client.get_restore_snapshot_state(job).state == "RestoreSnapshotCompleted"
        assert [each.job_id for each in client.list_restore_snapshot_jobs("again")] == [job]
        client.load_collection("again")
        assert len(client.query("again", "id >= 0")) == 5
        client.drop_snapshot("s", "c")
        assert client.list_snapshots() == []


def test_what_is_told_of_snapshots_is_what_pymilvus_tells(tmp_path: Path) -> None:
    with opened(tmp_path) as (uri, theirs), MilvusClient(uri) as ours:
        ours.create_snapshot("s", "c", description="d")
        told: list[tuple[Any, Any]] = [
            (ours.describe_snapshot("s", "c"), theirs.describe_snapshot("s", "c"))
        ]
        job = ours.restore_snapshot("s", "c", "again")
        assert isinstance(job, int)
        state = ours.get_restore_snapshot_state(job)
        told.append((state, theirs.get_restore_snapshot_state(job)))
        told.append((ours.list_restore_snapshot_jobs()[0], theirs.list_restore_snapshot_jobs()[0]))
        for our, their in told:
            names = [field.name for field in dataclasses.fields(their)]
            assert list(our.__struct_fields__) == names
            assert [getattr(our, name) for name in names] == list(vars(their).values())


def test_properties_are_set_shown_and_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as (_, client):
        client.alter_collection_properties("c", {"collection.ttl.seconds": 3600, "own": "x"})
        properties = client.describe_collection("c")["properties"]
        assert properties["collection.ttl.seconds"] == "3600"
        assert properties["own"] == "x"
        client.drop_collection_properties("c", ["own"])
        assert "own" not in client.describe_collection("c")["properties"]
        with pytest.raises(pymilvus.MilvusException, match="out of range") as caught:
            client.alter_collection_properties("c", {"collection.ttl.seconds": -5})
        assert caught.value.code == 1100
        client.alter_collection_properties("c", {"dynamicfield.enabled": True})
        client.insert("c", [row(30, colour="red")])
        assert len(client.query("c", 'colour == "red"')) == 1
