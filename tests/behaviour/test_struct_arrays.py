"""Arrays of structs: what is written comes back, can be filtered by, and searched in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    EmbeddingList,
    Function,
    FunctionType,
    MilvusClient,
    MilvusException,
    NotSupportedError,
    ParamError,
    RRFRanker,
    SearchAggregation,
    WeightedRanker,
)

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

DIM = 8


def _query() -> np.ndarray:
    return np.random.default_rng((99, 99)).random(DIM, np.float32)  # no row's seed


def _chunk(row: int, at: int) -> dict[str, Any]:
    random = np.random.default_rng((row, at))
    return {
        "text": f"row {row} chunk {at}",
        "page": 10 * row + at,
        "good": at % 2 == 0,
        "emb": random.random(DIM, np.float32).tolist(),
        "words": random.random(DIM, np.float32).tolist(),
        "bits": bytes(random.integers(0, 256, 2, np.uint8)),
    }


ROWS: list[dict[str, Any]] = [
    {"id": row, "v": [row, 1.0], "chunks": [_chunk(row, at) for at in range(row % 5)]}
    for row in range(30)
]
FLAT = [(row["id"], at, c) for row in ROWS for at, c in enumerate(row["chunks"])]


def _schema(client: Any, *, nullable: bool = False) -> Any:
    struct = client.create_struct_field_schema()
    struct.nullable = nullable
    struct.add_field("text", DataType.VARCHAR, max_length=30)
    struct.add_field("page", DataType.INT64)
    struct.add_field("good", DataType.BOOL)
    struct.add_field("emb", DataType.FLOAT_VECTOR, dim=DIM)
    struct.add_field("words", DataType.FLOAT_VECTOR, dim=DIM)
    struct.add_field("bits", DataType.BINARY_VECTOR, dim=16)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field(
        "chunks",
        DataType.ARRAY,
        element_type=DataType.STRUCT,
        struct_schema=struct,
        max_capacity=5,
        nullable=nullable,
    )
    return schema


def _indexes(client: Any, words: str = "MAX_SIM_COSINE", kind: str = "HNSW") -> Any:
    params = client.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    params.add_index("chunks[emb]", index_type=kind, metric_type="IP")
    params.add_index("chunks[words]", index_type=kind, metric_type=words)
    params.add_index("chunks[bits]", index_type="BIN_FLAT", metric_type="MAX_SIM_HAMMING")
    return params


async def _make(client: Door, name: str = "c", **options: Any) -> None:
    raw = client.raw
    indexes = _indexes(raw, **options)
    await client.create_collection(name, schema=_schema(raw), index_params=indexes)
    await client.insert(name, ROWS)


@pytest_asyncio.fixture(params=["growing", "sealed", "compacted"])
async def chunks(client: Door, request: pytest.FixtureRequest) -> Door:
    await _make(client)
    if request.param == "compacted":
        await client.flush("c")
        await client.upsert("c", ROWS[:10])
        await client.compact("c")
    if request.param != "growing":
        await client.flush("c")
    return client


@pytest.mark.asyncio
async def test_structs_come_back_as_they_were_written(chunks: Door) -> None:
    found = await chunks.query("c", filter="id >= 0", output_fields=["chunks"])
    by_id = {row["id"]: row["chunks"] for row in found}
    assert by_id == {row["id"]: row["chunks"] for row in ROWS}


@pytest.mark.asyncio
async def test_one_sub_field_can_be_asked_for(chunks: Door) -> None:
    found = await chunks.query("c", filter="id == 7", output_fields=["chunks[page]"])
    assert found[0]["chunks"] == [{"page": 70}, {"page": 71}]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("MATCH_ANY(chunks, $[page] == 71)", lambda c: any(e["page"] == 71 for e in c)),
        ("match_all(chunks, $[good] == true)", lambda c: all(e["good"] for e in c)),
        (
            "match_least(chunks, $[good] == true and $[page] > 40, threshold=2)",
            lambda c: sum(e["good"] and e["page"] > 40 for e in c) >= 2,
        ),
        ("chunks[0][page] >= 200", lambda c: bool(c) and c[0]["page"] >= 200),
        ("array_contains(chunks[page], 71)", lambda c: any(e["page"] == 71 for e in c)),
        ("array_length(chunks[text]) == 3", lambda c: len(c) == 3),
        ("array_length(chunks) == 3", lambda c: len(c) == 3),
        ("not (array_length(chunks) in [0, 4])", lambda c: len(c) not in (0, 4)),
    ],
)
async def test_filters_ask_for_elements(chunks: Door, text: str, holds: Any) -> None:
    found = await chunks.query("c", filter=text, output_fields=["id"])
    wanted = [row["id"] for row in ROWS if holds(row["chunks"])]
    assert sorted(row["id"] for row in found) == wanted


@pytest.mark.asyncio
async def test_a_search_finds_the_nearest_elements(chunks: Door) -> None:
    query = _query()
    found = await chunks.search("c", [query.tolist()], anns_field="chunks[emb]", limit=7)
    scored = [(float(np.dot(query, c["emb"])), row, at) for row, at, c in FLAT]
    best = sorted(scored, reverse=True)[:7]
    assert [(hit["id"], hit["offset"]) for hit in found[0]] == [(row, at) for _, row, at in best]
    assert [hit["distance"] for hit in found[0]] == pytest.approx([score for score, *_ in best])


@pytest.mark.asyncio
async def test_element_filter_chooses_the_elements_that_may_be_hits(chunks: Door) -> None:
    query = _query()
    found = await chunks.search(
        "c",
        [query.tolist()],
        anns_field="chunks[emb]",
        filter="id > 3 and element_filter(chunks, $[page] % 10 == 1)",
        limit=5,
    )
    allowed = [(row, at, c) for row, at, c in FLAT if row > 3 and at == 1]
    best = sorted(allowed, key=lambda each: -float(np.dot(query, each[2]["emb"])))[:5]
    assert [(hit["id"], hit["offset"]) for hit in found[0]] == [(row, at) for row, at, _ in best]


@pytest.mark.asyncio
@pytest.mark.parametrize("field", ["v", "chunks[words]"])
async def test_element_filter_is_refused_where_rows_are_searched(chunks: Door, field: str) -> None:
    query: Any = [7.0, 1.0] if field == "v" else EmbeddingList(np.ones((2, DIM), np.float32))
    asked: dict[str, Any] = {"data": [query], "anns_field": field, "limit": 3}
    with pytest.raises(ParamError, match="only supported for element-level search"):
        await chunks.search("c", **asked, filter="element_filter(chunks, $[page] > 1)")
    hits = await chunks.search("c", **asked, filter="match_any(chunks, $[page] > 1)")
    assert len(hits[0]) == 3


@pytest.mark.asyncio
async def test_grouping_by_the_key_gives_each_entity_once(chunks: Door) -> None:
    query = _query()
    found = await chunks.search(
        "c", [query.tolist()], anns_field="chunks[emb]", group_by_field="id", limit=24
    )
    best: dict[int, tuple[float, int]] = {}
    for row, at, c in FLAT:
        best[row] = max(best.get(row, (-1.0, 0)), (float(np.dot(query, c["emb"])), at))
    wanted = sorted(best, key=lambda row: -best[row][0])
    assert [hit["id"] for hit in found[0]] == wanted
    assert [hit["offset"] for hit in found[0]] == [best[row][1] for row in wanted]


@pytest.mark.asyncio
async def test_a_range_of_elements(chunks: Door) -> None:
    query = _query()
    found = await chunks.search(
        "c", [query.tolist()], anns_field="chunks[emb]", limit=100, search_params={"radius": 2.0}
    )
    wanted = {(row, at) for row, at, c in FLAT if float(np.dot(query, c["emb"])) > 2.0}
    assert {(hit["id"], hit["offset"]) for hit in found[0]} == wanted


def _max_sim(query: np.ndarray, stored: np.ndarray, metric: str) -> float:
    if metric == "L2":
        apart = ((query[:, None, :] - stored[None, :, :]) ** 2).sum(axis=2)
        return float(apart.min(axis=1).sum())
    if metric == "COSINE":
        query = query / np.linalg.norm(query, axis=1, keepdims=True)
        stored = stored / np.linalg.norm(stored, axis=1, keepdims=True)
    return float((query @ stored.T).max(axis=1).sum())


@pytest.mark.asyncio
@pytest.mark.parametrize("metric", ["COSINE", "IP", "L2"])
async def test_embedding_lists_are_ranked_by_max_sim(client: Door, metric: str) -> None:
    await _make(client, words=f"MAX_SIM_{metric}", kind="AUTOINDEX")
    random = np.random.default_rng(4)
    queries = [random.random((n, DIM), np.float32) for n in (1, 4)]
    sign = 1 if metric == "L2" else -1
    for state in ("growing", "sealed"):
        found = await client.search(
            "c",
            [EmbeddingList(query) for query in queries],
            anns_field="chunks[words]",
            limit=6,
            filter="id < 25",
        )
        for query, hits in zip(queries, found, strict=True):
            scores = {
                row["id"]: _max_sim(query, np.array([c["words"] for c in row["chunks"]]), metric)
                for row in ROWS[:25]
                if row["chunks"]
            }
            wanted = sorted(scores, key=lambda row: sign * scores[row])[:6]
            assert [hit["id"] for hit in hits] == wanted, state
            assert hits.distances == pytest.approx([scores[row] for row in wanted], rel=1e-5)
        await client.flush("c")


@pytest.mark.asyncio
async def test_lists_of_bits_are_ranked_by_max_sim_hamming(chunks: Door) -> None:
    query = EmbeddingList(np.random.default_rng(4).integers(0, 256, (2, 2), np.uint8))
    found = await chunks.search("c", [query], anns_field="chunks[bits]", limit=4)

    def apart(row: dict[str, Any]) -> int:
        stored = [np.frombuffer(c["bits"], np.uint8) for c in row["chunks"]]
        bits = [[int(np.unpackbits(q ^ s).sum()) for s in stored] for q in query]
        return sum(map(min, bits))

    best = sorted(apart(row) for row in ROWS if row["chunks"])[:4]
    assert [hit["distance"] for hit in found[0]] == best


@pytest.mark.asyncio
async def test_a_hybrid_search_merges_elements_by_entity(chunks: Door) -> None:
    query = _query().tolist()
    elements = AnnSearchRequest([query], "chunks[emb]", {}, limit=10)
    lists = AnnSearchRequest([EmbeddingList([query])], "chunks[words]", {}, limit=10)
    plain = AnnSearchRequest([[7.0, 1.0]], "v", {}, limit=3)
    found = await chunks.hybrid_search("c", [elements, lists, plain], RRFRanker(), limit=20)
    keys = [hit["id"] for hit in found[0]]
    assert len(keys) == len(set(keys))
    assert {6, 7, 8} <= set(keys)


def _scope(strategy: str, **more: int) -> dict[str, Any]:
    return {"element_scope": {"collapse": {"strategy": strategy, **more}}}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("scope", "best"),
    [
        (_scope("max"), lambda scores: scores[0]),
        (_scope("sum"), sum),
        (_scope("avg"), lambda scores: sum(scores) / len(scores)),
        (_scope("topk_sum", topk=2), lambda scores: sum(scores[:2])),
        (_scope("topk_avg", topk=2), lambda scores: sum(scores[:2]) / len(scores[:2])),
    ],
)
async def test_elements_collapse_to_entities_as_a_request_asks(
    chunks: Door, scope: dict[str, Any], best: Any
) -> None:
    query = _query().tolist()
    elements = await chunks.search("c", [query], anns_field="chunks[emb]", limit=25)
    of_each: dict[int, list[float]] = {}
    for hit in elements[0]:
        of_each.setdefault(hit["id"], []).append(hit["distance"])
    wanted = {key: best(scores) for key, scores in of_each.items()}
    request = AnnSearchRequest([query], "chunks[emb]", {"params": scope}, limit=25)
    ranker = WeightedRanker(1.0, norm_score=False)
    found = await chunks.hybrid_search("c", [request], ranker, limit=20)
    told = {hit["id"]: hit["distance"] for hit in found[0]}
    order = sorted(wanted, key=lambda key: -wanted[key])[:20]
    assert told == pytest.approx({key: wanted[key] for key in order}, rel=1e-5)
    assert list(told) == order


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (5, "element_scope must be a JSON object"),
        ({}, "element_scope.collapse is required"),
        ({"collapse": 1}, "element_scope.collapse must be a JSON object"),
        ({"collapse": {}}, "element_scope.collapse.strategy is required"),
        ({"collapse": {"strategy": " "}}, "element_scope.collapse.strategy is required"),
        ({"collapse": {"strategy": 1}}, "strategy must be a string"),
        ({"collapse": {"strategy": "min"}}, "unsupported element_scope.collapse.strategy: min"),
        ({"collapse": {"strategy": "max"}, "x": 1}, "unsupported element_scope key: x"),
        ({"collapse": {"strategy": "max", "x": 1}}, "unsupported element_scope.collapse key: x"),
        ({"collapse": {"strategy": "max", "topk": 2}}, "topk is only valid for topk strategies"),
        ({"collapse": {"strategy": "topk_sum"}}, "topk is required for strategy topk_sum"),
        ({"collapse": {"strategy": "topk_sum", "topk": 0}}, "topk must be positive"),
        ({"collapse": {"strategy": "topk_sum", "topk": "2"}}, "topk must be an integer"),
    ],
)
async def test_a_malformed_scope_is_refused(client: Door, scope: Any, text: str) -> None:
    await _make(client)
    params = {"params": {"element_scope": scope}}
    request = AnnSearchRequest([[0.0] * DIM], "chunks[emb]", params, limit=10)
    with pytest.raises(MilvusException, match=text) as caught:
        await client.hybrid_search("c", [request], RRFRanker(), limit=5)
    assert caught.value.code in (1100, 1101)


@pytest.mark.asyncio
async def test_a_scope_needs_elements_of_several_entities(chunks: Door) -> None:
    query = _query().tolist()
    params = {"params": _scope("sum")}
    elements = AnnSearchRequest([query], "chunks[emb]", params, limit=10)
    rows = AnnSearchRequest([[7.0, 1.0]], "v", params, limit=10)
    with pytest.raises(ParamError, match="only supported for element-level search"):
        await chunks.hybrid_search("c", [rows], RRFRanker(), limit=5)
    with pytest.raises(ParamError, match="not allowed for same-struct element-level hybrid"):
        await chunks.hybrid_search("c", [elements, elements], RRFRanker(), limit=5)
    with pytest.raises(ParamError, match="can't be used together with group_by_field"):
        await chunks.hybrid_search("c", [elements], RRFRanker(), limit=5, group_by_field="id")
    with pytest.raises(ParamError, match="only supported in the requests of a hybrid search"):
        await chunks.search(
            "c", [query], anns_field="chunks[emb]", search_params={"params": _scope("max")}
        )


@pytest.mark.asyncio
async def test_distances_are_not_summed_up(client: Door) -> None:
    await _make(client, words="L2")
    request = AnnSearchRequest([[0.0] * DIM], "chunks[words]", {"params": _scope("sum")}, limit=10)
    with pytest.raises(ParamError, match="sum is only supported for positively related metrics"):
        await client.hybrid_search("c", [request], RRFRanker(), limit=5)


def _words_index(client: Any, **params: Any) -> Any:
    made = client.prepare_index_params()
    made.add_index("chunks[words]", index_type="HNSW", metric_type="MAX_SIM_COSINE", params=params)
    return made


@pytest.mark.asyncio
async def test_an_unknown_way_to_index_lists_is_refused(client: Door) -> None:
    await client.create_collection("c", schema=_schema(client.raw))
    with pytest.raises(ParamError, match="unknown emb_list strategy: nonsense"):
        await client.create_index("c", _words_index(client.raw, emb_list_strategy="nonsense"))


@pytest.mark.parametrize("strategy", ["muvera", "lemur"])
def test_lists_are_found_by_one_vector_each_after_reopening(tmp_path: Any, strategy: str) -> None:
    path = str(tmp_path / "m.db")
    trained = {"lemur_hidden_dim": 64, "lemur_num_train_samples": 1_000, "lemur_num_epochs": 8}
    trained["lemur_batch_size"] = 64
    graph = {"M": 8, "efConstruction": 40, "emb_list_strategy": strategy}
    more = graph | (trained if strategy == "lemur" else {})
    texts = [row for row in ROWS if row["chunks"]]
    with MilvusClient(path) as client:
        client.create_collection("c", schema=_schema(client))
        client.insert(
            "c", [{**row, "id": 100 * at + row["id"]} for row in texts for at in range(9)]
        )
        client.flush("c")
        client.create_index("c", _words_index(client, **more))
        for field, kind in (("v", "FLAT"), ("chunks[emb]", "FLAT"), ("chunks[bits]", "BIN_FLAT")):
            metric = "MAX_SIM_HAMMING" if kind == "BIN_FLAT" else "L2"
            other = client.prepare_index_params()
            other.add_index(field, index_type=kind, metric_type=metric)
            client.create_index("c", other)
    with MilvusClient(path) as client:
        client.load_collection("c")
        query = EmbeddingList([chunk["words"] for chunk in texts[5]["chunks"]])
        told = client.explain(
            "c", [query], anns_field="chunks[words]", limit=9, search_params={"ef": 300}
        )
        assert f"rows by {strategy}, then lists" in str(told)
        for params in ({"ef": 300}, {"ef": 300, "emb_list_rerank": False}):
            hits = client.search(
                "c", [query], anns_field="chunks[words]", limit=9, search_params=params
            )[0]
            assert sum(hit["id"] % 100 == texts[5]["id"] for hit in hits) >= 7
        with pytest.raises(ParamError, match=r"'emb_list_rerank' .maybe. should be a boolean"):
            client.search(
                "c", [query], anns_field="chunks[words]", search_params={"emb_list_rerank": "maybe"}
            )


@pytest.mark.asyncio
async def test_an_iterator_gives_every_element_once(chunks: Door) -> None:
    query = _query()
    iterator = chunks.raw.search_iterator(
        "c",
        [query.tolist()],
        anns_field="chunks[emb]",
        batch_size=11,
        filter="id > 1 and element_filter(chunks, $[page] % 10 < 3)",
    )
    hits = [hit for batch in await chunks.batches(iterator) for hit in batch]
    wanted = [(row, at, c) for row, at, c in FLAT if row > 1 and at < 3]
    wanted.sort(key=lambda each: -float(np.dot(query, each[2]["emb"])))
    assert [(hit["id"], hit["offset"]) for hit in hits] == [(row, at) for row, at, _ in wanted]


@pytest.mark.asyncio
async def test_an_iterator_passes_over_segments_without_elements(client: Door) -> None:
    indexes = _indexes(client.raw)
    await client.create_collection("c", schema=_schema(client.raw), index_params=indexes)
    for rows in (ROWS[:1], ROWS[4:6]):
        await client.insert("c", rows)
        await client.flush("c")
    query = _query().tolist()
    iterator = client.raw.search_iterator("c", [query], anns_field="chunks[emb]", batch_size=3)
    hits = [hit for batch in await client.batches(iterator) for hit in batch]
    assert sorted((hit["id"], hit["offset"]) for hit in hits) == [(4, at) for at in range(4)]


@pytest.mark.asyncio
async def test_pages_of_elements_tell_which_they_are(chunks: Door) -> None:
    query = _query().tolist()
    asked: dict[str, Any] = {"data": [query], "anns_field": "chunks[emb]"}
    whole = await chunks.search("c", **asked, limit=12)
    pages = [await chunks.search("c", **asked, limit=4, offset=at) for at in (0, 4, 8)]
    places = [(hit["id"], hit["offset"]) for page in pages for hit in page[0]]
    assert places == [(hit["id"], hit["offset"]) for hit in whole[0]]


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["a ranker", "search_aggregation"])
async def test_what_ranks_entities_is_refused_for_elements(chunks: Door, what: str) -> None:
    params = {"reranker": "decay", "function": "exp", "origin": 0, "scale": 1}
    given: dict[str, Any] = {
        "a ranker": Function("f", FunctionType.RERANK, ["id"], params=params),
        "search_aggregation": SearchAggregation(fields=["id"], size=2),
    }
    options = {what.removeprefix("a "): given[what]}
    query = _query().tolist()
    with pytest.raises(NotSupportedError, match=f"{what} is not supported by a search for element"):
        await chunks.search("c", [query], anns_field="chunks[emb]", limit=3, **options)


@pytest.mark.asyncio
async def test_whole_structs_are_replaced_by_upserts(chunks: Door) -> None:
    new = [_chunk(7, 0)]
    await chunks.upsert("c", [{"id": 7, "chunks": new}], partial_update=True)
    found = await chunks.query("c", filter="id == 7", output_fields=["*"])
    assert found == [{"id": 7, "v": [7.0, 1.0], "chunks": new}]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("chunks_of_row", "told"),
    [
        ([{"text": "only"}], "page"),
        ("none", "chunks"),
        (
            [_chunk(1, at) for at in range(6)],
            r"the length \(6\) of .*array.* exceeds max capacity \(5\)",
        ),
        ([{**_chunk(1, 0), "emb": [1.0]}], "emb"),
        ([{**_chunk(1, 0), "text": "x" * 31}], "max length"),
        ([{**_chunk(1, 0), "page": "7"}], "page"),
        (None, "chunks"),
    ],
)
async def test_what_is_no_such_struct_is_refused(
    client: Door, chunks_of_row: Any, told: str
) -> None:
    await _make(client)
    row = {"id": 99, "v": [0.0, 0.0], "chunks": chunks_of_row}
    with pytest.raises(MilvusException, match=told):
        await client.insert("c", [ROWS[1] | {"id": 98}, row])
    assert await client.query("c", filter="id > 90", output_fields=["id"]) == []


@pytest.mark.asyncio
async def test_nullable_structs_and_structs_added_later(client: Door) -> None:
    raw = client.raw
    schema = _schema(raw, nullable=True)
    await client.create_collection("n", schema=schema, index_params=_indexes(raw))
    rows = [
        {"id": 1, "v": [0.0, 0.0], "chunks": None},
        {"id": 2, "v": [0.0, 0.0], "chunks": [_chunk(2, 0)]},
        {"id": 3, "v": [0.0, 0.0], "chunks": []},
    ]
    await client.insert("n", rows)
    struct = raw.create_struct_field_schema()
    struct.add_field("note", DataType.VARCHAR, max_length=9)
    await client.add_collection_struct_field("n", "notes", struct, max_capacity=3)
    late = {"id": 4, "v": [0.0, 0.0], "chunks": [], "notes": [{"note": "late"}]}
    await client.insert("n", [late])
    for _ in range(2):
        found = await client.query("n", filter="id > 0", output_fields=["chunks", "notes"])
        by_id = {row["id"]: row for row in found}
        assert [by_id[key]["chunks"] for key in (1, 2, 3)] == [row["chunks"] for row in rows]
        assert by_id[2]["notes"] is None
        assert by_id[4]["notes"] == [{"note": "late"}]
        await client.flush("n")


@pytest.mark.asyncio
async def test_a_whole_array_of_structs_can_be_altered(client: Door) -> None:
    await _make(client)
    more = [_chunk(1, at) for at in range(6)]
    with pytest.raises(MilvusException, match="exceeds max capacity"):
        await client.insert("c", [{"id": 90, "v": [0.0, 0.0], "chunks": more}])
    await client.release_collection("c")
    changes = {"max_capacity": 6, "mmap.enabled": True}
    await client.alter_collection_field("c", "chunks", changes)
    await client.insert("c", [{"id": 90, "v": [0.0, 0.0], "chunks": more}])
    described = (await client.describe_collection("c"))["fields"]
    struct = next(field for field in described if field["name"] == "chunks")
    assert struct["params"]["max_capacity"] == 6
    assert all(field["params"]["mmap_enabled"] for field in struct["struct_fields"])
    with pytest.raises(ParamError, match="can not modify the maxlength for non-string types"):
        await client.alter_collection_field("c", "chunks", {"max_length": 6})


@pytest.mark.asyncio
async def test_a_whole_array_of_structs_can_be_dropped(chunks: Door) -> None:
    with pytest.raises(ParamError, match="cannot drop sub-field of struct array field"):
        await chunks.drop_collection_field("c", "chunks[page]")
    # The arrays of a struct have as many elements, so none takes more of them than the others.
    with pytest.raises(ParamError, match="can not modify the maxcapacity"):
        await chunks.alter_collection_field("c", "chunks[page]", {"max_capacity": 9})
    await chunks.drop_collection_field("c", "chunks")
    described = await chunks.describe_collection("c")
    assert [field["name"] for field in described["fields"]] == ["id", "v"]
    assert await chunks.list_indexes("c") == ["v"]
    await chunks.insert("c", [{"id": 50, "v": [0.0, 0.0]}])
    assert len(await chunks.query("c", filter="id >= 0", output_fields=["*"])) == len(ROWS) + 1
    struct = chunks.raw.create_struct_field_schema()
    struct.add_field("note", DataType.VARCHAR, max_length=9)
    await chunks.add_collection_struct_field("c", "chunks", struct, max_capacity=3)
    rows = await chunks.query("c", filter="id == 4", output_fields=["chunks"])
    assert rows == [{"id": 4, "chunks": None}]
    await chunks.drop_collection_field("c", field_id=await _number_of(chunks, "chunks"))
    assert len((await chunks.describe_collection("c"))["fields"]) == 2


async def _number_of(client: Door, name: str) -> int:
    described = await client.describe_collection("c")
    listed = [*described["fields"], *described.get("struct_array_fields", [])]
    return next(int(each["field_id"]) for each in listed if each["name"] == name)


@pytest.mark.asyncio
async def test_the_last_vectors_stay_also_within_structs(client: Door) -> None:
    struct = client.raw.create_struct_field_schema()
    struct.add_field("e", DataType.FLOAT_VECTOR, dim=2)
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    kind = {"element_type": DataType.STRUCT, "struct_schema": struct, "max_capacity": 3}
    schema.add_field("s", DataType.ARRAY, **kind)
    schema.add_field("t", DataType.ARRAY, **kind)
    await client.create_collection("d", schema=schema)
    await client.drop_collection_field("d", "s")
    with pytest.raises(ParamError, match="cannot drop struct array field t: it would leave no vec"):
        await client.drop_collection_field("d", "t")


@pytest.mark.asyncio
async def test_searches_that_do_not_fit_the_index_are_refused(chunks: Door) -> None:
    vector = _query().tolist()
    with pytest.raises(ParamError):
        await chunks.search("c", [vector], anns_field="chunks[words]", limit=1)
    with pytest.raises(ParamError):
        await chunks.search("c", [EmbeddingList([vector])], anns_field="chunks[emb]", limit=1)
    with pytest.raises(ParamError, match="range search"):
        await chunks.search(
            "c",
            [EmbeddingList([vector])],
            anns_field="chunks[words]",
            limit=1,
            search_params={"radius": 0.1},
        )


@pytest.mark.asyncio
@pytest.mark.parametrize("bad", ["sparse", "metric", "capacity"])
async def test_structs_that_cannot_be_are_refused(client: Door, bad: str) -> None:
    raw = client.raw
    struct = raw.create_struct_field_schema()
    if bad == "sparse":
        struct.add_field("s", DataType.SPARSE_FLOAT_VECTOR)
    else:
        struct.add_field("s", DataType.FLOAT_VECTOR, dim=4)
    schema = raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    capacity = 5000 if bad == "capacity" else 4
    schema.add_field(
        "x",
        DataType.ARRAY,
        element_type=DataType.STRUCT,
        struct_schema=struct,
        max_capacity=capacity,
    )
    params = raw.prepare_index_params()
    params.add_index("x[s]", index_type="HNSW", metric_type="MAX_SIM_HAMMING")
    with pytest.raises(ParamError):
        await client.create_collection("bad", schema=schema, index_params=params)
