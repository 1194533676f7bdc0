"""Maximal marginal relevance: hits that are near the query, but not near each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, DataType, Function, FunctionScore, FunctionType, ParamError


def mmr(inputs: list[str] | None = None, **params: Any) -> Function:
    return Function(
        "varied", FunctionType.RERANK, inputs or [], params={"reranker": "mmr", **params}
    )


async def made(client: Any, metric: str, dtype: DataType = DataType.FLOAT_VECTOR) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("v", dtype, dim=2 if dtype is not DataType.BINARY_VECTOR else 8)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("kind", DataType.VARCHAR, max_length=10)
    index = client.raw.prepare_index_params()
    index.add_index("v", metric_type=metric)
    index.add_index("w", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)


VECTORS = [[1.0, 0.0], [0.99, 0.01], [0.98, 0.02], [0.6, 0.5], [0.55, 0.55], [0.2, -0.9]]


@pytest.fixture
async def client_with_rows(client: Any) -> Any:
    await made(client, "COSINE")
    rows = [{"pk": n, "v": v, "w": v, "kind": "ab"[n % 2]} for n, v in enumerate(VECTORS)]
    await client.insert("c", rows)
    return client


async def found(client: Any, **options: Any) -> list[int]:
    (hits,) = await client.search("c", [[1.0, 0.1]], anns_field="v", **options)
    return [hit["pk"] for hit in hits]


async def test_near_twins_make_way_for_others(client_with_rows: Any) -> None:
    client = client_with_rows
    assert await found(client, limit=3) == [2, 1, 0]
    assert await found(client, limit=3, ranker=mmr(diversity=0.0)) == [2, 1, 0]
    varied = await found(client, limit=3, ranker=mmr(diversity=0.5, candidates=6))
    assert varied[0] == 2
    assert not {0, 1} <= set(varied)


async def test_hits_are_chosen_among_the_candidates_alone(client_with_rows: Any) -> None:
    client = client_with_rows
    assert set(await found(client, limit=3, ranker=mmr(diversity=1.0, candidates=3))) == {0, 1, 2}
    assert await found(client, limit=2, ranker=mmr(diversity=1.0, candidates=6)) == [2, 5]


async def test_hits_keep_their_scores_and_pages_follow_each_other(client_with_rows: Any) -> None:
    client = client_with_rows
    ranker = mmr(diversity=0.7, candidates=6)
    (hits,) = await client.search("c", [[1.0, 0.1]], anns_field="v", limit=6, ranker=ranker)
    (plain,) = await client.search("c", [[1.0, 0.1]], anns_field="v", limit=6)
    assert {h["pk"]: h["distance"] for h in hits} == {h["pk"]: h["distance"] for h in plain}
    order = [hit["pk"] for hit in hits]
    assert await found(client, limit=3, offset=2, ranker=ranker) == order[2:5]


def expected(
    scores: list[float], similar: np.ndarray[Any, Any], diversity: float, count: int
) -> list[int]:
    """The definition, one pair at a time."""
    low, high = min(scores), max(scores)
    relevance = [(score - low) / (high - low) for score in scores]
    taken: list[int] = []
    while len(taken) < count:
        worth = {
            at: (1 - diversity) * relevance[at]
            - diversity * max([similar[at, other] for other in taken], default=0)
            for at in range(len(scores))
            if at not in taken
        }
        taken.append(max(worth, key=lambda at: (worth[at], -at)))
    return taken


@pytest.mark.parametrize("metric", ["COSINE", "IP", "L2"])
@pytest.mark.parametrize("diversity", [0.3, 0.8])
async def test_the_choice_is_the_one_of_the_definition(
    client: Any, metric: str, diversity: float
) -> None:
    await made(client, metric)
    vectors = np.random.default_rng(5).normal(size=(40, 2)).astype(np.float32)
    rows = [{"pk": n, "v": v, "w": v, "kind": "a"} for n, v in enumerate(vectors)]
    await client.insert("c", rows[:25])
    await client.flush("c")
    await client.insert("c", rows[25:])
    (plain,) = await client.search("c", [[1.0, 0.1]], anns_field="v", limit=20)
    order = [hit["pk"] for hit in plain]
    best = vectors[order]
    if metric == "L2":
        away = np.sqrt(((best[:, None] - best[None]) ** 2).sum(axis=2))
        radius = np.sqrt(((best - best.mean(axis=0)) ** 2).sum(axis=1)).max()
        similar, scores = 1 - away / (2 * radius), [-hit["distance"] for hit in plain]
    else:
        unit = best / np.linalg.norm(best, axis=1, keepdims=True)
        similar, scores = np.maximum(unit @ unit.T, 0), [hit["distance"] for hit in plain]
    ranker = mmr(diversity=diversity, candidates=20)
    wanted = [order[at] for at in expected(scores, similar, diversity, 7)]
    assert await found(client, limit=7, ranker=ranker) == wanted


async def test_each_query_has_its_own_choice(client_with_rows: Any) -> None:
    queries = [[1.0, 0.1], [0.0, -1.0]]
    both = await client_with_rows.search(
        "c", queries, anns_field="v", limit=2, ranker=mmr(diversity=0.9)
    )
    alone = [
        await client_with_rows.search(
            "c", [query], anns_field="v", limit=2, ranker=mmr(diversity=0.9)
        )
        for query in queries
    ]
    assert [[h["pk"] for h in hits] for hits in both] == [
        [h["pk"] for h in hits] for (hits,) in alone
    ]


async def test_filters_boosts_and_hybrid_searches_are_spread_too(client_with_rows: Any) -> None:
    client = client_with_rows
    ranker = mmr(diversity=1.0, candidates=6)
    assert await found(client, limit=2, filter="kind == 'a'", ranker=ranker) == [2, 4]
    boost = Function(
        "b", FunctionType.RERANK, [], params={"reranker": "boost", "filter": "pk == 4", "weight": 9}
    )
    boosted = FunctionScore([boost, ranker])
    assert (await found(client, limit=2, ranker=boosted))[0] == 4
    requests = [AnnSearchRequest([[1.0, 0.1]], field, {}, limit=6) for field in ("v", "w")]
    (hits,) = await client.hybrid_search("c", requests, mmr(["v"], diversity=1.0), limit=2)
    assert [hit["pk"] for hit in hits] == [2, 5]


async def test_explain_tells_of_it(client_with_rows: Any) -> None:
    plan = await client_with_rows.explain(
        "c", [[1.0, 0.1]], anns_field="v", limit=3, ranker=mmr(diversity=0.25)
    )
    assert plan.reranking == "mmr with diversity 0.25, 3 of 12 candidates"
    assert "reranked by mmr" in str(plan)


@pytest.mark.parametrize(
    ("ranker", "text"),
    [
        (mmr(diversity=1.5), r"diversity should be in range \[0, 1\]"),
        (mmr(candidates=-1), "candidates should be"),
        (mmr(candidates=1.5), "candidates should be"),
        (mmr(lambda_mult=0.5), "no param 'lambda_mult'"),
        (mmr(["kind"]), "must hold dense vectors"),
        (mmr(["nothing"]), "not found"),
    ],
)
async def test_what_it_can_not_do_is_refused(
    client_with_rows: Any, ranker: Function, text: str
) -> None:
    with pytest.raises(ParamError, match=text):
        await found(client_with_rows, limit=2, ranker=ranker)


async def test_groups_and_bits_and_unnamed_fields_are_refused(client: Any) -> None:
    await made(client, "HAMMING", DataType.BINARY_VECTOR)
    await client.insert("c", {"pk": 1, "v": b"\x01", "w": [0.0, 1.0], "kind": "a"})
    with pytest.raises(ParamError, match="must hold dense vectors"):
        await client.search("c", [b"\x01"], anns_field="v", ranker=mmr())
    with pytest.raises(ParamError, match="not supported in a grouped"):
        await client.search("c", [[0.0, 1.0]], anns_field="w", ranker=mmr(), group_by_field="kind")
    requests = [AnnSearchRequest([[0.0, 1.0]], "w", {}, limit=6)]
    with pytest.raises(ParamError, match="requires exactly 1 input field"):
        await client.hybrid_search("c", requests, mmr(), limit=2)
