"""What a ranker means for the searches of one operation, checked before anything is searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.query.rerank import boosted_trees
from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.chains import Chain, checked_chain, run_chain
from aiomilvus.engine.query.rerank.diversity import diversified
from aiomilvus.engine.query.rerank.fusion import Merge, fuse, is_larger_closer
from aiomilvus.engine.query.rerank.rank_functions import (
    Boosts,
    DecayFunction,
    Mmr,
    ModelFunction,
    checked_rrf,
    checked_weights,
    read_functions,
)
from aiomilvus.engine.query.rerank.rescoring import rescored
from aiomilvus.model.ranking import Chains, Rerank, Rrf, Weighted
from aiomilvus.model.types import MetricType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.query.rerank.fusion import Part
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.schema import Field, Schema


class Reranking(NamedTuple):
    """What is done to hits.

    Attributes:
        boosts: Done to each view's hits as they are found.
        merge: How the parts become one ranking; None leaves a search's hits as they are.
        rescore: Done to the merged hits.
        mmr: Chooses among the hits at last.
    """

    boosts: Boosts | None = None
    merge: Merge | None = None
    rescore: DecayFunction | ModelFunction | Chain | None = None
    mmr: Mmr | None = None

    @property
    def segment_chain(self) -> Chain | None:
        """The chain that scores the hits of each view as they are found, None for none."""
        chain = self.rescore
        return chain if isinstance(chain, Chain) and chain.segment else None

    def wanted(self, count: int, most: int) -> int:
        """Return how many hits to find of a search where `count` are wanted, `most` allowed."""
        return count if self.mmr is None else self.mmr.wanted(count, most)

    def check_ungrouped(self) -> None:
        """Raise ParamError if what is asked for has no meaning for groups of hits."""
        if self.mmr is not None:
            invalid("mmr reranker is not supported in a grouped or aggregated search")


NOTHING = Reranking()


def reranking_of(
    schema: Schema, ranker: Any, parts: int | None, searched: Field | None = None
) -> Reranking:
    """Return what `ranker` means.

    Args:
        schema: Of the collection.
        ranker: A spec of `model.ranking`, or None.
        parts: How many requests a hybrid search has; None for a plain search.
        searched: The field of a plain search.

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
    if isinstance(function, Mmr):
        merged = None if parts is None else Merge("rrf")
        return Reranking(boosts, merged, mmr=function.comparing(searched))
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
    count: int,
) -> Candidates:
    """Return the hits of the parts as one ranking; their owners are numbers in `views`.

    Args:
        snapshot: What was searched.
        views: What was read of it.
        parts: What was found.
        reranking: What is done to it.
        count: How many hits of each query are wanted.

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
    mmr = reranking.mmr
    if mmr is not None:
        larger = ranks_descending(reranking, [part.metric for part in parts])
        name, diversity = mmr.field, mmr.diversity
        field = snapshot.schema.by_name[name]
        return diversified(snapshot, views, hits, field, diversity, count, larger=larger)
    return hits


def ranks_descending(reranking: Reranking, metrics: Sequence[str]) -> bool:
    """Return whether the best of the reranked hits has the largest score."""
    merge = reranking.merge
    if merge is None and reranking.rescore is None:
        return MetricType(metrics[0]).larger_is_closer
    return merge is None or merge.kind == "rrf" or is_larger_closer(merge, metrics)


def takes_long(ranker: Any) -> bool:
    """Return whether a ranker may call a model, or compares hits with each other."""
    if isinstance(ranker, Rerank):
        kinds = (str(function.params.get("reranker", "")) for function in ranker.functions)
        return any(kind.lower() not in ("rrf", "weighted", "decay", "boost") for kind in kinds)
    if isinstance(ranker, Chains):
        calls = [op.get("expr") for chain in ranker.chains for op in chain["ops"]]
        return any(call and call["name"] in ("rerank_model", boosted_trees.NAME) for call in calls)
    return False


def described(reranking: Reranking, count: int, most: int) -> str:
    """Return what is done to hits, for people; "" for nothing.

    Args:
        reranking: What is done.
        count: How many hits of each query are wanted.
        most: How many may be found.
    """
    steps = []
    if reranking.boosts is not None:
        number = len(reranking.boosts.boosts)
        steps.append(f"{number} boost{'s' if number > 1 else ''}")
    if reranking.merge is not None and reranking.merge.kind in ("rrf", "weighted"):
        steps.append(reranking.merge.kind)
    rescore, mmr = reranking.rescore, reranking.mmr
    if isinstance(rescore, DecayFunction):
        steps.append(f"decay of {rescore.field}")
    elif isinstance(rescore, ModelFunction):
        steps.append(f"model on {rescore.field}")
    elif rescore is not None:
        stages = (rescore.segment, rescore.node, rescore.operations)
        steps += [f"function chain L{at}" for at, stage in enumerate(stages) if stage]
    if mmr is not None:
        wanted = mmr.wanted(count, most)
        steps.append(f"mmr with diversity {mmr.diversity:g}, {count} of {wanted} candidates")
    return ", then ".join(steps)
