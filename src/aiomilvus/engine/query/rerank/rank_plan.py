"""What a ranker means for the searches of one operation, checked before anything is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.chains import Chain, checked_chain, run_chain
from aiomilvus.engine.query.rerank.fusion import Merge, fuse, is_larger_closer
from aiomilvus.engine.query.rerank.rank_functions import (
    Boosts,
    DecayFunction,
    ModelFunction,
    checked_rrf,
    checked_weights,
    read_functions,
)
from aiomilvus.engine.query.rerank.rescoring import rescored
from aiomilvus.model.ranking import Chains, Rerank, Rrf, Weighted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.query.rerank.fusion import Part
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.schema import Schema


class Reranking(NamedTuple):
    """What is done to hits.

    Attributes:
        boosts: Done to each view's hits as they are found.
        merge: How the parts become one ranking; None leaves a search's hits as they are.
        rescore: Done to the merged hits.
    """

    boosts: Boosts | None = None
    merge: Merge | None = None
    rescore: DecayFunction | ModelFunction | Chain | None = None


NOTHING = Reranking()


def reranking_of(schema: Schema, ranker: Any, parts: int | None) -> Reranking:
    """Return what `ranker` means.

    Args:
        schema: Of the collection.
        ranker: A spec of `model.ranking`, or None.
        parts: How many requests a hybrid search has; None for a plain search.

    Raises:
        ParamError: The ranker or a parameter is wrong.
        NotSupportedError: This engine does not serve it.
    """
    if ranker is None:
        return NOTHING if parts is None else Reranking(merge=Merge("rrf"))
    if isinstance(ranker, Chains):
        if parts is not None:
            invalid("function_chains is not supported for hybrid_search yet")
        return Reranking(rescore=checked_chain(schema, ranker))
    boosts, function = None, ranker
    if isinstance(ranker, Rerank):
        if not ranker.functions:
            invalid("rerank_builder: no rerank functions specified")
        boosts, function = read_functions(schema, ranker)
    if function is None:
        merged = None if parts is None else Merge("rrf")
        return Reranking(boosts, merged)
    merge = _merge(function, 1 if parts is None else parts)
    rescored_by = function if isinstance(function, (DecayFunction, ModelFunction)) else None
    return Reranking(boosts, merge, rescored_by)


def _merge(function: Rrf | Weighted | DecayFunction | ModelFunction, parts: int) -> Merge:
    if isinstance(function, Rrf):
        checked = checked_rrf(function, parts)
        return Merge("rrf", k=checked.k, weights=checked.weights or ())
    if isinstance(function, Weighted):
        checked_weights(function, parts)
        return Merge("weighted", weights=function.weights, norm=function.norm_score)
    if isinstance(function, DecayFunction):
        return Merge(function.score_mode, norm=function.norm_score, directed=True)
    return Merge("found")


def reranked(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    parts: Sequence[Part],
    reranking: Reranking,
) -> Candidates:
    """Return the hits of the parts as one ranking; their owners are numbers in `views`.

    Raises:
        ParamError: A function's parameters do not fit the hits.
        ModelError: A model failed.
    """
    hits = parts[0].hits
    if reranking.merge is not None:
        hits = fuse(snapshot, views, parts, reranking.merge)
    if isinstance(reranking.rescore, Chain):
        return run_chain(snapshot, views, hits, reranking.rescore)
    if reranking.rescore is not None:
        return rescored(snapshot, views, hits, reranking.rescore)
    return hits


def ranks_descending(reranking: Reranking, metrics: Sequence[str]) -> bool:
    """Return whether the best of the reranked hits has the largest score."""
    merge = reranking.merge
    return merge is None or merge.kind == "rrf" or is_larger_closer(merge, metrics)


def asks_model(ranker: Any) -> bool:
    """Return whether a ranker may call a model, which takes long."""
    if isinstance(ranker, Rerank):
        kinds = (str(function.params.get("reranker", "")) for function in ranker.functions)
        return any(kind.lower() not in ("rrf", "weighted", "decay", "boost") for kind in kinds)
    if isinstance(ranker, Chains):
        calls = [op.get("expr") for chain in ranker.chains for op in chain["ops"]]
        return any(call and call["name"] == "rerank_model" for call in calls)
    return False
