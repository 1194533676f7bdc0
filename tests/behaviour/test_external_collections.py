"""External collections: rows of Parquet files that somebody else writes, read where they are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aiomilvus import DataType, ExternalSourceError, Function, FunctionType, MilvusException
from aiomilvus.engine.operations import external
from aiomilvus.errors import NotSupportedError, ParamError
from tests.behaviour.conftest import EXTERNAL
from tests.support import external_rows
from tests.support.external_rows import KEY, VECTORS, refreshed, table

if TYPE_CHECKING:
    from pathlib import Path

SPEC = '{"format": "parquet"}'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / EXTERNAL
    folder.mkdir()
    return folder


def fields(client: Any, source: str, spec: str = SPEC) -> Any:
    """Return the schema over a table's columns."""
    return external_rows.fields(client, source, spec)


async def made(client: Any, files: Path, kind: str = "FLAT") -> None:
    """Make a loaded collection "c" over 40 rows in two files."""
    pq.write_table(table(0, 25), files / "a.parquet", row_group_size=10)
    pq.write_table(table(25, 40), files / "b.parquet")
    job = await external_rows.made(client, f"file://{files}", SPEC, kind)
    assert (job.state, job.progress, job.reason) == ("RefreshCompleted", 100, "")


async def numbers(client: Any, name: str = "c", filter: str = "n >= 0") -> list[int]:
    return sorted(row["n"] for row in await client.query(name, filter, output_fields=["n"]))


@pytest.mark.parametrize("kind", ["FLAT", "HNSW", "IVF_FLAT"])
async def test_rows_are_searched_where_they_are(client: Any, files: Path, kind: str) -> None:
    await made(client, files, kind)
    found = await client.search(
        "c", [VECTORS[30].tolist()], limit=3, filter="n > 4", output_fields=["title", "n"]
    )
    near = np.argsort(((VECTORS[5:40] - VECTORS[30]) ** 2).sum(1))[:3] + 5
    assert [hit["entity"]["n"] for hit in found[0]] == near.tolist()
    assert found[0][0]["distance"] == 0
    [row] = await client.get("c", ids=[found[0][0][KEY]], output_fields=["*"])
    assert (row["n"], row["v"], row["title"]) == (30, VECTORS[30].tolist(), None)
    assert await numbers(client, filter="text_match(title, 'word7')") == [7]
    assert await numbers(client, filter="title is null and n < 12") == [0, 5, 10]
    assert await client.query("c", output_fields=["count(*)"]) == [{"count(*)": 40}]
    assert await client.get_collection_stats("c") == {"row_count": 40}


async def test_description_tells_source_columns_and_key(client: Any, files: Path) -> None:
    await made(client, files)
    told = await client.describe_collection("c")
    assert (told["external_source"], told["external_spec"]) == (f"file://{files}", SPEC)
    described = {each["name"]: each for each in told["fields"]}
    assert described[KEY]["is_primary"]
    assert described[KEY]["auto_id"]
    assert described["n"]["external_field"] == "number"
    assert described["v"]["nullable"]


async def test_virtual_keys_tell_segment_and_row(client: Any, files: Path) -> None:
    await made(client, files)
    rows = await client.query("c", "n in [0, 24, 25]", output_fields=["n"])
    keys = {row["n"]: row[KEY] for row in rows}
    segments = [each.segment_id for each in await client.list_persistent_segments("c")]
    assert sorted(key >> 32 for key in keys.values()) == sorted([*segments, segments[0]])
    assert [keys[n] & 0xFFFFFFFF for n in (0, 24, 25)] == [0, 24, 0]
    assert await numbers(client, filter=f"{KEY} == {keys[24]}") == [24]
    assert await client.get("c", ids=[keys[24] + 1, 1, -1]) == []


async def test_iterators_walk_all_rows(client: Any, files: Path) -> None:
    await made(client, files)
    iterator = client.raw.query_iterator("c", batch_size=7, output_fields=["n"])
    if asyncio.iscoroutine(iterator):
        iterator = await iterator
    batches = await client.batches(iterator)
    assert sorted(row["n"] for batch in batches for row in batch) == list(range(40))


async def test_what_changes_rows_is_refused_by_name(client: Any, files: Path) -> None:
    await made(client, files)
    row = {"n": 1, "title": "x", "v": [0.0] * 4}
    operation = "operation is not supported for external collection c"
    for call, said in (
        (client.insert("c", [row]), f"insert {operation}"),
        (client.upsert("c", [{KEY: 1, **row}]), f"upsert {operation}"),
        (client.delete("c", ids=[1]), f"delete {operation}"),
        (client.flush("c"), f"flush {operation}"),
        (client.create_partition("c", "p"), f"create partition {operation}"),
        (client.drop_partition("c", "_default"), f"drop partition {operation}"),
        (client.alter_collection_field("c", "n", {"max_length": 60}), f"alter field {operation}"),
        (client.compact("c"), r"manual compaction is not supported for external .*\(name=c\)"),
        (client.truncate_collection("c"), "truncate is not supported on external collections"),
        (client.drop_collection_function("c", "f"), "does not support altering or dropping func"),
    ):  # fmt: skip
        with pytest.raises(ParamError, match=said) as caught:
            await call
        assert caught.value.code == 1100
    for properties in ({"external_source": "file:///x"}, {"external_spec": SPEC}):
        with pytest.raises(ParamError, match="use RefreshExternalCollection instead"):
            await client.alter_collection_properties("c", properties)
    with pytest.raises(ParamError, match=r"has no property collection\.ttl\.seconds"):
        await client.alter_collection_properties("c", {"collection.ttl.seconds": 5})
    assert len(await numbers(client)) == 40


async def test_a_refresh_keeps_the_segments_of_unchanged_files(client: Any, files: Path) -> None:
    await made(client, files, "HNSW")
    before = {row["n"]: row[KEY] for row in await client.query("c", "n >= 0", output_fields=["n"])}
    pq.write_table(table(40, 50), files / "c.parquet")
    (files / "_left.parquet").write_bytes(b"no table")
    (files / "b.parquet").unlink()
    assert (await refreshed(client)).state == "RefreshCompleted"
    after = {row["n"]: row[KEY] for row in await client.query("c", "n >= 0", output_fields=["n"])}
    assert sorted(after) == [*range(25), *range(40, 50)]
    assert all(after[n] == before[n] for n in range(25))
    found = await client.search("c", [VECTORS[45].tolist()], limit=1, output_fields=["n"])
    assert found[0][0]["entity"]["n"] == 45


async def test_a_file_that_was_changed_is_told_until_a_refresh(client: Any, files: Path) -> None:
    await made(client, files)
    pq.write_table(table(30, 60), files / "b.parquet")
    with pytest.raises(
        ExternalSourceError, match=r"b\.parquet was changed since.*call refresh_ext"
    ):
        await client.query("c", "n >= 0", output_fields=["n"])
    await refreshed(client)
    assert await numbers(client) == [*range(25), *range(30, 60)]


async def test_a_file_that_is_gone_is_told_until_a_refresh(client: Any, files: Path) -> None:
    await made(client, files)
    (files / "a.parquet").unlink()
    with pytest.raises(ExternalSourceError, match=r"a\.parquet .* can't be read: No such file"):
        await client.query("c", "title is not null")
    await refreshed(client)
    assert await numbers(client) == list(range(25, 40))


async def test_a_refresh_may_name_another_source(client: Any, files: Path) -> None:
    await made(client, files)
    other = files / "deep" / "other.parquet"
    other.parent.mkdir()
    pq.write_table(table(50, 53), other)
    for given in ((str(other), ""), ("", SPEC)):
        with pytest.raises(ParamError, match="give both, or neither"):
            await client.refresh_external_collection("c", *given)
    job = await refreshed(client, "c", str(other), SPEC)
    assert (job.state, job.external_source) == ("RefreshCompleted", str(other))
    assert await numbers(client) == [50, 51, 52]
    assert (await client.describe_collection("c"))["external_source"] == str(other)


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("number", None, r"has no column 'number', which field n reads; it has text, embedding"),
        ("number", pa.array([1, 2], pa.int32()), r"is of type int32, but field n \(Int64\) reads"),
        (
            "embedding",
            pa.array([[1.0], [2.0]], pa.list_(pa.float32(), 1)),
            "reads lists of 4 float",
        ),
    ],
)
async def test_a_refresh_that_fails_changes_nothing(
    client: Any, files: Path, column: str, values: pa.Array[Any] | None, said: str
) -> None:
    await made(client, files)
    wrong = table(0, 2).drop_columns([column])
    if values is not None:
        wrong = wrong.append_column(column, values)
    pq.write_table(wrong, files / "wrong.parquet")
    job = await refreshed(client)
    assert job.state == "RefreshFailed"
    with pytest.raises(ExternalSourceError, match=said):
        raise ExternalSourceError(message=job.reason)
    assert await numbers(client) == list(range(40))


async def test_whatever_fails_ends_the_job(
    client: Any, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(client, files)

    def failing(path: Path, fields: Any, spec: Any) -> Any:
        raise ValueError("not foreseen")

    with monkeypatch.context() as patched:
        patched.setattr(external, "parts_of", failing)
        job = await refreshed(client)
    assert job.state == "RefreshFailed"
    assert f"{files / 'a.parquet'} can't be read: ValueError: not foreseen" in job.reason
    assert (await refreshed(client)).state == "RefreshCompleted"


async def test_jobs_are_listed_the_latest_first(client: Any, files: Path) -> None:
    assert await client.list_refresh_external_collection_jobs() == []
    await made(client, files)
    last = await refreshed(client)
    jobs = await client.list_refresh_external_collection_jobs("c")
    assert [each.state for each in jobs] == ["RefreshCompleted"] * 2
    assert jobs[0] == last
    assert jobs == await client.list_refresh_external_collection_jobs()
    assert 0 < last.start_time <= last.end_time
    with pytest.raises(ParamError, match="refresh job 77 not found"):
        await client.get_refresh_external_collection_progress(77)
    await client.create_collection("plain", dimension=2)
    with pytest.raises(ParamError, match="collection plain is not an external collection"):
        await client.refresh_external_collection("plain")


async def test_schemas_that_may_not_be_are_refused_in_milvus_words(
    client: Any, files: Path
) -> None:
    async def refusal(change: Any, **given: Any) -> str:
        schema = fields(client, f"file://{files}")
        change(schema)
        with pytest.raises(MilvusException) as caught:
            await client.create_collection("c", schema=schema, **given)
        return str(caught.value.message)

    def unmapped(schema: Any) -> None:
        schema.add_field("x", DataType.INT8)

    def twice(schema: Any) -> None:
        schema.add_field("x", DataType.INT64, external_field="number")

    def keyed(schema: Any) -> None:
        schema.add_field("x", DataType.INT64, is_primary=True, external_field="x")

    def parted(schema: Any) -> None:
        schema.add_field("x", DataType.INT64, is_partition_key=True, external_field="x")

    def sparse(schema: Any) -> None:
        schema.add_field("x", DataType.SPARSE_FLOAT_VECTOR, external_field="x")

    def dynamic(schema: Any) -> None:
        schema.enable_dynamic_field = True

    for change, said in (
        (unmapped, "field 'x' in external collection c must have external_field mapping"),
        (twice, "external_field 'number' is mapped by two fields, n and x"),
        (keyed, "external collection c does not support user-defined primary key field x"),
        (parted, "external collection c does not support partition key field x"),
        (sparse, "external collection c does not support field type SparseFloatVector on field x"),
        (dynamic, "external collection c does not support dynamic field"),
    ):
        assert (await refusal(change)).startswith(said)
    said = await refusal(lambda schema: None, num_shards=2)
    assert said.startswith("external collection does not support multiple shards, got ShardsNum=2")


@pytest.mark.parametrize(
    ("source", "spec", "kind", "said"),
    [
        ("s3://bucket/rows", SPEC, NotSupportedError, "scheme 's3' is not supported by this"),
        ("rows/a.parquet", SPEC, ParamError, "must be an absolute path, or begin with file:///"),
        (
            "",
            '{"format": "iceberg-table"}',
            NotSupportedError,
            "'iceberg-table' of an external_spec is",
        ),
        ("file://[/x", SPEC, ParamError, "is no address: Invalid IPv6 URL"),
        ("/a\0b", SPEC, ParamError, "has a character that no file's name may have"),
        ("file:///a%00b", SPEC, ParamError, "has a character that no file's name may have"),
        ("", '{"format": "orc"}', ParamError, "'orc' of an external_spec is not one of parquet"),
        ("", "{}", ParamError, "external_spec lacks format"),
        ("", "[]", ParamError, "external_spec must be a JSON object, got list"),
        ("", "{", ParamError, "external_spec must be a JSON object"),
        ("", '{"format": "parquet", "colums": []}', ParamError, "no key 'colums'.*columns"),
        ("", '{"format": "parquet", "extfs": {"region": "x"}}', NotSupportedError, "leave it out"),
    ],
)
async def test_sources_that_are_not_read_are_refused(
    client: Any, files: Path, source: str, spec: str, kind: type[MilvusException], said: str
) -> None:
    with pytest.raises(kind, match=said):
        await client.create_collection("c", schema=fields(client, source or str(files), spec))
    assert await client.list_collections() == []


async def test_bm25_is_computed_from_a_text_column(client: Any, files: Path) -> None:
    pq.write_table(table(0, 30), files / "a.parquet")
    schema = fields(client, str(files))
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("f", FunctionType.BM25, ["title"], ["words"]))
    await client.create_collection("c", schema=schema)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    params.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.create_index("c", params)
    await refreshed(client)
    await client.load_collection("c")
    found = await client.search("c", ["word13"], anns_field="words", output_fields=["n"], limit=2)
    assert [hit["entity"]["n"] for hit in found[0]] == [13]


async def test_an_added_field_is_filled_by_the_next_refresh(client: Any, files: Path) -> None:
    await made(client, files)
    with pytest.raises(ParamError, match="'again' in external collection c must have external_fie"):
        await client.add_collection_field("c", "again", DataType.INT64, nullable=True)
    with pytest.raises(
        ParamError, match="external_field 'number' is mapped by two fields, n and m"
    ):
        await client.add_collection_field(
            "c", "m", DataType.INT64, nullable=True, external_field="number"
        )
    wider = table(0, 4).append_column("more", pa.array([True, None, False, True]))
    for name in ("a", "b"):
        (files / f"{name}.parquet").unlink()
    pq.write_table(wider, files / "wide.parquet")
    await refreshed(client)
    await client.add_collection_field(
        "c", "more", DataType.BOOL, nullable=True, external_field="more"
    )
    rows = await client.query("c", "n >= 0", output_fields=["n", "more"])
    assert {row["more"] for row in rows} == {None}
    await refreshed(client)
    rows = await client.query("c", "n >= 0", output_fields=["n", "more"])
    assert {row["n"]: row["more"] for row in rows} == {0: True, 1: None, 2: False, 3: True}


async def test_an_ordinary_collection_maps_no_columns(client: Any) -> None:
    await client.create_collection("plain", dimension=2)
    with pytest.raises(ParamError, match="external_field is for external collections"):
        await client.add_collection_field(
            "plain", "x", DataType.INT64, nullable=True, external_field="x"
        )


async def test_dropping_leaves_the_files_where_they_are(client: Any, files: Path) -> None:
    await made(client, files)
    before = [(files / f"{name}.parquet").read_bytes() for name in ("a", "b")]
    await client.drop_collection("c")
    assert [(files / f"{name}.parquet").read_bytes() for name in ("a", "b")] == before


async def test_a_snapshot_of_it_is_restored_over_the_same_files(client: Any, files: Path) -> None:
    await made(client, files)
    await client.create_snapshot("s", "c")
    job = await client.restore_snapshot("s", "c", "again")
    assert (await client.get_restore_snapshot_state(job)).state == "RestoreSnapshotCompleted"
    await client.load_collection("again")
    assert await numbers(client, "again") == list(range(40))
    found = await client.search("again", [VECTORS[3].tolist()], limit=1, output_fields=["n"])
    assert found[0][0]["entity"]["n"] == 3
