"""Answers as Arrow, pandas and polars tables say what their rows say, sharing memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

ROWS: list[dict[str, Any]] = [
    {
        "id": at,
        "v": [float(at), 0.5],
        "half": np.array([at, 1], np.float16),
        "bits": bytes([at, 255]),
        "sparse": {1: 0.5, 9: float(at + 1)},
        "text": f"text {at}",
        "title": None if at == 2 else f"title {at}",
        "number": None if at == 1 else at,
        "flag": at % 2 == 0,
        "tags": ["a", "b"][:at],
        "doc": {"a": at},
        "more": at,
    }
    for at in range(4)
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[MilvusClient]:
    with MilvusClient(str(tmp_path / "t.db")) as made:
        schema = made.create_schema(enable_dynamic_field=True)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("half", DataType.FLOAT16_VECTOR, dim=2)
        schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("text", DataType.VARCHAR, max_length=100)
        schema.add_field("number", DataType.INT16, nullable=True)
        schema.add_field("title", DataType.VARCHAR, max_length=100, nullable=True)
        schema.add_field("flag", DataType.BOOL)
        schema.add_field(
            "tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=5, max_length=5
        )
        schema.add_field("doc", DataType.JSON)
        index = made.prepare_index_params()
        index.add_index("v", "FLAT", metric_type="L2")
        index.add_index("half", "FLAT", metric_type="L2")
        index.add_index("bits", "BIN_FLAT", metric_type="HAMMING")
        index.add_index("sparse", "SPARSE_INVERTED_INDEX", metric_type="IP")
        made.create_collection("c", schema=schema, index_params=index)
        made.insert("c", ROWS)
        yield made


def found_table(client: MilvusClient) -> pa.Table:
    return client.query("c", "id >= 0", output_fields=["*"], limit=10).to_arrow()


def test_a_query_is_a_table_of_its_fields(client: MilvusClient) -> None:
    found = found_table(client)
    assert found["id"].to_pylist() == [0, 1, 2, 3]
    assert found["v"].to_pylist() == [row["v"] for row in ROWS]
    assert found["half"].to_pylist() == [[at, 1] for at in range(4)]
    assert found["bits"].to_pylist() == [row["bits"] for row in ROWS]
    assert found["sparse"].to_pylist() == [list(row["sparse"].items()) for row in ROWS]
    assert found["text"].to_pylist() == [row["text"] for row in ROWS]
    assert found["title"].to_pylist() == ["title 0", "title 1", None, "title 3"]
    assert found["number"].to_pylist() == [0, None, 2, 3]
    assert found["flag"].to_pylist() == [True, False, True, False]
    assert found["tags"].to_pylist() == [[], ["a"], ["a", "b"], ["a", "b"]]
    assert found["doc"].to_pylist() == [f'{{"a":{at}}}' for at in range(4)]
    assert found["$meta"].to_pylist() == [f'{{"more":{at}}}' for at in range(4)]


def test_dynamic_keys_that_were_asked_for_are_columns(client: MilvusClient) -> None:
    fields = {"v": [0.0, 1.0], "half": np.zeros(2, np.float16), "bits": b"ab", "sparse": {1: 1.0}}
    base = {**fields, "text": "t", "flag": True, "tags": [], "doc": {}}
    kinds: list[dict[str, Any]] = [
        {"n": 1, "x": 1, "word": "é", "mixed": 1, "list": [1]},
        {"n": 2, "x": 2.5, "mixed": "one", "list": []},
        {"n": 3, "x": None, "word": "b", "mixed": True},
    ]
    client.insert("c", [{"id": at, **base, **kind} for at, kind in enumerate(kinds, 10)])
    names = ["n", "x", "word", "mixed", "list", "absent"]
    found = client.query("c", "id >= 10", output_fields=names).to_arrow()
    assert found.column_names == ["id", *names]
    assert found["n"].to_pylist() == [1, 2, 3]
    assert str(found["n"].type) == "int64"
    assert found["x"].to_pylist() == [1.0, 2.5, None]
    assert found["word"].to_pylist() == ["é", None, "b"]
    assert found["mixed"].to_pylist() == ["1", '"one"', "true"]
    assert found["list"].to_pylist() == ["[1]", "[]", None]
    assert found["absent"].to_pylist() == [None, None, None]
    hits = client.search("c", [[3.0, 0.5]], "n > 1", 2, ["n"], anns_field="v")
    assert hits[0].to_arrow().column_names == hits.to_arrow().column_names[1:]
    assert hits.to_arrow().column_names == ["query", "id", "distance", "n"]
    whole = client.query("c", "id == 10", output_fields=["n", "$meta"]).to_arrow()
    assert set(whole.column_names) == {"id", "$meta"}


def test_vectors_and_texts_share_memory_with_the_answer(client: MilvusClient) -> None:
    rows = client.query("c", "id >= 0", output_fields=["v", "text"], limit=10)
    assert rows.found is not None
    found = rows.to_arrow()
    chunk: Any = found["v"].chunk(0)
    vectors = chunk.flatten().to_numpy(zero_copy_only=True)
    assert np.shares_memory(vectors, rows.found.batch["v"].arrays()["values"])
    chunk = found["text"].chunk(0)
    text = chunk.buffers()[2]
    assert np.shares_memory(
        np.frombuffer(text, np.uint8), rows.found.batch["text"].arrays()["data"]
    )


def test_a_search_is_a_table_of_its_hits(client: MilvusClient) -> None:
    answer = client.search("c", [[0.0, 0.5], [3.0, 0.5]], "", 2, ["text"], anns_field="v")
    found = answer.to_arrow()
    assert found.column_names == ["query", "id", "distance", "text"]
    assert found["query"].to_pylist() == [0, 0, 1, 1]
    assert found["id"].to_pylist() == [0, 1, 3, 2]
    assert found["distance"].to_pylist() == [0.0, 1.0, 0.0, 1.0]
    assert found["text"].to_pylist() == ["text 0", "text 1", "text 3", "text 2"]
    assert answer[1].to_arrow()["text"].to_pylist() == ["text 3", "text 2"]


def test_pandas_and_polars_read_the_same(client: MilvusClient) -> None:
    rows = client.query("c", "id >= 0", output_fields=["id", "v", "text"], limit=10)
    frame = rows.to_pandas()
    assert frame["text"].tolist() == [row["text"] for row in ROWS]
    assert [vector.tolist() for vector in frame["v"]] == [row["v"] for row in ROWS]
    assert [each.to_list() for each in rows.to_polars()["v"]] == [row["v"] for row in ROWS]


def test_batches_of_iterators_are_tables(client: MilvusClient) -> None:
    rows: Any = client.query_iterator("c", 3, output_fields=["more"])
    assert [batch.to_arrow()["more"].to_pylist() for batch in rows] == [[0, 1, 2], [3]]
    hits: Any = client.search_iterator("c", [[0.0, 0.5]], 3, anns_field="v", output_fields=["text"])
    found = [batch.to_pandas()["text"].tolist() for batch in hits]
    assert found == [["text 0", "text 1", "text 2"], ["text 3"]]


def test_a_count_and_nothing_are_tables(client: MilvusClient) -> None:
    count = client.query("c", "id >= 0", output_fields=["count(*)"])
    assert count.to_arrow().to_pylist() == [{"count(*)": 4}]
    assert client.query("c", "id > 99", output_fields=["id"]).to_arrow().to_pylist() == []
    assert client.get("c", []).to_arrow().num_rows == 0
    nothing = client.search("c", [[0.0, 0.5]], "id > 99", output_fields=["v"], anns_field="v")
    assert nothing.to_arrow().num_rows == 0


def test_notebooks_are_shown_tables(client: MilvusClient) -> None:
    rows = client.query("c", "id == 1", output_fields=["id", "v", "text"])
    assert "<td>text 1</td>" in rows._repr_html_()
    client.upsert("c", [{**ROWS[1], "text": "<script>"}])
    answer = client.search("c", [[1.0, 0.5]], "", 1, ["text"], anns_field="v")
    assert "<td>&lt;script&gt;</td>" in answer._repr_html_()
    assert "<td>&lt;script&gt;</td>" in answer[0]._repr_html_()
    plan = client.explain("c", [[1.0, 0.5]], anns_field="v", filter="id < 3")._repr_html_()
    assert "filter id &lt; 3" in plan
    assert "width:100.0%" in plan
    schema = client.create_schema(description="of <photos>").add_field("id", DataType.INT64)
    assert "<td>INT64</td>" in schema._repr_html_()
    assert "of &lt;photos&gt;" in schema._repr_html_()


def test_a_client_says_where_it_is(tmp_path: Path) -> None:
    path = str(tmp_path / "here.db")
    client = MilvusClient(path)
    assert repr(client) == f"<MilvusClient embedded {path!r}, database 'default', leads>"
    client.close()
    assert repr(client) == f"<MilvusClient closed, was on {path!r}, database 'default'>"
    remote = AsyncMilvusClient("http://me:secret@localhost:1", db_name="d")
    assert repr(remote) == "<AsyncMilvusClient at 'http://localhost:1', database 'd'>"
    assert "secret" not in remote._repr_html_()
