"""Bulk import, asked for by the real pymilvus: files beside the server become rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.support.serving import serving

pymilvus = pytest.importorskip("pymilvus", reason="pymilvus is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # pymilvus' own
ROWS = 4
DENSE = np.arange(2 * ROWS, dtype=np.float32).reshape(ROWS, 2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "import"
    made.mkdir()
    return made


@pytest.fixture
def client(folder: Path) -> Iterator[Any]:
    with serving(folder.parent / "test.db", import_dir=str(folder)) as uri:
        pymilvus.connections.connect(uri=uri)
        client = pymilvus.MilvusClient(uri)
        schema = client.create_schema(enable_dynamic_field=True)
        schema.add_field("pk", pymilvus.DataType.INT64, is_primary=True)
        schema.add_field("dense", pymilvus.DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("sparse", pymilvus.DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("half", pymilvus.DataType.FLOAT16_VECTOR, dim=2)
        schema.add_field("bits", pymilvus.DataType.BINARY_VECTOR, dim=16)
        schema.add_field("name", pymilvus.DataType.VARCHAR, max_length=9, nullable=True)
        schema.add_field("doc", pymilvus.DataType.JSON)
        schema.add_field(
            "tags", pymilvus.DataType.ARRAY, element_type=pymilvus.DataType.INT64, max_capacity=3
        )
        index = client.prepare_index_params()
        for field in ("dense", "half", "sparse"):
            index.add_index(field, index_type="AUTOINDEX", metric_type="IP")
        index.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
        client.create_collection("c", schema=schema)
        client.create_index("c", index, sync=False)  # else pymilvus sleeps half a second for each
        client.load_collection("c")
        yield client
        client.close()
        pymilvus.connections.disconnect("default")


def row(number: int) -> dict[str, Any]:
    return {
        "pk": number,
        "dense": DENSE[number].tolist(),
        "sparse": {"indices": [number, 9], "values": [1.0, 0.5]},
        "half": DENSE[number].tolist(),
        "bits": [number, 255],
        "name": None if number == 2 else f"n{number}",
        "doc": {"a": number},
        "tags": [number, number],
    }


def imported(*files: str, **options: Any) -> Any:
    """Import files and return the last state of the job."""
    job = pymilvus.utility.do_bulk_insert("c", list(files), **options)
    states = pymilvus.BulkInsertState
    while True:
        found = pymilvus.utility.get_bulk_insert_state(job)
        if found.state in (states.ImportCompleted, states.ImportFailed):
            return found


def write_json(folder: Path) -> list[str]:
    rows = [{**row(n), "extra": n} for n in range(ROWS)]
    (folder / "rows.json").write_text(json.dumps({"rows": rows}))
    return ["rows.json"]


def write_parquet(folder: Path) -> list[str]:
    rows = [{**row(n), "doc": json.dumps(row(n)["doc"]), "extra": n} for n in range(ROWS)]
    coded = [DENSE[n].astype("<f2").view(np.uint8) for n in range(ROWS)]  # as pymilvus writes it
    halves = pa.array(coded, pa.list_(pa.uint8()))
    table = pa.Table.from_pylist(rows).drop_columns("half").append_column("half", halves)
    pyarrow.parquet.write_table(table, folder / "rows.parquet")
    return ["rows.parquet"]


def write_csv(folder: Path) -> list[str]:
    rows = [row(n) for n in range(ROWS)]
    texts = [
        {k: json.dumps(v) if isinstance(v, (list, dict)) else v for k, v in each.items()}
        for each in rows
    ]
    table = pa.Table.from_pylist([{**each, "extra": n} for n, each in enumerate(texts)])
    pyarrow.csv.write_csv(table, folder / "rows.csv")
    return ["rows.csv"]


@pytest.mark.parametrize("write", [write_json, write_parquet, write_csv])
def test_files_of_each_kind_become_the_same_rows(client: Any, folder: Path, write: Any) -> None:
    state = imported(*write(folder))
    assert state.failed_reason == ""
    assert state.row_count == ROWS
    found = client.query("c", "pk >= 0", output_fields=["*", "extra"], limit=10)
    assert [each["pk"] for each in found] == list(range(ROWS))
    for number, each in enumerate(found):
        assert each["dense"] == DENSE[number].tolist()
        assert each["sparse"] == ({number: 1.0, 9: 0.5})
        assert np.frombuffer(each["half"][0], "<f2").tolist() == DENSE[number].tolist()
        assert each["bits"] == [bytes([number, 255])]
        assert each["name"] == (None if number == 2 else f"n{number}")
        assert each["doc"] == {"a": number}
        assert list(each["tags"]) == [number, number]
        assert each["extra"] == number


def test_numpy_files_are_a_field_each_and_one_job(client: Any, folder: Path) -> None:
    client.create_collection("c2", dimension=2)
    np.save(folder / "id.npy", np.arange(ROWS))
    np.save(folder / "vector.npy", DENSE)
    job = pymilvus.utility.do_bulk_insert("c2", ["id.npy", "vector.npy"])
    while pymilvus.utility.get_bulk_insert_state(job).row_count != ROWS:
        pass
    assert len(client.query("c2", "id >= 0")) == ROWS
    (listed,) = pymilvus.utility.list_bulk_insert_tasks(collection_name="c2")
    assert listed.task_id == job
    assert listed.state == pymilvus.BulkInsertState.ImportCompleted


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[{", "malformed"),
        ('{"other": []}', "malformed"),
        ("[" * 9000 + "]" * 9000, "nested more than 256 deep"),
        (json.dumps([{**row(0), "dense": "[" * 9000}]), "malformed"),
        (json.dumps([row(0), {**row(1), "dense": [1.0]}]), "dense"),
        (json.dumps([row(0), {**row(1), "name": "far too long"}]), "name"),
    ],
)
def test_a_file_that_fails_leaves_nothing_and_tells_why(
    client: Any, folder: Path, content: str, reason: str
) -> None:
    (folder / "bad.json").write_text(content)
    state = imported("bad.json")
    assert state.state == pymilvus.BulkInsertState.ImportFailed
    assert reason in state.failed_reason
    assert client.query("c", output_fields=["count(*)"]) == [{"count(*)": 0}]


@pytest.mark.parametrize("name", ["none.json", "../test.db/catalog.sqlite", "rows.txt"])
def test_other_files_are_out_of_reach(client: Any, folder: Path, name: str) -> None:
    (folder / "rows.txt").write_text("[]")
    with pytest.raises(pymilvus.MilvusException) as caught:
        pymilvus.utility.do_bulk_insert("c", [name])
    assert caught.value.code == 2100


def test_a_server_without_a_folder_imports_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "test.db") as uri:
        pymilvus.connections.connect(uri=uri)
        with pytest.raises(pymilvus.MilvusException, match="--import-dir") as caught:
            pymilvus.utility.do_bulk_insert("c", ["rows.json"])
        assert caught.value.code == 10
        pymilvus.connections.disconnect("default")
