"""Hybrid search: several searches, each with its own filter, merged by rank or by score.

Reciprocal rank fusion: Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms Condorcet
and individual rank learning methods", SIGIR 2009. Score normalisation is Milvus': arctangents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.grouping import grouped
from aiomilvus.engine.query.search_rules import check_group_fields, check_hybrid
from aiomilvus.engine.query.searches import Plan, find, finish, plan_search
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.operations.data import Search
from aiomilvus.model.ranking import Rerank, Rrf, Weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.contracts import SegmentView, Snapshot
    from aiomilvus.model.operations.data import HybridSearch
    from aiomilvus.model.results import SearchResult

MAX_K = 16_384


def run_hybrid(snapshot: Snapshot, op: HybridSearch) -> SearchResult:
    """Return the merged hits of the requests.

    Raises:
        ParamError: The requests or the ranker are wrong.
        NotSupportedError: The engine does not serve the ranker.
    """
    check_hybrid(op)
    ranker = checked_ranker(op)
    requests = [_request(op, request) for request in op.requests]
    plans = [plan_search(snapshot, request) for request in requests]
    parts = [
        find(snapshot, request, plan, request.limit)
        for request, plan in zip(requests, plans, strict=True)
    ]
    views = _views(snapshot, plans)
    whole = fuse(ranker, views, plans, parts)
    as_search = Search(
        collection=op.collection, output_fields=op.output_fields, round_decimal=op.round_decimal
    )
    if op.group_by:
        check_group_fields(snapshot, op.group_by)
        hits, group = grouped(snapshot, op, views, lambda k: whole.window(0, max(k, 1)))
        return finish(snapshot, views, as_search, hits, group)
    return finish(snapshot, views, as_search, whole.window(op.offset, op.limit))


def _views(snapshot: Snapshot, plans: list[Plan]) -> tuple[SegmentView, ...]:
    """Return the views that any plan reads: requests may name different partitions."""
    read = {view.segment.id for plan in plans for view in plan.views}
    return tuple(view for view in snapshot.views if view.segment.id in read)


def _request(op: HybridSearch, request: Search) -> Search:
    return msgspec.structs.replace(
        request,
        offset=0,
        partitions=request.partitions or op.partitions,
        ignore_growing=request.ignore_growing or op.ignore_growing,
        time_zone=request.time_zone or op.time_zone,
    )


def checked_ranker(op: HybridSearch) -> Rrf | Weighted:
    """Return the ranker, rerank functions ``rrf`` and ``weighted`` included.

    Raises:
        ParamError: Its parameters are out of range.
        NotSupportedError: It is of another kind.
    """
    ranker = op.ranker
    if isinstance(ranker, Rerank) and len(ranker.functions) == 1:
        ranker = _of_function(ranker)
    if ranker is None:
        ranker = Rrf()
    if isinstance(ranker, Rrf):
        if not 0 < ranker.k < MAX_K:
            message = f"rank params k should be in range (0, {MAX_K}), but got {ranker.k}"
            raise ParamError(message=f"The {message}: invalid parameter")
        return ranker
    if isinstance(ranker, Weighted):
        _check_weights(op, ranker)
        return ranker
    message = "this kind of rerank function is not supported by the embedded engine yet"
    raise NotSupportedError(message=message)


def _of_function(ranker: Rerank) -> Rrf | Weighted | Rerank:
    params = ranker.functions[0].params
    kind = str(params.get("reranker", "")).lower()
    if kind == "rrf":
        return Rrf(k=int(params.get("k", 60)))
    if kind == "weighted":
        weights = params.get("weights", ())
        if isinstance(weights, str):
            weights = msgspec.json.decode(weights)
        norm = str(params.get("norm_score", "true")).lower() == "true"
        return Weighted(weights=tuple(float(w) for w in weights), norm_score=norm)
    return ranker


def _check_weights(op: HybridSearch, ranker: Weighted) -> None:
    if len(ranker.weights) != len(op.requests):
        message = (
            f"the length of weights param mismatch with ann search requests: invalid parameter"
            f"[expected={len(op.requests)}][actual={len(ranker.weights)}]"
        )
        raise ParamError(message=message)
    for weight in ranker.weights:
        if not 0 <= weight <= 1:
            message = f"rank param weight should be in range [0, 1]: got {weight}"
            raise ParamError(message=f"{message}: invalid parameter")


def fuse(
    ranker: Rrf | Weighted,
    views: tuple[SegmentView, ...],
    plans: list[Plan],
    parts: list[Candidates],
) -> Candidates:
    """Return all hits of the parts, each once, ranked by their fused scores.

    The owners of the hits are numbers in `views`, which hold the views of every plan.
    An entity's score is the sum over the parts that found it; ties go to the entity that an
    earlier part found first.
    """
    sizes = [0]
    for view in views:
        sizes.append(sizes[-1] + view.num_rows)
    base = np.array(sizes, np.int64)
    starts = {view.segment.id: start for view, start in zip(views, sizes, strict=False)}
    bases = [np.array([starts[v.segment.id] for v in p.views], np.int64) for p in plans]
    nq = len(parts[0].offsets) - 1
    scored = [
        _scores(ranker, at, plan, part)
        for at, (plan, part) in enumerate(zip(plans, parts, strict=True))
    ]
    fused = []
    for query in range(nq):
        spans = [slice(int(p.offsets[query]), int(p.offsets[query + 1])) for p in parts]
        entities = np.concatenate(
            [b[p.owners[s]] + p.rows[s] for b, p, s in zip(bases, parts, spans, strict=True)]
        )
        scores = np.concatenate([x[s] for x, s in zip(scored, spans, strict=True)])
        distinct, first, which = np.unique(entities, return_index=True, return_inverse=True)
        sums = np.bincount(which, weights=scores, minlength=len(distinct))
        order = np.lexsort((first, -sums))
        fused.append((distinct[order], sums[order]))
    offsets = np.zeros(nq + 1, np.int64)
    np.cumsum([len(entities) for entities, _ in fused], out=offsets[1:])
    entities = np.concatenate([entities for entities, _ in fused])
    scores = np.concatenate([sums for _, sums in fused]).astype(np.float32)
    owners = np.searchsorted(base, entities, "right") - 1
    return Candidates(offsets, scores, owners, entities - base[owners])


def _scores(ranker: Rrf | Weighted, at: int, plan: Plan, part: Candidates) -> NDArray[np.float64]:
    """Return what each hit of one part adds to its entity's score."""
    if isinstance(ranker, Rrf):
        starts = np.repeat(part.offsets[:-1], np.diff(part.offsets))
        ranks = np.arange(len(part.rows)) - starts + 1
        return 1.0 / (ranker.k + ranks)
    normal = normalised(part.scores, plan.target.spec.metric, norm=ranker.norm_score)
    return ranker.weights[at] * normal


def normalised(
    scores: NDArray[np.float32], metric: str, *, norm: bool = True
) -> NDArray[np.float64]:
    """Return scores where larger is closer; brought to 0 … 1 with `norm`."""
    values = scores.astype(np.float64)
    if metric not in ("IP", "COSINE", "BM25"):
        return 1.0 - 2.0 * np.arctan(values) / np.pi
    if not norm:
        return values
    if metric == "COSINE":
        return (1.0 + values) * 0.5
    if metric == "BM25":
        return 2.0 * np.arctan(values) / np.pi
    return 0.5 + np.arctan(values) / np.pi
