"""Entities: written, read, found, deleted, iterated; and how the answers look."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_matrix

from aiomilvus import (
    AnnSearchRequest,
    DataNotMatchException,
    DataType,
    MilvusException,
    ParamError,
    RRFRanker,
    WeightedRanker,
)


async def made(client: Any, **options: Any) -> str:
    """Make a collection with a dense, a sparse, a text and a JSON field."""
    schema = client.raw.create_schema(enable_dynamic_field=True, **options)
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("text", DataType.VARCHAR, max_length=50)
    schema.add_field("more", DataType.JSON, nullable=True)
    index_params = client.raw.prepare_index_params()
    index_params.add_index("dense", index_type="FLAT", metric_type="L2")
    index_params.add_index("sparse", index_type="AUTOINDEX", metric_type="IP")
    await client.create_collection("c", schema=schema, index_params=index_params)
    return "c"


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "pk": number,
        "dense": [float(number), 0.0],
        "sparse": {number: 1.0, 1000: 0.5},
        "text": f"text {number}",
        **more,
    }


async def test_inserted_rows_are_counted_listed_and_found(client: Any) -> None:
    name = await made(client)
    answer = await client.insert(name, [row(number) for number in range(20)])
    assert answer["insert_count"] == 20
    assert answer["ids"] == list(range(20))
    assert str(answer) == f"{{'insert_count': 20, 'ids': {list(range(20))}}}"
    counted = await client.query(name, output_fields=["count(*)"])
    assert str(counted) == "data: [\"{'count(*)': 20}\"]"
    assert counted == [{"count(*)": 20}]


async def test_inserting_nothing_is_a_success_with_zero(client: Any) -> None:
    name = await made(client)
    assert await client.insert(name, []) == {"insert_count": 0, "ids": []}
    assert await client.upsert(name, []) == {"upsert_count": 0, "ids": []}


async def test_the_callers_rows_stay_as_they_are(client: Any) -> None:
    name = await made(client)
    rows = [row(1, colour="red", more={"a": [1, 2]})]
    before = copy.deepcopy(rows)
    await client.insert(name, rows)
    await client.upsert(name, rows)
    assert rows == before


@pytest.mark.parametrize("shape", ["dicts", "columns", "arrow", "pandas", "csr"])
async def test_rows_come_in_many_shapes(client: Any, shape: str) -> None:
    name = await made(client)
    rows = [row(number) for number in range(3)]
    columns = {key: [each[key] for each in rows] for key in rows[0]}
    data: Any = rows
    if shape == "columns":
        data = {**columns, "dense": np.array(columns["dense"], np.float32)}
    elif shape == "csr":
        data = [{**each, "sparse": csr_matrix(([1.0], ([0], [i])))} for i, each in enumerate(rows)]
    elif shape == "arrow":
        pairs = [list(each.items()) for each in columns["sparse"]]
        sparse = pa.array(pairs, pa.map_(pa.int64(), pa.float64()))
        dense = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(columns["dense"])), 2)
        data = pa.table({**columns, "dense": dense, "sparse": sparse})
    elif shape == "pandas":
        pd = pytest.importorskip("pandas")
        data = pd.DataFrame(columns)
    assert (await client.insert(name, data))["ids"] == [0, 1, 2]
    found = await client.get(name, [2], output_fields=["dense", "text"])
    assert found == [{"pk": 2, "dense": [2.0, 0.0], "text": "text 2"}]


async def test_a_query_returns_every_field_and_flattens_dynamic_keys(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(1, colour="red", more={"a": 1})])
    found = await client.query(name, filter="pk == 1")
    assert found[0]["colour"] == "red"
    assert found[0]["more"] == {"a": 1}
    assert found[0]["dense"] == [1.0, 0.0]
    assert found[0]["sparse"] == {1: 1.0, 1000: 0.5}
    only = await client.query(name, filter="colour == 'red'", output_fields=["colour"])
    assert only == [{"pk": 1, "colour": "red"}]


async def test_filters_take_values_for_placeholders(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(5)])
    found = await client.query(
        name, filter="text in {wanted}", filter_params={"wanted": ["text 1", "text 3"]}
    )
    assert [each["pk"] for each in found] == [1, 3]


async def test_hits_look_like_pymilvus_hits(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(5)])
    found = await client.search(
        name, [[0.0, 0.0], [4.0, 0.0]], anns_field="dense", limit=2, output_fields=["text"]
    )
    assert len(found) == 2
    first = found[0][0]
    assert (first["pk"], first["distance"], first["entity"]) == (0, 0.0, {"text": "text 0"})
    assert (first.id, first.pk, first.distance, first.score) == (0, 0, 0.0, 0.0)
    assert first.entity.get("text") == first.get("text") == first["text"] == "text 0"
    assert first.fields == {"text": "text 0"}
    assert first.get("missing", 5) == 5
    assert [hit["pk"] for hit in found[1]] == [4, 3]
    assert found[1].ids == [4, 3]
    assert found[1].distances == [0.0, 1.0]
    assert found[0][:1] == [{"pk": 0, "distance": 0.0, "entity": {"text": "text 0"}}]
    assert str(found[0]) == (
        "[{'pk': 0, 'distance': 0.0, 'entity': {'text': 'text 0'}}, "
        "{'pk': 1, 'distance': 1.0, 'entity': {'text': 'text 1'}}]"
    )
    assert str(found).startswith("data: [[{'pk': 0, ")
    assert json.loads(json.dumps(found))[1][0]["pk"] == 4
    assert found.extra == {}
    assert isinstance(found, list)


async def test_an_empty_collection_answers_no_hits(client: Any) -> None:
    name = await made(client)
    assert await client.search(name, [[1.0, 1.0]], anns_field="dense") == [[]]


async def test_sparse_and_hybrid_searches_find_what_fits(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(10)])
    found = await client.search(name, [{3: 1.0}], anns_field="sparse", limit=1)
    assert found[0][0].id == 3
    requests = [
        AnnSearchRequest([[3.0, 0.0]], "dense", {"metric_type": "L2"}, limit=5),
        AnnSearchRequest([{3: 1.0}], "sparse", {"metric_type": "IP"}, limit=5),
    ]
    for ranker in (RRFRanker(), WeightedRanker(0.5, 0.5)):
        merged = await client.hybrid_search(name, requests, ranker, limit=3)
        assert merged[0][0]["pk"] == 3


async def test_upsert_replaces_and_a_partial_one_keeps_the_rest(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(1), row(2)])
    answer = await client.upsert(name, [{**row(1), "text": "new"}])
    assert answer["upsert_count"] == 1
    await client.upsert(name, [{"pk": 2, "text": "newer"}], partial_update=True)
    found = await client.get(name, [1, 2], output_fields=["text", "dense"])
    assert [each["text"] for each in found] == ["new", "newer"]
    assert found[1]["dense"] == [2.0, 0.0]


async def test_rows_are_deleted_by_key_and_by_filter_but_not_by_both(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(6)])
    assert (await client.delete(name, ids=[0, 1]))["delete_count"] == 2
    assert (await client.delete(name, filter="pk >= 4"))["delete_count"] == 2
    left = await client.query(name, filter="", limit=10, output_fields=["pk"])
    assert [each["pk"] for each in left] == [2, 3]
    with pytest.raises(MilvusException, match="Ambiguous filter parameter"):
        await client.delete(name, ids=[2], filter="pk > 0")


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"text": 5}, DataNotMatchException, "{text} field should be a varchar"),
        ({"pk": "x"}, DataNotMatchException, "{pk} field should be a int64"),
        ({"dense": [1.0]}, MilvusException, "of float data should divide the dim"),
        ({"dense": [1.0, float("nan")]}, MilvusException, "is not a number or infinity"),
        ({"text": "x" * 51}, MilvusException, "length of varchar field text exceeds max length"),
    ],
)
async def test_a_row_that_does_not_fit_is_refused_and_nothing_written(
    client: Any, change: dict[str, Any], error: type[Exception], text: str
) -> None:
    name = await made(client)
    with pytest.raises(error, match=text):
        await client.insert(name, [row(1), {**row(2), **change}])
    assert await client.query(name, output_fields=["count(*)"]) == [{"count(*)": 0}]


async def test_a_missing_field_is_named(client: Any) -> None:
    name = await made(client)
    incomplete = row(1)
    del incomplete["text"]
    with pytest.raises(DataNotMatchException, match="Insert missed an field `text`"):
        await client.insert(name, [incomplete])


@pytest.mark.parametrize("data", [5, "text", [1]])
async def test_data_that_is_no_rows_is_refused(client: Any, data: Any) -> None:
    name = await made(client)
    with pytest.raises(TypeError, match="wrong type of argument 'data',expected 'Dict'"):
        await client.insert(name, data)


async def test_a_query_iterator_reads_all_rows_once_in_order(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(25)])
    iterator = client.raw.query_iterator(name, batch_size=10, output_fields=["pk"])
    batches = await client.batches(iterator)
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [each["pk"] for batch in batches for each in batch] == list(range(25))
    resumed = client.raw.query_iterator(name, batch_size=10, output_fields=["pk"], cursor=19)
    assert [each["pk"] for each in (await client.batches(resumed))[0]] == list(range(20, 25))


async def test_a_search_iterator_reads_all_hits_once_best_first(client: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(25)])
    iterator = client.raw.search_iterator(name, [[0.0, 0.0]], 10, limit=22, anns_field="dense")
    hits = [hit for batch in await client.batches(iterator) for hit in batch]
    assert [hit["pk"] for hit in hits] == list(range(22))


async def test_what_was_written_is_there_after_reopening(client: Any, tmp_path: Any) -> None:
    name = await made(client)
    await client.insert(name, [row(number) for number in range(5)])
    await client.delete(name, ids=[0])
    again = type(client)(type(client.raw)(str(tmp_path / "test.db")))
    await client.close()
    assert await again.query(name, output_fields=["count(*)"]) == [{"count(*)": 4}]
    await again.close()
    reopened = type(client)(type(client.raw)(str(tmp_path / "test.db")))
    assert await reopened.query(name, output_fields=["count(*)"]) == [{"count(*)": 4}]
    await reopened.close()


@pytest.mark.parametrize(("kind", "stored", "asked"), [("string", "7", 7), ("int", 7, "7")])
async def test_a_key_of_digits_is_found_as_int_and_as_text(
    client: Any, kind: str, stored: int | str, asked: int | str
) -> None:
    await client.create_collection("c", dimension=2, id_type=kind, max_length=9)
    await client.insert("c", [{"id": stored, "vector": [0.0, 1.0]}])
    assert [row["id"] for row in await client.get("c", [asked])] == [stored]
    assert (await client.delete("c", ids=[asked]))["delete_count"] == 1
    if kind == "int":
        with pytest.raises(ParamError, match="'a7' should be of type INT64"):
            await client.get("c", ["a7"])


async def test_search_params_may_be_those_of_a_search_request(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": n, "vector": [n, 1.0]} for n in range(3)])
    given = {"data": [], "anns_field": "vector", "param": {"radius": 0.9}, "limit": 1}
    found = await client.search("c", [[0.0, 1.0]], limit=3, search_params=given)
    assert [hit["id"] for hit in found[0]] == [0]
