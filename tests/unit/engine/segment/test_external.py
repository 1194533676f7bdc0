"""Segments over somebody else's files: what is read, what is kept, and what is let go."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aiomilvus import DataType, MilvusClient, NotSupportedError
from aiomilvus.engine.expiry import expiry_of
from aiomilvus.engine.external import parquet
from aiomilvus.engine.external.parquet import parts_of
from aiomilvus.engine.index import costs
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.segment import external
from aiomilvus.engine.segment.external import KEPT, KeptColumns, VirtualKeys, virtual_keys
from aiomilvus.engine.upkeep.backup import back_up, restore
from aiomilvus.engine.upkeep.check import check
from aiomilvus.engine.upkeep.upgrade import upgrade
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.operations.data import Query
from aiomilvus.model.schema import Field

if TYPE_CHECKING:
    from pathlib import Path

VECTORS = np.random.default_rng(3).normal(size=(90, 4)).astype(np.float32)
SPEC = '{"format": "parquet"}'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder of three files of 30 rows."""
    folder = tmp_path / "rows"
    folder.mkdir()
    for number in range(3):
        rows = range(30 * number, 30 * number + 30)
        vectors = pa.FixedSizeListArray.from_arrays(
            pa.array(VECTORS[rows.start : rows.stop].ravel()), 4
        )
        made = pa.table({"n": pa.array(rows, pa.int64()), "v": vectors})
        pq.write_table(made, folder / f"{number}.parquet", row_group_size=10)
    return folder


def make(client: MilvusClient, files: Path, kind: str = "HNSW") -> None:
    """Make a loaded collection "c" over the files, whose index is built."""
    schema = client.create_schema(external_source=str(files), external_spec=SPEC)
    schema.add_field("n", DataType.INT64, external_field="n")
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4, external_field="v")
    client.create_collection("c", schema=schema)
    params = client.prepare_index_params("v", index_type=kind, metric_type="L2")
    params.add_index("n", index_type="STL_SORT")
    client.create_index("c", params)
    client.refresh_external_collection("c")
    client.load_collection("c")
    wait(client)


def wait(client: MilvusClient) -> None:
    """Return when the refresh is done and all indexes are built."""
    while any(
        job.state in ("RefreshPending", "RefreshInProgress")
        for job in client.list_refresh_external_collection_jobs()
    ):
        pass
    while (client.describe_index("c", "v") or {})["pending_index_rows"]:
        pass


def nearest(client: MilvusClient, row: int) -> list[int]:
    found = client.search("c", [VECTORS[row].tolist()], limit=3, output_fields=["n"])
    return [hit["entity"]["n"] for hit in found[0]]


def true_nearest(row: int) -> list[int]:
    return [int(n) for n in np.argsort(((VECTORS - VECTORS[row]) ** 2).sum(1))[:3]]


def test_row_groups_are_read_together_up_to_a_number_of_rows(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = [Field(id=100, name="n", dtype=DataType.INT64, external_field="n")]
    [whole] = parts_of(files / "0.parquet", fields)
    assert (whole.rows.first, whole.rows.stop, whole.num_rows) == (0, 3, 30)
    monkeypatch.setattr(parquet, "MOST_ROWS", 20)
    first, second = parts_of(files / "0.parquet", fields)
    assert (first.rows.first, first.rows.stop, second.rows.first, second.rows.stop) == (0, 2, 2, 3)
    assert parquet.read_column(second.rows, fields[0]).arrays()["values"].tolist() == [
        *range(20, 30)
    ]


def test_virtual_keys_are_found_by_arithmetic() -> None:
    keys, finder = virtual_keys(5, 10), VirtualKeys(5, 10)
    assert finder.find(keys).tolist() == [*range(10)]
    others = FixedColumn(np.array([5 << 32, (5 << 32) + 10, 6 << 32, 3, -1, 5 << 32]))
    assert finder.find(others).tolist() == [0, -1, -1, -1, -1, 0]
    assert finder.find_all(others).tolist() == [0]


@pytest.mark.parametrize("kind", ["HNSW", "IVF_FLAT", "FLAT"])
def test_what_was_let_go_is_read_again(
    tmp_path: Path, files: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KEPT, "most", 0)
    monkeypatch.setattr(KEPT, "allow", lambda most: None)
    with MilvusClient(str(tmp_path / "x.db")) as client:
        make(client, files, kind)
        assert nearest(client, 40) == true_nearest(40)
        read: list[str] = []
        real = parquet.read_column

        def counted(rows: Any, field: Field) -> Any:
            read.append(field.name)
            return real(rows, field)

        monkeypatch.setattr(external, "read_column", counted)
        client.query("c", "n >= 0")  # each segment that is read lets go of the one before
        read.clear()
        for row in (0, 40, 80):
            assert nearest(client, row) == true_nearest(row)
            assert (
                client.query("c", f"n == {row}", output_fields=["v"])[0]["v"]
                == VECTORS[row].tolist()
            )
        assert read.count("v") >= 6
        assert KEPT.nbytes < 3 * 30 * 16


def test_columns_of_segments_that_are_gone_are_not_counted() -> None:
    kept = KeptColumns()
    kept.allow(100)
    gone: list[str] = []
    rows: Any = None
    first = external.ExternalColumns(rows, lambda: gone.append("first"))
    second = external.ExternalColumns(rows, lambda: gone.append("second"))
    kept.note(first, 60)
    kept.note(second, 40)
    assert (kept.nbytes, gone) == (100, [])
    kept.note(second, 1)
    assert (kept.nbytes, gone) == (41, ["first"])
    del second
    assert kept.nbytes == 0
    kept.note(first, 500)
    assert (kept.nbytes, gone) == (500, ["first"])


def test_a_database_in_memory_has_them_too(files: Path) -> None:
    with MilvusClient(":memory:") as client:
        make(client, files)
        assert nearest(client, 50) == true_nearest(50)
        client.create_snapshot("s", "c")
        client.restore_snapshot("s", "c", "again")
        client.load_collection("again")
        assert client.query("again", output_fields=["count(*)"]) == [{"count(*)": 90}]


def test_indexes_are_found_again_after_reopening(tmp_path: Path, files: Path) -> None:
    path = tmp_path / "x.db"
    with MilvusClient(str(path)) as client:
        make(client, files)
    copied = [each.name for each in path.rglob("f*.amv")]
    assert copied == []
    with MilvusClient(str(path)) as client:
        assert (client.describe_index("c", "v") or {})["indexed_rows"] == 90
        assert nearest(client, 70) == true_nearest(70)
        [job] = client.list_refresh_external_collection_jobs("c")
        assert job.state == "RefreshCompleted"


def test_reads_never_run_on_an_event_loop(tmp_path: Path, files: Path) -> None:
    path = tmp_path / "x.db"
    with MilvusClient(str(path)) as client:
        make(client, files)
        opened = open_database(path)
        operation = Query(collection="c", filter="n == 1", output_fields=("n",))
        assert opened.local.estimate_seconds(operation) * 1e6 == pytest.approx(costs.NEVER_INLINE)
        opened.close()


def test_a_check_tells_a_file_that_was_changed(tmp_path: Path, files: Path) -> None:
    path = tmp_path / "x.db"
    with MilvusClient(str(path)) as client:
        make(client, files)
    assert check(path).problems == ()
    assert upgrade(path) == ()
    (files / "1.parquet").unlink()
    [problem] = check(path).problems
    assert problem.place == "c"
    assert "1.parquet of an external collection can't be read" in problem.what


def test_a_backup_leads_to_the_same_files(tmp_path: Path, files: Path) -> None:
    path = tmp_path / "x.db"
    with MilvusClient(str(path)) as client:
        make(client, files)
    back_up(path, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "y.db")
    with MilvusClient(str(tmp_path / "y.db")) as client:
        assert nearest(client, 10) == true_nearest(10)


def test_indexes_are_built_over_a_backup_that_had_none(tmp_path: Path, files: Path) -> None:
    with MilvusClient(str(tmp_path / "x.db")) as client:
        make(client, files)
        client.release_collection("c")
        for name in ("v", "n"):
            client.drop_index("c", name)
        client.create_index("c", client.prepare_index_params("v", index_type="FLAT"))
        wait(client)
    back_up(tmp_path / "x.db", tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "y.db")
    with MilvusClient(str(tmp_path / "y.db")) as client:
        client.drop_index("c", "v")
        params = client.prepare_index_params("v", index_type="HNSW", metric_type="L2")
        client.create_index("c", params)
        wait(client)
        client.load_collection("c")
        assert nearest(client, 10) == true_nearest(10)


def test_a_database_s_time_to_live_is_not_for_rows_elsewhere(tmp_path: Path, files: Path) -> None:
    with MilvusClient(str(tmp_path / "x.db")) as client:
        client.alter_database_properties("default", {"collection.ttl.seconds": 1})
        make(client, files)
        opened = open_database(tmp_path / "x.db")
        collection = opened.local.collection("", "c")
        opened.close()
        assert collection.snapshot.properties["collection.ttl.seconds"] == "1"
        assert expiry_of(collection.record.schema, collection.snapshot.properties).never


def test_without_pyarrow_the_command_that_installs_it_is_told(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "pyarrow" else real(name, *a)
    )
    with (
        MilvusClient(":memory:") as client,
        pytest.raises(NotSupportedError, match=r"pip install 'aiomilvus\[arrow\]'"),
    ):
        make(client, files)
