"""Fusion of random hits against a plain dictionary, for few hits and for many."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.rerank import fusion
from aiomilvus.engine.query.rerank.fusion import Merge, Part, fuse
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

ROWS = 8
SCHEMA = Schema(fields=(Field(id=100, name="pk", dtype=DataType.INT64, is_primary=True),))


def view(number: int) -> Any:
    """Return a view whose row r has the key 1000 - 8 · number - r."""
    keys = 1000 - ROWS * number - np.arange(ROWS, dtype=np.int64)
    segment = SimpleNamespace(id=number, column=lambda _field: FixedColumn(keys))
    return SimpleNamespace(segment=segment, num_rows=ROWS)


VIEWS = (view(0), view(1))
SNAPSHOT: Any = SimpleNamespace(schema=SCHEMA)
SCORES = st.integers(-8, 8).map(lambda eighths: eighths / 8)
HITS = st.dictionaries(st.tuples(st.integers(0, 1), st.integers(0, ROWS - 1)), SCORES, max_size=10)


def part(queries: list[dict[tuple[int, int], float]], metric: str) -> Part:
    larger = metric != "L2"
    ordered = [sorted(q.items(), key=lambda hit: -hit[1] if larger else hit[1]) for q in queries]
    flat = [hit for query in ordered for hit in query]
    hits = Candidates(
        np.cumsum([0, *map(len, ordered)]),
        np.array([score for _, score in flat], np.float32),
        np.array([place[0] for place, _ in flat], np.int64),
        np.array([place[1] for place, _ in flat], np.int64),
    )
    return Part(hits, VIEWS, metric)


def expected(merge: Merge, parts: list[Part], query: int) -> list[tuple[int, float]]:
    """Return (key, score) of one query, best first, by the plainest means."""
    found: dict[int, list[float]] = {}
    plain_distances = merge.kind != "rrf" and {each.metric for each in parts} == {"L2"}
    plain_distances = plain_distances and not (merge.norm or merge.directed)
    for at, each in enumerate(parts):
        span = range(int(each.hits.offsets[query]), int(each.hits.offsets[query + 1]))
        for rank, hit in enumerate(span, 1):
            key = 1000 - ROWS * int(each.hits.owners[hit]) - int(each.hits.rows[hit])
            score = float(each.hits.scores[hit])
            if merge.kind == "rrf":
                score = merge.weight(at) / (merge.k + rank)
            elif each.metric == "L2" and not plain_distances:
                score = 1 - 2 * math.atan(score) / math.pi
            elif merge.norm:
                score = (1 + score) / 2
            found.setdefault(key, []).append(
                score * merge.weights[at] if merge.kind == "weighted" else score
            )
    combine: Any = {"max": max, "avg": lambda all_: sum(all_) / len(all_)}.get(merge.kind, sum)
    merged = [(key, float(np.float32(combine(each)))) for key, each in found.items()]
    return sorted(merged, key=lambda hit: (hit[1] if plain_distances else -hit[1], hit[0]))


@pytest.mark.parametrize("few", [0, 10_000])
@given(
    queries=st.integers(1, 3).flatmap(
        lambda nq: st.lists(st.lists(HITS, min_size=nq, max_size=nq), min_size=2, max_size=2)
    ),
    metrics=st.tuples(st.sampled_from(["COSINE", "L2"]), st.sampled_from(["COSINE", "L2"])),
    merge=st.sampled_from(
        [
            Merge("rrf", k=10),
            Merge("rrf", k=10, weights=(0.25, 0.5)),
            Merge("weighted", weights=(0.25, 0.5)),
            Merge("weighted", weights=(1.0, 0.5), norm=True),
            Merge("max", directed=True),
            Merge("sum", directed=True),
            Merge("avg", norm=True),
        ]
    ),
)
def test_fusion_is_what_a_dictionary_makes(
    few: int, queries: list[Any], metrics: tuple[str, str], merge: Merge
) -> None:
    parts = [part(hits, metric) for hits, metric in zip(queries, metrics, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "_FEW", few)
        found = fuse(SNAPSHOT, VIEWS, parts, merge)
    for query in range(len(queries[0])):
        span = slice(int(found.offsets[query]), int(found.offsets[query + 1]))
        keys = 1000 - ROWS * found.owners[span] - found.rows[span]
        wanted = expected(merge, parts, query)
        assert found.scores[span].tolist() == pytest.approx([score for _, score in wanted])
        if len({round(score, 5) for _, score in wanted}) == len(wanted):
            assert keys.tolist() == [key for key, _ in wanted]
        else:
            assert sorted(keys.tolist()) == sorted(key for key, _ in wanted)
