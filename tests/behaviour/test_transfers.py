"""Collections to files and back: every type and kind, filters, interruptions, refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from aiomilvus import (
    CollectionSchema,
    DataType,
    FieldNotFoundError,
    FieldSchema,
    ImportFailedError,
    NotSupportedError,
    ParamError,
    Progress,
)

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 25
KINDS = ("parquet", "jsonl", "csv")


def schema() -> CollectionSchema:
    key = FieldSchema("id", DataType.INT64, is_primary=True)
    made = CollectionSchema([key], enable_dynamic_field=True)
    made.add_field("text", DataType.VARCHAR, max_length=99, nullable=True)
    made.add_field("flag", DataType.BOOL)
    made.add_field("small", DataType.INT8)
    made.add_field("real", DataType.FLOAT)
    made.add_field("doc", DataType.JSON, nullable=True)
    made.add_field(
        "tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=4, max_length=9
    )
    made.add_field("moment", DataType.TIMESTAMPTZ, nullable=True)
    made.add_field("dense", DataType.FLOAT_VECTOR, dim=2)
    made.add_field("half", DataType.FLOAT16_VECTOR, dim=2)
    made.add_field("bits", DataType.BINARY_VECTOR, dim=16)
    made.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    return made


def row(number: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "text": [None, "", 'a "quoted", text\nof two lines', "123"][number % 4],
        "flag": number % 2 == 0,
        "small": number - 10,
        "real": number / 7,
        "doc": [None, {"a": [1, None, "x"]}, '"text"', 3][number % 4],
        "tags": ["t"] * (number % 3),
        "moment": "2024-01-02T03:04:05Z" if number % 2 else None,
        "dense": [number, 0.1],
        "half": [number, 0.1],
        "bits": bytes([number, 255]),
        "sparse": {number: 0.1, 70_000: 1.0},
    }
    return {**made, "extra": {"n": number}, "more": "m"} if number % 2 else made


async def collection(client: Any, name: str) -> None:
    indexes = client.raw.prepare_index_params()
    for field, metric in (("dense", "L2"), ("half", "L2"), ("sparse", "IP")):
        indexes.add_index(field, index_type="AUTOINDEX", metric_type=metric)
    indexes.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
    await client.create_collection(name, schema=schema(), index_params=indexes)


async def rows_of(client: Any, name: str) -> list[dict[str, Any]]:
    found = await client.query(name, "id >= 0", output_fields=["*"], limit=1000)
    return sorted(map(dict, found), key=lambda each: each["id"])


def names_in(folder: Path, pattern: str = "*") -> list[str]:
    return [path.name for path in folder.glob(pattern)]


def append(file: Path, text: str) -> None:
    with file.open("a") as opened:
        opened.write(text)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where records of imports go."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "aiomilvus"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_collection_comes_back_as_it_was(
    client: Any, tmp_path: Path, state: Path, kind: str
) -> None:
    await collection(client, "one")
    await collection(client, "two")
    await client.insert("one", [row(n) for n in range(ROWS)])
    file = tmp_path / f"rows.{kind}"
    told: list[Progress] = []
    assert await client.export_collection("one", file, progress=told.append) == ROWS
    assert told[-1] == Progress("exporting", ROWS, ROWS)
    assert await client.import_collection("two", str(file), progress=told.append) == ROWS
    assert told[-1] == Progress("importing", ROWS, ROWS if kind == "parquet" else None)
    assert await rows_of(client, "two") == await rows_of(client, "one")
    assert names_in(tmp_path, "rows*") == [file.name]
    assert names_in(state) == []


@pytest.mark.parametrize("dtype", [DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR])
async def test_sixteen_bits_are_read_as_bytes_and_as_numbers(
    client: Any, tmp_path: Path, state: Path, dtype: DataType
) -> None:
    del state
    made = CollectionSchema([FieldSchema("id", DataType.INT64, is_primary=True)])
    made.add_field("half", dtype, dim=2, nullable=True)
    await client.create_collection("c", schema=made)
    # -1.5 and 0.25, the lower byte first, as pymilvus' bulk writer has them in Parquet
    coded = (
        [0x00, 0xBE, 0x00, 0x34] if dtype is DataType.FLOAT16_VECTOR else [0xC0, 0xBF, 0x80, 0x3E]
    )
    for first, values, element in ((0, coded, pa.uint8()), (2, [-1.5, 0.25], pa.float32())):
        halves = pa.array([values, None], pa.list_(element))
        file = tmp_path / f"{first}.parquet"
        pyarrow.parquet.write_table(pa.table({"id": [first, first + 1], "half": halves}), file)
        assert await client.import_collection("c", file) == 2
    index = client.raw.prepare_index_params("half", index_type="FLAT", metric_type="L2")
    await client.create_index("c", index)
    await client.load_collection("c")
    hits = (await client.search("c", [[-1.5, 0.25]], anns_field="half", limit=5))[0]
    assert [(hit["id"], hit["distance"]) for hit in hits] == [(0, 0.0), (2, 0.0)]


@pytest.mark.parametrize("kind", KINDS)
async def test_only_what_was_asked_for_is_exported(
    client: Any, tmp_path: Path, state: Path, kind: str
) -> None:
    await client.create_collection("c", dimension=2)
    await client.create_collection("d", dimension=2)
    await client.create_partition("c", "p")
    await client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(5)])
    await client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(5, 9)], partition_name="p")
    file = tmp_path / f"rows.{kind}"
    count = await client.export_collection("c", file, "id > 6", ["vector"], ["p"])
    assert count == 2
    assert await client.import_collection("d", file) == 2
    assert await rows_of(client, "d") == [{"id": n, "vector": [n, 1]} for n in (7, 8)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_folder_that_is_not_there_is_named(client: Any, tmp_path: Path, kind: str) -> None:
    await client.create_collection("c", dimension=2)
    with pytest.raises(ParamError, match=r"there is no folder .*none: make it"):
        await client.export_collection("c", tmp_path / "none" / f"rows.{kind}")
    assert not (tmp_path / "none").exists()


async def test_an_existing_file_is_kept_unless_it_may_be_replaced(
    client: Any, tmp_path: Path
) -> None:
    await client.create_collection("c", dimension=2)
    file = tmp_path / "rows.jsonl"
    file.write_text("mine")
    with pytest.raises(ParamError, match="exists"):
        await client.export_collection("c", file)
    assert file.read_text() == "mine"
    assert await client.export_collection("c", file, overwrite=True) == 0
    assert file.read_text() == ""


class Interrupted(Exception):
    """What a test stops a call with."""


def stopping(rows: int) -> Any:
    """Return a `progress` that stops the call when so many rows are done."""

    def stop(progress: Progress) -> None:
        if progress.done >= rows:
            raise Interrupted

    return stop


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("exports", "reading"):
        monkeypatch.setattr(f"aiomilvus.client.files.{module}.rows_per_batch", lambda _schema: 4)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("kind", KINDS)
async def test_interrupted_calls_go_on_where_they_were(
    client: Any, tmp_path: Path, state: Path, kind: str
) -> None:
    await collection(client, "one")
    await collection(client, "two")
    await client.insert("one", [row(n) for n in range(ROWS)])
    file = tmp_path / f"rows.{kind}"
    with pytest.raises(Interrupted):
        await client.export_collection("one", file, progress=stopping(8))
    assert not file.exists()
    if kind != "parquet":
        append(tmp_path / f"rows.{kind}.partial", "half a li")
    with pytest.raises(ParamError, match="another task: filter was ''"):
        await client.export_collection("one", file, "id > 3")
    told: list[Progress] = []
    assert await client.export_collection("one", file, progress=told.append) == ROWS
    assert told[0].done == 8
    with pytest.raises(Interrupted):
        await client.import_collection("two", file, progress=stopping(12))
    assert len(await rows_of(client, "two")) == 12
    assert await client.import_collection("two", file, progress=told.append) == ROWS
    assert told[-1].done == ROWS
    assert await rows_of(client, "two") == await rows_of(client, "one")
    assert names_in(state) == []


def _doubt(state: Path, pending: int, before: int | None) -> None:
    """Let the only record say that it stopped while it inserted rows."""
    (path,) = state.iterdir()
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "pending": pending, "before": before}))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("there", [True, False])
async def test_a_batch_in_doubt_is_there_once(
    client: Any, tmp_path: Path, state: Path, there: bool
) -> None:
    await client.create_collection("c", dimension=2)
    file = tmp_path / "rows.jsonl"
    rows = [{"id": n, "vector": [n, 1]} for n in range(10)]
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    with pytest.raises(Interrupted):
        await client.import_collection("c", file, progress=stopping(4))
    if there:
        await client.insert("c", rows[4:8])
    _doubt(state, 4, None)
    assert await client.import_collection("c", file) == 10
    assert (await client.query("c", "", output_fields=["count(*)"]))[0]["count(*)"] == 10


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(("more", "ends"), [(0, True), (4, True), (3, False)])
async def test_generated_keys_in_doubt_are_settled_by_the_number_of_rows(
    client: Any, tmp_path: Path, state: Path, more: int, ends: bool
) -> None:
    await client.create_collection("c", dimension=2, auto_id=True)
    file = tmp_path / "rows.jsonl"
    rows = [{"vector": [n, 1]} for n in range(10)]
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    with pytest.raises(Interrupted):
        await client.import_collection("c", file, progress=stopping(4))
    if more:
        await client.insert("c", rows[4 : 4 + more])
    _doubt(state, 4, 4)
    if not ends:
        with pytest.raises(ImportFailedError, match="had 4 rows before and has 7 now"):
            await client.import_collection("c", file)
        return
    assert await client.import_collection("c", file) == 10
    assert (await client.query("c", "", output_fields=["count(*)"]))[0]["count(*)"] == 10


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("good", [0, 4])
async def test_a_refused_batch_is_not_in_doubt(
    client: Any, tmp_path: Path, state: Path, good: int
) -> None:
    await client.create_collection("c", dimension=2, auto_id=True)
    rows = [{"vector": [n, 1]} for n in range(good)] + [{"vector": [1, 2, 3]}]
    file, note = tmp_path / "rows.jsonl", tmp_path / "note"
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    with pytest.raises(ParamError):
        await client.import_collection("c", file, record=note)
    assert note.exists() == bool(good)
    await client.insert("c", [{"vector": [9, 9]}])
    with pytest.raises(ParamError):
        await client.import_collection("c", file, record=note)
    assert len(await client.query("c", "", limit=99)) == good + 1


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("rows.txt", "", ParamError, "ends in .parquet"),
        ("none.csv", None, ImportFailedError, "there is no file"),
        ("rows.jsonl", '{"id": 1, "vector": [1, 2]}\n{"id"', ImportFailedError, "malformed"),
        ("rows.csv", "id,vector\nx,y\n", ImportFailedError, "malformed"),
        ("rows.parquet", "no parquet", ImportFailedError, "malformed"),
    ],
)
async def test_a_wrong_file_is_refused(
    client: Any,
    tmp_path: Path,
    state: Path,
    name: str,
    content: str | None,
    error: type[Exception],
    message: str,
) -> None:
    await client.create_collection("c", dimension=2)
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(error, match=message):
        await client.import_collection("c", tmp_path / name)


async def test_what_no_file_holds_is_refused(client: Any, tmp_path: Path) -> None:
    made = CollectionSchema([FieldSchema("id", DataType.INT64, is_primary=True)])
    made.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    struct = client.raw.create_struct_field_schema()
    struct.add_field("n", DataType.INT64)
    made.add_field(
        "parts", DataType.ARRAY, element_type=DataType.STRUCT, struct_schema=struct, max_capacity=3
    )
    await client.create_collection("c", schema=made)
    with pytest.raises(NotSupportedError, match="arrays of structs"):
        await client.export_collection("c", tmp_path / "c.jsonl")
    await client.create_collection("d", dimension=2)
    with pytest.raises(FieldNotFoundError, match="no field nothing"):
        await client.export_collection("d", tmp_path / "d.jsonl", output_fields=["nothing"])


async def test_optimize_tells_how_far_it_is(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(10)])
    told: list[Progress] = []
    await client.optimize("c", progress=told.append)
    assert told[-1] == Progress("waiting for index rebuild", 10, 10)
    assert "compacting" in {each.stage for each in told}
