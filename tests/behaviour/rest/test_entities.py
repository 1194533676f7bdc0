"""Rows in and out over REST: every type in its JSON forms, numbers beyond 2^53, searches."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from tests.behaviour.rest.conftest import Rest

BIG = 2**53 + 1
TYPES: list[dict[str, Any]] = [
    {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
    {"fieldName": "flag", "dataType": "Bool"},
    {"fieldName": "small", "dataType": "Int8"},
    {"fieldName": "real", "dataType": "Float"},
    {"fieldName": "double", "dataType": "Double"},
    {"fieldName": "text", "dataType": "VarChar", "elementTypeParams": {"max_length": 50}},
    {"fieldName": "doc", "dataType": "JSON", "nullable": True},
    {"fieldName": "list", "dataType": "Array", "elementDataType": "Int64",
     "elementTypeParams": {"max_capacity": 4}},
    {"fieldName": "when", "dataType": "Timestamptz", "nullable": True},
    {"fieldName": "place", "dataType": "Geometry", "nullable": True},
    {"fieldName": "dense", "dataType": "FloatVector", "elementTypeParams": {"dim": 2}},
    {"fieldName": "half", "dataType": "Float16Vector", "elementTypeParams": {"dim": 2}},
    {"fieldName": "bits", "dataType": "BinaryVector", "elementTypeParams": {"dim": 8}},
    {"fieldName": "bytes", "dataType": "Int8Vector", "elementTypeParams": {"dim": 2}},
    {"fieldName": "sparse", "dataType": "SparseFloatVector"},
]  # fmt: skip
METRICS = {"dense": "L2", "half": "L2", "bits": "HAMMING", "bytes": "L2", "sparse": "IP"}
INDEXES = [{"fieldName": name, "metricType": metric} for name, metric in METRICS.items()]
ROW: dict[str, Any] = {
    "id": BIG,
    "flag": True,
    "small": -3,
    "real": 0.1,
    "double": 0.1,
    "text": "a",
    "doc": {"k": [1, 2]},
    "list": [1, BIG],
    "when": "2025-01-02T03:04:05Z",
    "place": "POINT (1 2)",
    "dense": [0.1, 2.0],
    "half": [1.5, 2.0],
    "bits": base64.b64encode(b"\x0f").decode(),
    "bytes": [1, -2],
    "sparse": {"7": 0.5, "1": 0.25},
}
OUT: dict[str, Any] = {
    **ROW,
    "doc": '{"k":[1,2]}',
    "list": {"Data": {"LongData": {"data": [1, BIG]}}},
    "half": base64.b64encode(np.array([1.5, 2.0], np.float16).tobytes()).decode(),
    "bytes": base64.b64encode(np.array([1, -2], np.int8).tobytes()).decode(),
}


def named(name: str = "things", **more: Any) -> dict[str, Any]:
    return {"collectionName": name, **more}


@pytest.fixture
async def typed(rest: Rest) -> Rest:
    schema = {"fields": TYPES, "enableDynamicField": True}
    await rest("collections/create", named(schema=schema, indexParams=INDEXES))
    return rest


async def test_every_type_comes_back(typed: Rest) -> None:
    row = {**ROW, "extra": {"n": 1}, "more": "x"}
    assert await typed("entities/insert", named(data=[row])) == {
        "insertCount": 1,
        "insertIds": [BIG],
    }
    found = (await typed("entities/query", named(filter="id > 0")))[0]
    moment = found.pop("when")
    assert moment.startswith("2025-01-02T03:04:05")
    assert found.pop("place").replace(" ", "") == "POINT(12)"
    expected = {k: v for k, v in OUT.items() if k not in ("when", "place")}
    assert found == {**expected, "extra": {"n": 1}, "more": "x"}


async def test_values_come_in_other_forms_too(typed: Rest) -> None:
    row = {
        **ROW,
        "id": str(BIG),
        "small": "-3",
        "real": "0.1",
        "flag": 1,
        "doc": '{"k":[1,2]}',
        "half": OUT["half"],
        "bits": [15],
        "sparse": {"indices": [7, 1], "values": [0.5, 0.25]},
    }
    del row["when"], row["place"]
    await typed("entities/insert", named(data=[row]))
    found = (await typed("entities/query", named(filter="", outputFields=["*"])))[0]
    assert found.pop("when") is None
    assert found.pop("place") is None
    assert found == {k: v for k, v in OUT.items() if k not in ("when", "place")}


async def test_large_numbers_come_as_text_where_asked(typed: Rest) -> None:
    head = {"Accept_Type_Allow_Int64": "false"}
    written = await typed("entities/insert", named(data=[ROW]), **head)
    assert written == {"insertCount": 1, "insertIds": [str(BIG)]}
    body = named(outputFields=["list"], id=[str(BIG)])
    found = await typed("entities/get", body, **head)
    assert found == [{"id": str(BIG), "list": {"Data": {"LongData": {"data": [1, BIG]}}}}]
    body = named(outputFields=["count(*)"])
    assert await typed("entities/query", body, **head) == [{"count(*)": "1"}]
    assert await typed("entities/query", body) == [{"count(*)": 1}]
    body = named(data=[[0.1, 2.0]], annsField="dense")
    assert await typed("entities/search", body, **head) == [{"id": str(BIG), "distance": 0.0}]
    assert await typed("collections/get_stats", named(), **head) == {"rowCount": 1}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"small": 1000}, "small"),
        ({"id": "one"}, "'one' is no whole number (row 0, field id)"),
        ({"id": "1_0"}, "'1_0' is no whole number (row 0, field id)"),
        ({"id": " 7 "}, "' 7 ' is no whole number (row 0, field id)"),
        ({"real": "one"}, "'one' is no number (row 0, field real)"),
        ({"real": 1e39}, "beyond the range of 32 bits (row 0, field real)"),
        ({"flag": 2}, "flag"),
        ({"dense": [1.0]}, "dense"),
        ({"bits": "?"}, "base64"),
        ({"bits": [300]}, "(row 0, field bits)"),
        ({"sparse": {"indices": [1], "values": []}}, "1 indices of a sparse vector, but 0 values"),
        ({"doc": "no json"}, "JSON"),
        ({"$meta": {}}, "$meta"),
    ],
)
async def test_rows_that_do_not_fit_are_refused(
    typed: Rest, change: dict[str, Any], text: str
) -> None:
    code, message = await typed.refused("entities/insert", named(data=[{**ROW, **change}]))
    assert code == 1804
    assert text in message
    assert await typed("collections/get_stats", named()) == {"rowCount": 0}


@pytest.mark.parametrize(
    "vector",
    [
        {"2.9": 1.0},
        {"-1": 1.0},
        {"1": 1e39},
        {"1": None},
        {"indices": [2.9], "values": [1.0]},
        {"indices": [1, 2], "values": [1.0]},
        {"indices": 1, "values": 1.0},
    ],
)
async def test_sparse_vectors_without_meaning_are_refused(typed: Rest, vector: Any) -> None:
    await typed("entities/insert", named(data=[ROW]))
    code, _ = await typed.refused("entities/insert", named(data=[{**ROW, "sparse": vector}]))
    assert code in (1100, 1804)
    code, _ = await typed.refused("entities/search", named(data=[vector], annsField="sparse"))
    assert code in (1100, 1801)
    assert await typed("collections/get_stats", named()) == {"rowCount": 1}


async def test_a_field_hides_the_dynamic_key_of_its_name(rest: Rest) -> None:
    await rest.quick(metricType="L2")
    await rest("entities/insert", named(data=[{"id": 1, "vector": [0, 1], "x": 7, "y": "old"}]))
    field = {"fieldName": "x", "dataType": "Int64", "nullable": True}
    await rest("collections/fields/add", named(schema=field))
    await rest("entities/insert", named(data=[{"id": 2, "vector": [0, 1], "x": 8}]))
    for asked, expected in (
        (["*"], [{"x": None, "y": "old"}, {"x": 8}]),
        (["x", "y"], [{"x": None, "y": "old"}, {"x": 8}]),
        (['$meta["x"]'], [{"x": 7}, {}]),
    ):
        found = await rest("entities/query", named(filter="id > 0", outputFields=asked))
        assert [{k: v for k, v in row.items() if k in "xy"} for row in found] == expected
        body = named(data=[[0, 1]], limit=2, outputFields=asked)
        found = await rest("entities/search", body)
        assert [{k: v for k, v in row.items() if k in "xy"} for row in found] == expected


async def test_rows_must_be_a_list_that_is_not_empty(rest: Rest) -> None:
    await rest.quick(params={"enableDynamicField": False})
    code, text = await rest.refused("entities/insert", named(data=[]))
    assert (code, text.rpartition(": ")[2]) == (1804, "missing required parameters")
    assert (await rest.refused("entities/insert", named(data={"id": 1})))[0] == 1801
    code, text = await rest.refused(
        "entities/insert", named(data=[{"id": 1, "vector": [1, 2], "more": 1}])
    )
    assert code == 1804
    assert "has pass more field without dynamic schema" in text
    code, text = await rest.refused("entities/insert", named(data=[{"id": 1}]))
    assert code == 1804
    assert "vector" in text


async def test_upsert_delete_get_query(rest: Rest) -> None:
    await rest.quick()
    rows = [{"id": n, "vector": [n, 1], "color": "red", "n": n} for n in range(6)]
    await rest("entities/insert", named(data=rows))
    change = [{"id": 2, "color": "blue"}]
    found = await rest("entities/upsert", named(data=change, partialUpdate=True))
    assert found == {"upsertCount": 1, "upsertIds": [2]}
    assert await rest("entities/get", named(id=2, outputFields=["color", "n"])) == [
        {"id": 2, "color": "blue", "n": 2}
    ]
    body = named(filter="color == {c} and n in {list}", outputFields=["n"],
                 exprParams={"c": "red", "list": [1, 2, 3]})  # fmt: skip
    assert [row["n"] for row in await rest("entities/query", body)] == [1, 3]
    body = named(filter="", limit=2, offset=1, outputFields=["id"])
    assert await rest("entities/query", body) == [{"id": 1}, {"id": 2}]
    code, _ = await rest.refused("entities/query", named(filter="", limit=-1))
    assert code == 1100
    assert await rest("entities/delete", named(filter="n > 3")) == {"deleteCount": 2}
    assert (await rest.refused("entities/delete", named(id=1)))[0] == 1802
    assert len(await rest("entities/query", named(filter="id >= 0"))) == 4
    assert (await rest.refused("entities/get", named(id=[1.5])))[0] == 1806
    assert (await rest.refused("entities/get", named()))[0] == 1802


async def test_no_output_fields_leave_the_key_and_a_count_may_be_spelled_in_capitals(
    rest: Rest,
) -> None:
    await rest.quick()
    rows = [{"id": n, "vector": [n, 1], "n": n} for n in range(3)]
    await rest("entities/insert", named(data=rows))
    body = named(filter="id > 1", outputFields=[])
    assert await rest("entities/query", body) == [{"id": 2}]
    assert await rest("entities/get", named(id=1, outputFields=[])) == [{"id": 1}]
    for absent in (named(filter="id > 1"), named(filter="id > 1", outputFields=None)):
        found = await rest("entities/query", absent)
        assert set(found[0]) == {"id", "vector", "n"}
    body = named(outputFields=[" COUNT(*)"], limit=2)
    assert await rest("entities/query", body) == [{"count(*)": 3}]


async def test_array_fields_grow_and_shrink(typed: Rest) -> None:
    await typed("entities/insert", named(data=[ROW]))
    body = named(data=[{"id": BIG, "list": [5]}], partialUpdate=True,
                 fieldOps=[{"fieldName": "list", "op": " array_append "}])  # fmt: skip
    await typed("entities/upsert", body)
    found = await typed("entities/get", named(id=[BIG], outputFields=["list"]))
    assert found[0]["list"]["Data"]["LongData"]["data"] == [1, BIG, 5]
    body["fieldOps"] = [{"fieldName": "list", "op": "double"}]
    code, text = await typed.refused("entities/upsert", body)
    assert (code, text) == (1100, "unsupported partial update op: double")


class TestSearch:
    """``/entities/search`` and ``/entities/hybrid_search``."""

    @pytest.fixture
    async def filled(self, rest: Rest) -> Rest:
        await rest.quick(metricType="L2")
        rows = [{"id": n, "vector": [n, 0], "g": n % 2, "n": n} for n in range(10)]
        await rest("entities/insert", named(data=rows))
        return rest

    async def test_hits_of_all_queries_follow_each_other(self, filled: Rest) -> None:
        body = named(data=[[0, 0], [9, 0]], limit=2, outputFields=["n"])
        found = await filled.reply("entities/search", body)
        assert found["topks"] == [2, 2]
        assert [(row["id"], row["n"], row["distance"]) for row in found["data"]] == [
            (0, 0, 0.0), (1, 1, 1.0), (9, 9, 0.0), (8, 8, 1.0),
        ]  # fmt: skip
        assert isinstance(found["cost"], int)

    async def test_no_hits_have_no_topks(self, filled: Rest) -> None:
        found = await filled.reply("entities/search", named(data=[[0, 0]], filter="n > 99"))
        assert found["data"] == []
        assert "topks" not in found

    async def test_filters_offsets_groups_ranges_and_order(self, filled: Rest) -> None:
        async def ids(**more: Any) -> list[int]:
            body = named(data=[[0, 0]], **more)
            return [row["id"] for row in await filled("entities/search", body)]

        assert await ids(filter="n in {some}", exprParams={"some": [4, 7]}) == [4, 7]
        assert await ids(limit=2, offset=3) == [3, 4]
        assert await ids(groupingField="g", limit=2) == [0, 1]
        groups = {"groupingField": "g", "groupSize": 2, "strictGroupSize": True}
        assert await ids(**groups, limit=2) == [0, 2, 1, 3]
        lone = {"groupSize": 2, "strictGroupSize": True}
        assert await ids(**lone, limit=2) == await ids(limit=2)
        assert await ids(**lone, limit=2, searchParams={"group_by_field": "g"}) == [0, 1]
        sized = {"group_by_field": "g", "group_size": 2, "strict_group_size": True}
        assert await ids(limit=2, searchParams=sized) == [0, 2, 1, 3]
        bounds = {"params": {"radius": 10, "range_filter": 3}}
        assert await ids(searchParams=bounds) == [2, 3]
        assert await ids(searchParams={"radius": 10, "range_filter": 3}) == [2, 3]
        assert await ids(limit=3, orderByFields=["n:desc"]) == [2, 1, 0]

    async def test_stored_vectors_are_searched_by_key(self, filled: Rest) -> None:
        found = await filled("entities/search", named(ids=["4", 7], limit=1))
        assert [row["id"] for row in found] == [4, 7]
        for key in (1.5, "1_0", " 7 ", None, True):
            code, text = await filled.refused("entities/search", named(ids=[key]))
            assert (code, text.startswith(f"primary key {key!r} is no whole number")) == (
                1100,
                True,
            )

    @pytest.mark.parametrize(
        ("body", "code", "text"),
        [
            ({}, 1802, "neither data nor ids"),
            ({"data": [[1, 2]], "ids": [1]}, 1100, "mutually exclusive"),
            ({"data": [[1, 2, 3]]}, 1801, ""),
            ({"data": [["a", "b"]]}, 1801, ""),
            ({"data": [], "ids": []}, 1802, "neither data nor ids"),
            ({"data": ["a"]}, 1801, "needs vectors"),
            ({"data": [[1, 2]], "annsField": "none"}, 1801, "cannot find a vector field named"),
            ({"ids": [1], "annsField": "none"}, 1100, "none"),
            (
                {"data": [[1, 2]], "groupingField": "g", "searchParams": {"group_by_field": "n"}},
                1100,
                "group_by_field is n in searchParams, but g beside them",
            ),
            ({"data": [[1, 2]], "offset": 1, "searchParams": {"offset": 2}}, 1100, "ambiguous"),
            ({"data": [[1, 2]], "searchParams": {"a": 1, "params": {"a": 2}}}, 1100, "ambiguous"),
            ({"data": [[1, 2]], "filter": "n >"}, 1100, ""),
            ({"data": [[1, 2]], "limit": 20000}, 1100, "16384"),
            ({"data": [[1, 2]], "consistencyLevel": "Some"}, 1100, "consistencyLevel can only be"),
            ({"data": [[1, 2]], "searchParams": {"metric_type": "IP"}}, 1100, "metric type"),
        ],
    )
    async def test_what_is_refused(
        self, filled: Rest, body: dict[str, Any], code: int, text: str
    ) -> None:
        found = await filled.refused("entities/search", named(**body))
        assert found[0] == code
        assert text in found[1]

    async def test_what_says_nothing_changes_nothing(self, filled: Rest) -> None:
        plain = await filled.reply("entities/search", named(data=[[0, 0]], limit=3))
        said: list[dict[str, Any]] = [
            {"ids": []},
            {"searchParams": {"metricType": "IP", "params": {"metricType": "IP"}}},
            {"functionScore": {"functions": []}},
            {"params": {"radius": 1.0}},
        ]
        for more in said:
            body = named(data=[[0, 0]], limit=3, **more)
            assert await filled.reply("entities/search", body) == plain, more

    async def test_a_collection_that_is_none_is_told_before_what_is_wrong(
        self, filled: Rest
    ) -> None:
        assert (await filled.refused("entities/search", named("none")))[0] == 100

    async def test_a_field_must_be_named_among_several(self, typed: Rest) -> None:
        code, text = await typed.refused("entities/search", named(data=[[1, 2]]))
        assert code == 1801
        assert "multiple vector fields: [dense half bits bytes sparse]" in text

    async def test_queries_of_every_vector_type(self, typed: Rest) -> None:
        await typed("entities/insert", named(data=[ROW]))
        for field, query in (
            ("dense", [0.1, 2.0]),
            ("half", [1.5, 2.0]),
            ("half", OUT["half"]),
            ("bits", ROW["bits"]),
            ("bytes", [1, -2]),
            ("sparse", {"7": 1.0}),
            ("sparse", {"indices": [7], "values": [1.0]}),
        ):
            found = await typed("entities/search", named(data=[query], annsField=field))
            assert [row["id"] for row in found] == [BIG], field
            assert found[0]["distance"] == (0.5 if field == "sparse" else 0), field

    async def test_hybrid(self, typed: Rest) -> None:
        rows = [{**ROW, "id": n, "dense": [n, 0], "bytes": [n, 0]} for n in range(5)]
        await typed("entities/insert", named(data=rows))
        parts = [
            {"data": [[0, 0]], "annsField": "dense", "limit": 3},
            {"data": [[2, 0]], "annsField": "bytes", "limit": 3, "filter": "id > 0"},
        ]
        body = named(search=parts, limit=2, outputFields=["text"],
                     rerank={"strategy": "rrf", "params": {"k": 10}})  # fmt: skip
        found = await typed.reply("entities/hybrid_search", body)
        assert found["topks"] == [2]
        assert found["data"][0]["text"] == "a"
        assert found["data"] == (await typed("entities/advanced_search", body))
        body["rerank"] = {"strategy": "rrf", "params": {"k": 10, "weights": [0, 1]}}
        weighted = await typed("entities/hybrid_search", body)
        assert [(row["id"], row["distance"]) for row in weighted[:1]] == [
            (2, pytest.approx(1 / 11))
        ]
        body["rerank"] = {"strategy": "weighted", "params": {"weights": [0.9, 0.1]}}
        assert (await typed("entities/hybrid_search", body))[0]["id"] in (0, 1, 2)
        body["rerank"] = {"strategy": "none"}
        assert (await typed.refused("entities/hybrid_search", body))[0] == 1100
        body["rerank"] = {}
        del parts[0]["limit"]
        assert (await typed.refused("entities/hybrid_search", body))[0] == 1100

    async def test_rerank_functions_and_chains(self, filled: Rest) -> None:
        function = {"name": "near", "type": "Rerank", "inputFieldNames": ["n"],
                    "params": {"reranker": "decay", "function": "gauss", "origin": 5,
                               "scale": 1, "decay": 0.5}}  # fmt: skip
        body = named(data=[[0, 0]], limit=1, functionScore={"functions": [function]})
        code, _ = await filled.refused("entities/search", {**body, "functionChains": [{}]})
        assert code == 1100
        bad = {"name": "c", "stage": "Nowhere", "ops": []}
        code, text = await filled.refused(
            "entities/search", named(data=[[0, 0]], functionChains=[bad])
        )
        assert (code, text.partition(":")[0]) == (1100, "functionChains[0]")
        limit = {"name": "c", "stage": "FunctionChainStageL2Rerank",
                 "ops": [{"op": "limit", "params": {"limit": 2}}]}  # fmt: skip
        found = await filled("entities/search", named(data=[[0, 0]], functionChains=[limit]))
        assert [row["id"] for row in found] == [0, 1]
        part = {"data": [[0, 0]], "annsField": "vector", "limit": 3, "functionChains": [limit]}
        hybrid = named(search=[part], rerank={"strategy": "rrf"}, limit=3)
        code, text = await filled.refused("entities/hybrid_search", hybrid)
        assert (code, text) == (1100, "functionChains is not supported for hybrid search")

    async def test_aggregation(self, filled: Rest) -> None:
        asked = {"fields": ["g"], "size": 2, "metrics": {"top": {"op": "max", "fieldName": "n"}},
                 "order": [{"key": "_count", "direction": "desc"}],
                 "topHits": {"size": 3,
                             "sort": [{"fieldName": "n", "direction": "desc"}]}}  # fmt: skip
        schema = {"fields": [
            {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
            {"fieldName": "g", "dataType": "Int64"}, {"fieldName": "n", "dataType": "Int64"},
            {"fieldName": "v", "dataType": "FloatVector", "elementTypeParams": {"dim": 2}},
        ]}  # fmt: skip
        index = {"fieldName": "v", "metricType": "L2"}
        await filled("collections/create", named("agg", schema=schema, indexParams=[index]))
        rows = [{"id": n, "g": n % 2, "n": n, "v": [n, 0]} for n in range(5)]
        await filled("entities/insert", named("agg", data=rows))
        body = named("agg", data=[[0, 0]], limit=10, searchAggregation=asked)
        found = await filled.reply("entities/search", body)
        assert found["aggTopks"] == [2]
        first = found["data"][0]["buckets"][0]
        assert first["key"][0]["fieldName"] == "g"
        assert (first["key"][0]["value"], first["count"]) == (0, 3)
        assert first["metrics"] == {"top": 4}
        assert first["hits"][0]["id"] == 4
        for name, value in {"offset": 1, "groupSize": 2, "strictGroupSize": True}.items():
            code, text = await filled.refused("entities/search", {**body, name: value})
            assert (code, f"searchAggregation and {name} are" in text) == (1100, True)


async def test_texts_are_searched_and_analyzed(rest: Rest) -> None:
    fields = [
        {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
        {"fieldName": "text", "dataType": "VarChar",
         "elementTypeParams": {"max_length": 200, "enable_analyzer": True}},
        {"fieldName": "words", "dataType": "SparseFloatVector"},
    ]  # fmt: skip
    function = {"name": "bm25", "type": "BM25", "inputFieldNames": ["text"],
                "outputFieldNames": ["words"]}  # fmt: skip
    index = {"fieldName": "words", "metricType": "BM25"}
    schema = {"fields": fields, "functions": [function]}
    await rest("collections/create", named(schema=schema, indexParams=[index]))
    rows = [{"id": 1, "text": "red apple"}, {"id": 2, "text": "green pear"}]
    await rest("entities/insert", named(data=rows))
    found = await rest("entities/search", named(data=["pear"], outputFields=["text"]))
    assert [row["text"] for row in found] == ["green pear"]
    told = await rest("common/run_analyzer", {"text": ["Red apple"], "withDetail": True})
    assert [token["token"] for token in told["results"][0]["tokens"]] == ["red", "apple"]
    assert told["results"][0]["tokens"][1]["startOffset"] == 4


async def test_arrays_of_structs(rest: Rest) -> None:
    struct = {"fieldName": "parts", "dataType": "ArrayOfStruct", "typeParams": {"max_capacity": 4},
              "fields": [
                  {"fieldName": "n", "dataType": "Array", "elementDataType": "Int32"},
                  {"fieldName": "v", "dataType": "ArrayOfVector", "elementDataType": "FloatVector",
                   "elementTypeParams": {"dim": 2}}]}  # fmt: skip
    fields = [
        {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
        {"fieldName": "vector", "dataType": "FloatVector", "elementTypeParams": {"dim": 2}},
    ]
    schema = {"fields": fields, "structFields": [struct]}
    indexes = [{"fieldName": "vector", "metricType": "L2"},
               {"fieldName": "parts[v]", "metricType": "MAX_SIM_COSINE",
                "indexType": "HNSW"}]  # fmt: skip
    await rest("collections/create", named(schema=schema, indexParams=indexes))
    parts = [{"n": 1, "v": [1.0, 0.5]}, {"n": 2, "v": [0.0, 1.0]}]
    await rest("entities/insert", named(data=[{"id": 1, "vector": [1, 2], "parts": parts}]))
    found = await rest("entities/query", named(filter="id == 1", outputFields=["parts"]))
    assert found == [{"id": 1, "parts": parts}]
    more = [{"n": 3, "v": [1.0, 1.0]}]
    await rest("entities/insert", named(data=[{"id": 2, "vector": [1, 2], "parts": more}]))
    body = named(filter="element_filter(parts, $[n] >= 1)", outputFields=["id"])
    places = [(1, 0), (1, 1), (2, 0)]
    for limit in (2, 5):
        found = await rest("entities/query", {**body, "limit": limit})
        assert found == [{"id": id, "offset": offset} for id, offset in places[:limit]]
    code, text = await rest.refused(
        "entities/insert", named(data=[{"id": 2, "vector": [1, 2], "parts": [{"n": 1}]}])
    )
    assert code == 1804
    assert "struct array field parts element #0 missing sub-field v" in text
    body = named(data=[[[1.0, 0.5]]], annsField="parts[v]", limit=1)
    assert [row["id"] for row in await rest("entities/search", body)] == [1]
