"""Rerank functions, boosts, models and function chains, at every door."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionChain,
    FunctionChainStage,
    FunctionScore,
    FunctionType,
    MilvusException,
    NotSupportedError,
    ParamError,
    RRFRanker,
    WeightedRanker,
    register_reranker,
)
from aiomilvus.function_chain import FunctionChainExpr, col, fn

ROWS: list[dict[str, Any]] = [
    {"pk": 1, "v": [1.0, 0.0], "w": [0.0, 1.0], "age": 0, "kind": "a", "text": "one"},
    {"pk": 2, "v": [0.9, 0.0], "w": [0.0, 0.8], "age": 10, "kind": "b", "text": "two"},
    {"pk": 3, "v": [0.8, 0.0], "w": [0.0, 0.9], "age": 20, "kind": "a", "text": "three"},
    {"pk": 4, "v": [0.7, 0.0], "w": [0.0, 0.7], "age": None, "kind": "b", "text": "four"},
]


async def made(client: Any, metric: str = "IP") -> str:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("age", DataType.INT32, nullable=True)
    schema.add_field("kind", DataType.VARCHAR, max_length=10)
    schema.add_field("text", DataType.VARCHAR, max_length=10)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type=metric)
    index.add_index("w", index_type="FLAT", metric_type=metric)
    await client.create_collection("c", schema=schema, index_params=index)
    await client.insert("c", ROWS)
    return "c"


def rerank(inputs: list[str], **params: Any) -> Function:
    return Function("f", FunctionType.RERANK, inputs, params=params)


async def ids(client: Any, **options: Any) -> list[int]:
    found = await client.search("c", [[1.0, 0.0]], anns_field="v", limit=4, **options)
    return [hit["pk"] for hit in found[0]]


async def scores(client: Any, **options: Any) -> dict[int, float]:
    found = await client.search("c", [[1.0, 0.0]], anns_field="v", limit=4, **options)
    return {hit["pk"]: hit["distance"] for hit in found[0]}


@pytest.mark.parametrize(
    ("curve", "at_10", "at_20"),
    [("gauss", 0.5, 0.5**4), ("exp", 0.5, 0.25), ("linear", 0.5, 0.5)],
)
async def test_decay_multiplies_scores_and_puts_nulls_last(
    client: Any, curve: str, at_10: float, at_20: float
) -> None:
    await made(client)
    decay = rerank(["age"], reranker="decay", function=curve, origin=0, scale=10, decay=0.5)
    found = await scores(client, ranker=decay)
    assert found == pytest.approx({1: 1.0, 2: 0.9 * at_10, 3: 0.8 * at_20, 4: 0.0})
    assert list(found) == [1, 2, 3, 4]


async def test_decay_within_its_offset_changes_nothing(client: Any) -> None:
    await made(client)
    params = {"function": "exp", "origin": 20, "scale": 5, "offset": 5, "decay": 0.5}
    found = await scores(client, ranker=rerank(["age"], reranker="decay", **params))
    assert found == pytest.approx({3: 0.8, 2: 0.45, 1: 0.125, 4: 0.0})
    assert list(found) == [3, 2, 1, 4]


async def test_distances_become_similarities_before_they_decay(client: Any) -> None:
    await made(client, "L2")
    decay = rerank(["age"], reranker="decay", function="exp", origin=0, scale=10)
    found = await scores(client, ranker=decay)
    assert list(found) == [1, 2, 3, 4]
    assert found[2] == pytest.approx((1 - 2 * math.atan(0.01) / math.pi) / 2, abs=1e-5)


async def test_a_boost_changes_the_scores_of_what_passes_its_filter(client: Any) -> None:
    await made(client)
    boost = rerank([], reranker="boost", filter="kind == 'b'", weight=2.0)
    found = await scores(client, ranker=boost)
    assert found == pytest.approx({2: 1.8, 4: 1.4, 1: 1.0, 3: 0.8})
    assert list(found) == [2, 4, 1, 3]


async def test_a_boost_of_a_hybrid_search_boosts_each_of_its_requests(client: Any) -> None:
    await made(client)
    boost = rerank([], reranker="boost", filter="kind == 'b'", weight=2.0)

    parts = [
        AnnSearchRequest([[1.0, 0.0]], "v", {}, 4),
        AnnSearchRequest([[0.0, 1.0]], "w", {}, 4),
    ]
    by_rank = await client.hybrid_search("c", parts, boost, limit=4)
    assert [hit["pk"] for hit in by_rank[0]] == [2, 4, 1, 3]
    weighted = rerank([], reranker="weighted", weights=[0.5, 1.0])
    by_weight = await client.hybrid_search("c", parts, FunctionScore([boost, weighted]), limit=4)
    found = {hit["pk"]: hit["distance"] for hit in by_weight[0]}
    assert found == pytest.approx({2: 2.5, 4: 2.1, 1: 1.5, 3: 1.3})


async def test_boosts_combine_by_their_modes(client: Any) -> None:
    await made(client)
    boosts = [
        rerank([], reranker="boost", filter="kind == 'b'", weight=2.0),
        rerank([], reranker="boost", filter="age == 10", weight=0.25),
    ]
    by_sum = FunctionScore(boosts, {"function_mode": "sum", "boost_mode": "sum"})
    found = await scores(client, ranker=by_sum)
    assert found == pytest.approx({2: 0.9 + 2.25, 4: 2.7, 1: 1.0, 3: 0.8})
    found = await scores(client, ranker=FunctionScore(boosts))
    assert found == pytest.approx({4: 1.4, 1: 1.0, 3: 0.8, 2: 0.45})


async def test_a_boost_that_is_added_brings_distances_closer(client: Any) -> None:
    await made(client, "L2")
    boost = rerank([], reranker="boost", filter="kind == 'b'", weight=0.5)
    added = FunctionScore([boost], {"boost_mode": "sum"})
    found = await scores(client, ranker=added)
    assert found == pytest.approx({2: 0.01 - 0.5, 4: 0.09 - 0.5, 1: 0.0, 3: 0.04}, abs=1e-6)
    assert list(found) == [2, 4, 1, 3]
    ranged = {"params": {"radius": 0.05}}
    assert await ids(client, ranker=added, search_params=ranged) == [2, 1, 3]
    taken = FunctionScore([rerank([], reranker="boost", weight=-0.5)], {"boost_mode": "sum"})
    assert (await scores(client, ranker=taken))[1] == pytest.approx(0.5)


async def test_random_scores_are_the_same_for_the_same_seed(client: Any) -> None:
    await made(client)

    def boost(seed: int) -> Function:
        random = {"seed": seed, "field": "pk"}
        return rerank([], reranker="boost", weight=1.0, random_score=random)

    one, again, other = [await scores(client, ranker=boost(seed)) for seed in (7, 7, 8)]
    assert one == again
    assert one != other
    assert all(0 <= score <= 1 for score in one.values())


async def test_a_registered_model_reranks_by_text(client: Any) -> None:
    await made(client)
    asked = []

    def by_length(query: str, texts: Any) -> list[float]:
        asked.append((query, list(texts)))
        return [float(len(text)) for text in texts]

    register_reranker("by_length", by_length)
    model = rerank(["text"], reranker="model", provider="by_length", queries=["q"])
    found = await scores(client, ranker=model)
    assert found == {3: 5.0, 4: 4.0, 1: 3.0, 2: 3.0}
    assert list(found) == [3, 4, 1, 2]
    assert asked == [("q", ["one", "two", "three", "four"])]
    two = rerank(["text"], reranker="model", provider="by_length", queries=["q", "r"])
    with pytest.raises(ParamError, match="nq must equal to queries size"):
        await ids(client, ranker=two)


async def test_a_model_that_fails_is_said_to(client: Any) -> None:
    await made(client)

    def broken(query: str, texts: Any) -> list[float]:
        raise ValueError("out of order")

    register_reranker("broken", broken)
    register_reranker("short", lambda query, texts: [1.0])
    for provider, message in (("broken", "ValueError: out of order"), ("short", "no finite score")):
        model = rerank(["text"], reranker="model", provider=provider, queries=["q"])
        with pytest.raises(MilvusException, match=message) as caught:
            await ids(client, ranker=model)
        assert caught.value.code == 2
    unknown = rerank(["text"], reranker="model", provider="nobody", queries=["q"])
    with pytest.raises(ParamError, match="unsupported rerank provider: 'nobody'"):
        await ids(client, ranker=unknown)


async def test_a_model_is_checked_where_a_search_finds_nothing_too(client: Any) -> None:
    await made(client)
    register_reranker("one_each", lambda query, texts: [1.0] * len(texts))
    named = {"provider": "one_each", "queries": ["q"]}
    for wrong, message in (
        ({"provider": "nobody"}, "unsupported rerank provider: 'nobody'"),
        ({"provider": "tei"}, "rerank provider tei needs an endpoint"),
        ({"queries": ["q", "r"]}, "nq must equal to queries size"),
    ):
        model = rerank(["text"], reranker="model", **{**named, **wrong})
        with pytest.raises(ParamError, match=message):
            await ids(client, filter="pk > 4", ranker=model)
        request = AnnSearchRequest([[1.0, 0.0]], "v", {}, limit=4, expr="pk > 4")
        with pytest.raises(ParamError, match=message):
            await client.hybrid_search("c", [request], model)
    model = rerank(["text"], reranker="model", **named)
    assert await ids(client, filter="pk > 4", ranker=model) == []


@pytest.mark.parametrize("end", [asyncio.CancelledError, SystemExit, GeneratorExit, StopIteration])
async def test_a_model_can_end_neither_the_search_nor_later_ones(
    client: Any, end: type[BaseException]
) -> None:
    await made(client)

    def ending(query: str, texts: Any) -> list[float]:
        raise end("out of order")

    register_reranker("ending", ending)
    model = rerank(["text"], reranker="model", provider="ending", queries=["q"])
    for _ in range(3):
        with pytest.raises(MilvusException, match=f"{end.__name__}: out of order") as caught:
            await ids(client, ranker=model)
        assert caught.value.code == 2
    assert await ids(client) == [1, 2, 3, 4]


def requests() -> list[AnnSearchRequest]:
    return [
        AnnSearchRequest([[1.0, 0.0]], "v", {}, 3),
        AnnSearchRequest([[0.0, 1.0]], "w", {}, 3),
    ]


async def hybrid(client: Any, ranker: Any, **options: Any) -> dict[int, float]:
    found = await client.hybrid_search("c", requests(), ranker, **options)
    return {hit["pk"]: hit["distance"] for hit in found[0]}


async def test_without_a_ranker_hits_are_fused_by_rank(client: Any) -> None:
    await made(client)
    assert await hybrid(client, None) == await hybrid(client, RRFRanker())


async def test_rank_fusion_is_the_same_as_ranker_and_as_function(client: Any) -> None:
    await made(client)
    # v finds 1, 2, 3; w finds 1, 3, 2
    expected = {1: 2 / 11, 2: 1 / 12 + 1 / 13, 3: 1 / 13 + 1 / 12}
    for ranker in (RRFRanker(10), rerank([], reranker="rrf", k=10)):
        found = await hybrid(client, ranker)
        assert found == pytest.approx(expected)
        assert list(found) == [1, 2, 3]  # ties go to the smaller key


async def test_weighted_ranks_add_what_each_request_weighs(client: Any) -> None:
    await made(client)
    found = await hybrid(client, rerank([], reranker="rrf", k=10, weights=[0.25, 1]))
    # v finds 1, 2, 3; w finds 1, 3, 2
    expected = {1: 1.25 / 11, 3: 0.25 / 13 + 1 / 12, 2: 0.25 / 12 + 1 / 13}
    assert found == pytest.approx(expected)
    assert list(found) == [1, 3, 2]
    weightless = await hybrid(client, rerank([], reranker="rrf", weights=[0, 0]))
    assert weightless == {1: 0.0, 2: 0.0, 3: 0.0}
    with pytest.raises(ParamError, match="the length of weights param mismatch"):
        await hybrid(client, rerank([], reranker="rrf", weights=[1]))


async def test_weights_sum_scores_plain_or_normalised(client: Any) -> None:
    await made(client)
    for ranker in (
        WeightedRanker(0.25, 0.75, norm_score=False),
        rerank([], reranker="weighted", weights=[0.25, 0.75]),
    ):
        found = await hybrid(client, ranker)
        assert found == pytest.approx({1: 1.0, 3: 0.25 * 0.8 + 0.75 * 0.9, 2: 0.225 + 0.6})
    normal = await hybrid(client, WeightedRanker(0.25, 0.75))
    assert normal[1] == pytest.approx(0.5 + math.atan(1.0) / math.pi)


async def test_plain_distances_are_summed_and_the_smallest_comes_first(client: Any) -> None:
    await made(client, "L2")
    found = await hybrid(client, WeightedRanker(0.5, 0.5, norm_score=False))
    assert found == pytest.approx({1: 0.0, 2: 0.025, 3: 0.025}, abs=1e-6)
    assert next(iter(found)) == 1


async def test_a_decay_of_a_hybrid_search_merges_by_its_score_mode(client: Any) -> None:
    await made(client)
    params = {"reranker": "decay", "function": "exp", "origin": 0, "scale": 10}
    for mode, two in (("max", 0.9), ("sum", 1.7), ("avg", 0.85)):
        found = await hybrid(client, rerank(["age"], score_mode=mode, **params))
        assert found[2] == pytest.approx(two / 2)


async def test_hybrid_groups_rank_by_the_asked_for_score(client: Any) -> None:
    await made(client)
    everything = [AnnSearchRequest([[1.0, 0.0]], "v", {}, 4)]
    ranker = WeightedRanker(1.0, norm_score=False)
    for scorer, order in (("max", [1, 3, 2, 4]), ("avg", [1, 3, 2, 4])):
        found = await client.hybrid_search(
            "c",
            everything,
            ranker,
            group_by_field="kind",
            group_size=2,
            rank_group_scorer=scorer,
        )
        assert [hit["pk"] for hit in found[0]] == order
    found = await client.hybrid_search(
        "c", everything, ranker, limit=1, offset=1, group_by_field="kind"
    )
    assert [hit["pk"] for hit in found[0]] == [2]
    with pytest.raises(MilvusException, match="input group scorer type: best"):
        await client.hybrid_search(
            "c", everything, ranker, group_by_field="kind", rank_group_scorer="best"
        )


async def test_offset_and_order_work_on_the_merged_hits(client: Any) -> None:
    await made(client)
    assert list(await hybrid(client, RRFRanker(), limit=1, offset=2)) == [3]
    found = await hybrid(client, RRFRanker(), order_by="age:desc")
    assert list(found) == [3, 2, 1]


async def test_a_chain_computes_sorts_and_cuts(client: Any) -> None:
    await made(client)
    chain = (
        FunctionChain(FunctionChainStage.L2_RERANK, name="fresh")
        .map("fresh", fn.decay(col("age"), function="exp", origin=20, scale=10))
        .map("$score", fn.num_combine(col("$score"), col("fresh"), mode="weighted", weights=[1, 2]))
        .map("$score", fn.round_decimal(col("$score"), decimal=2))
        .sort(col("$score"), desc=True, tie_break_col=col("$id"))
        .limit(2, offset=1)
    )
    # 1: 1 + 2/4, 2: 0.9 + 2/2, 3: 0.8 + 2, 4: null, which sorts below all
    found = await scores(client, function_chains=chain)
    assert found == pytest.approx({2: 1.9, 1: 1.5})
    assert list(found) == [2, 1]


async def test_chains_treat_nulls_as_they_are_told(client: Any) -> None:
    await made(client)
    columns = (col("$score"), col("age"))
    expected = {"propagate": 0.0, "as_zero": 0.7, "skip": 0.7}
    for policy, score in expected.items():
        call = FunctionChainExpr("num_combine", columns, {"mode": "sum", "null_policy": policy})
        chain = FunctionChain(FunctionChainStage.L2_RERANK).map("$score", call).sort("$score")
        found = await scores(client, function_chains=[chain])
        assert found == pytest.approx({3: 20.8, 2: 10.9, 1: 1.0, 4: score})


async def test_what_a_chain_can_not_do_is_said(client: Any) -> None:
    await made(client)
    L2 = FunctionChainStage.L2_RERANK  # noqa: N806 - a stage's name
    boost = fn.xgboost(col("age"), model_resource="m")
    with pytest.raises(ParamError, match='xgboost: file resource "m" not found'):
        await ids(client, function_chains=FunctionChain(L2).map("$score", boost))
    strange = FunctionChainExpr("strange", (col("age"),), {})
    with pytest.raises(NotSupportedError, match="function 'strange' is not supported in chains"):
        await ids(client, function_chains=FunctionChain(L2).map("$score", strange))
    first = FunctionChain(FunctionChainStage.L0_RERANK).limit(1)
    told = r'op\[0\] type "limit" is not supported by L0 rerank function chain'
    with pytest.raises(ParamError, match=told):
        await ids(client, function_chains=first)
    model = fn.rerank_model(col("text"), queries=["q"], provider="vllm", endpoint="http://x")
    for stage, title in (
        (FunctionChainStage.L0_RERANK, "L0"),
        (FunctionChainStage.L1_RERANK, "L1"),
    ):
        with pytest.raises(ParamError, match=f"not supported by {title} rerank function chain"):
            await ids(client, function_chains=FunctionChain(stage).map("$score", model))
    early = FunctionChain(FunctionChainStage.INGESTION).limit(1)
    told = r"function chain\[1\] stage FunctionChainStageIngestion is not supported in search"
    with pytest.raises(ParamError, match=told):
        await ids(client, function_chains=[FunctionChain(L2).limit(1), early])
    twice = [FunctionChain(L2).limit(1), FunctionChain(L2).limit(1)]
    with pytest.raises(ParamError, match="stage FunctionChainStageL2Rerank appears more than once"):
        await ids(client, function_chains=twice)
    with pytest.raises(ParamError, match=r"function chain\[0\] must contain at least one op"):
        await ids(client, function_chains=FunctionChain(FunctionChainStage.L1_RERANK))
    with pytest.raises(ParamError, match="column nothing is neither a field nor computed"):
        await ids(client, function_chains=FunctionChain(L2).sort("nothing"))
    decayed = fn.decay(col("kind"), function="exp", origin=0, scale=1)
    with pytest.raises(ParamError, match="column kind: expected numeric type"):
        await ids(client, function_chains=FunctionChain(L2).map("$score", decayed))
    both = {"function_chains": FunctionChain(L2).limit(1), "ranker": rerank([], reranker="rrf")}
    with pytest.raises(ParamError, match="cannot be used together"):
        await ids(client, **both)


L0, L1, L2 = (FunctionChainStage(number) for number in (3, 4, 5))


def times(stage: FunctionChainStage, *factors: str) -> FunctionChain:
    """Return a chain that multiplies the score by fields, nulls counted as 0."""
    call = FunctionChainExpr(
        "num_combine",
        tuple(col(name) for name in ("$score", *factors)),
        {"mode": "multiply", "null_policy": "as_zero"},
    )
    return FunctionChain(stage).map("$score", call)


async def test_a_segments_best_hits_are_scored_before_all_are_merged(client: Any) -> None:
    await made(client)
    more = [{**row, "pk": row["pk"] + 10, "age": 5} for row in ROWS]
    await client.flush("c")
    await client.insert("c", more)
    for limit in (1, 2, 4, 8):
        # Of each segment so many hits as are wanted, by their distance.
        firsts = [*ROWS[:limit], *more[:limit]]
        wanted = {row["pk"]: row["v"][0] * (row["age"] or 0) for row in firsts}
        best = sorted(wanted, key=lambda pk: (-wanted[pk], pk))[:limit]
        found = await client.search(
            "c", [[1.0, 0.0]] * 2, anns_field="v", limit=limit, function_chains=times(L0, "age")
        )
        for hits in found:
            assert [hit["pk"] for hit in hits] == best
            told = [hit["distance"] for hit in hits]
            assert told == pytest.approx([wanted[pk] for pk in best], rel=1e-6)


async def test_stages_run_in_their_order_however_they_are_given(client: Any) -> None:
    await made(client)
    by_age = FunctionChain(L1).sort("age", desc=True).limit(3)
    assert await ids(client, function_chains=by_age) == [1, 2, 3]
    rounded = FunctionChain(L2).map("$score", fn.round_decimal(col("$score"), decimal=0))
    chains = [rounded.sort("$id", desc=True), by_age, times(L0, "age")]
    # L0: 0, 9, 16 and 0; L1 leaves out the null age; L2 sorts by key.
    assert await scores(client, function_chains=chains) == {3: 16.0, 2: 9.0, 1: 0.0}
    assert await ids(client, function_chains=chains) == [3, 2, 1]
    assert await ids(client, function_chains=chains[::-1]) == [3, 2, 1]


async def test_a_segments_chain_scores_distances_ranges_and_groups(client: Any) -> None:
    await made(client, metric="L2")
    # Distances 0, 0.01, 0.04 and 0.09: the largest product is the best from then on.
    assert await ids(client, function_chains=times(L0, "age")) == [3, 2, 1, 4]
    near = {"params": {"radius": 0.05}}
    found = await ids(client, function_chains=times(L0, "age"), search_params=near)
    assert found == [3, 2, 1]
    found = await ids(client, function_chains=times(L0, "age"), group_by_field="kind", group_size=1)
    assert found == [3, 2]


async def test_rerank_functions_and_groups_go_together(client: Any) -> None:
    await made(client)
    decay = rerank(["age"], reranker="decay", function="exp", origin=10, scale=10)
    found = await ids(client, ranker=decay, group_by_field="kind", group_size=1)
    assert found == [2, 1]


@pytest.mark.parametrize("ranker", [RRFRanker(), WeightedRanker(1.0)])
async def test_a_ranker_of_hybrid_searches_is_refused_by_a_search(client: Any, ranker: Any) -> None:
    await made(client)
    with pytest.raises(ParamError, match="The search ranker must be a Function or FunctionScore"):
        await ids(client, ranker=ranker)


async def test_a_score_of_no_functions_is_refused(client: Any) -> None:
    await made(client)
    with pytest.raises(ParamError, match="no rerank functions specified"):
        await ids(client, ranker=FunctionScore([]))


async def test_reads_that_have_no_chains_refuse_them_instead_of_leaving_them_out(
    client: Any,
) -> None:
    await made(client)
    chain = FunctionChain(FunctionChainStage.L0_RERANK).map(
        "$score", fn.round_decimal(col("$score"), decimal=1)
    )
    requests = [AnnSearchRequest([[1.0, 0.0]], "v", {}, 3)]
    with pytest.raises(ParamError, match="function_chains is not supported in hybrid_search"):
        await client.hybrid_search("c", requests, RRFRanker(), function_chains=chain)
    with pytest.raises(ParamError, match="function_chains is not supported in search_iterator"):
        await client.search_iterator("c", [[1.0, 0.0]], anns_field="v", function_chains=chain)
    with pytest.raises(ParamError, match="function_chains is not supported in query"):
        await client.query("c", filter="pk > 0", function_chains=chain)


async def test_explain_tells_the_chains_that_a_search_runs(client: Any) -> None:
    await made(client)
    chain = FunctionChain(FunctionChainStage.L2_RERANK).limit(2)
    plan = await client.explain("c", [[1.0, 0.0]], anns_field="v", function_chains=chain)
    assert "chain" in plan.reranking
