"""Fusing the hits of several searches into one ranking, by rank or by score.

Reciprocal rank fusion: Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms Condorcet
and individual rank learning methods", SIGIR 2009. Score normalisation is Milvus': arctangents.
Ties go to the smaller primary key, as in Milvus.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import ranks
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.types import MetricType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot


class Part(NamedTuple):
    """What one search found, in which views, by which metric.

    Hits that are elements of structs are merged as such where those of all parts are.
    """

    hits: Candidates
    views: tuple[SegmentView, ...]
    metric: str


class Merge(NamedTuple):
    """How the scores of one entity in several parts become one.

    Attributes:
        kind: ``rrf``, ``weighted``, ``max``, ``sum``, ``avg``, or ``found``: the largest score
            as it is, for those who replace it anyway.
        k: Constant of ``rrf``.
        weights: Of ``weighted``, one per part; of ``rrf``, too, or none for 1 each.
        norm: Whether scores are brought to 0 … 1 first.
        directed: Whether distances become similarities even when all parts have distances.
    """

    kind: str
    k: float = 60.0
    weights: tuple[float, ...] = ()
    norm: bool = False
    directed: bool = False

    def weight(self, part: int) -> float:
        """Return the weight of a part."""
        return self.weights[part] if self.weights else 1.0


def fuse(
    snapshot: Snapshot, views: tuple[SegmentView, ...], parts: Sequence[Part], merge: Merge
) -> Candidates:
    """Return all hits of the parts, each once, ranked by their merged scores.

    Args:
        snapshot: What was searched.
        views: The views of every part; the owners of the result are numbers in them.
        parts: What was found, for the same queries.
        merge: How.
    """
    base = [0, *accumulate(view.num_rows for view in views)]
    starts = {view.segment.id: at for view, at in zip(views, base, strict=False)}
    larger = merge.kind == "rrf" or is_larger_closer(merge, [part.metric for part in parts])
    few = sum(len(part.hits.rows) for part in parts) <= _FEW
    width = _width(parts)
    if few and len(parts[0].hits.offsets) == 2:
        keys, scores = _merged_few(parts, merge, starts, width)
        offsets = np.array([0, len(keys)], np.int64)
        entities = np.array(keys, np.int64)
    else:
        total = max(base[-1], 1) * max(width, 1)
        offsets, entities, scores = _merged(parts, merge, starts, total, width)
    elements = None
    if width:
        entities, elements = np.divmod(entities, width)
    if len(views) == 1:
        owners, rows = np.zeros(len(entities), np.int64), entities
    else:
        edges = np.array(base, np.int64)
        owners = np.searchsorted(edges, entities, "right") - 1
        rows = entities - edges[owners]
    whole = Candidates(offsets, scores, owners, rows, elements)
    return ranked(snapshot, views, whole, scores, larger=larger)


def _width(parts: Sequence[Part]) -> int:
    """Return what numbers elements within their entities' numbers; 0 where hits are entities."""
    found = [part.hits.elements for part in parts if len(part.hits.rows)]
    known = [elements for elements in found if elements is not None]
    if not known or len(known) < len(found):
        return 0
    return 1 + max(int(elements.max()) for elements in known)


def _merged(
    parts: Sequence[Part], merge: Merge, starts: dict[int, int], total: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the entities of all queries end to end, with their offsets and merged scores."""
    nq = len(parts[0].hits.offsets) - 1
    keys = np.concatenate([_keys(part, starts, total, width) for part in parts])
    scores = np.concatenate([_scores(part, at, parts, merge) for at, part in enumerate(parts)])
    distinct, which = np.unique(keys, return_inverse=True)
    combined = _combined(merge.kind, which, scores, len(distinct))
    offsets = np.zeros(nq + 1, np.int64)
    np.cumsum(np.bincount(distinct // total, minlength=nq), out=offsets[1:])
    return offsets, distinct % total, combined


def _merged_few(
    parts: Sequence[Part], merge: Merge, starts: dict[int, int], width: int
) -> tuple[list[int], NDArray[np.float32]]:
    """Return the entities of one query and their merged scores, as `_merged` would.

    A few hits are summed in a dictionary in a tenth of the time that arrays take to set up.
    """
    found: dict[int, list[float]] = {}
    for at, part in enumerate(parts):
        base = [starts[view.segment.id] for view in part.views]
        owned = zip(part.hits.owners.tolist(), part.hits.rows.tolist(), strict=True)
        numbers = [base[owner] + row for owner, row in owned]
        if width and part.hits.elements is not None:
            inner = zip(numbers, part.hits.elements.tolist(), strict=True)
            numbers = [number * width + element for number, element in inner]
        scores = (
            [merge.weight(at) / (merge.k + rank) for rank in range(1, len(numbers) + 1)]
            if merge.kind == "rrf"
            else _scores(part, at, parts, merge).tolist()
        )
        for number, score in zip(numbers, scores, strict=True):
            found.setdefault(number, []).append(score)
    return list(found), np.array([_COMBINE[merge.kind](each) for each in found.values()], "f4")


_FEW = 256
_COMBINE: dict[str, Callable[[list[float]], float]] = {
    "rrf": sum,
    "weighted": sum,
    "sum": sum,
    "max": max,
    "found": max,
    "avg": lambda scores: sum(scores) / len(scores),
}


def ranked(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    hits: Candidates,
    scores: NDArray[np.float32],
    *,
    larger: bool = True,
    last: NDArray[np.bool_] | None = None,
) -> Candidates:
    """Return the hits sorted by new scores within each query; ties go to smaller keys.

    Elements of one entity that tie come by their place in it.

    Args:
        snapshot: What was searched.
        views: What the hits' owners number.
        hits: In any order within their queries.
        scores: float32 (hits,).
        larger: Whether the largest score is first.
        last: Hits that come last, whatever their score.
    """
    if not len(hits.rows):
        return hits
    keys = gather(snapshot.schema.primary, places_of(views, hits.owners, hits.rows))
    # What ties are broken by: numbers as they are, texts by their ranks.
    plain = keys.values if isinstance(keys, FixedColumn) else ranks(keys)
    by: list[NDArray[Any]] = [plain, -scores if larger else scores]
    if hits.elements is not None:
        by.insert(0, hits.elements)
    if last is not None:
        by.append(last)
    if len(hits.offsets) > 2:
        by.append(np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets)))
    order = np.lexsort(by)
    return hits.pick(order, hits.offsets)._replace(scores=scores[order])


def is_larger_closer(merge: Merge, metrics: Sequence[str]) -> bool:
    """Return whether larger merged scores are better: not for sums of plain distances."""
    if merge.norm or merge.directed or merge.kind == "found":
        return True
    return any(MetricType(metric).larger_is_closer for metric in metrics)


def normalised(
    scores: NDArray[np.float32], metric: str, *, norm: bool = True
) -> NDArray[np.float64]:
    """Return scores where larger is closer; brought to 0 … 1 with `norm`."""
    values = scores.astype(np.float64)
    if not MetricType(metric).larger_is_closer:
        return 1.0 - 2.0 * np.arctan(values) / np.pi
    if not norm:
        return values
    if metric == "COSINE":
        return (1.0 + values) * 0.5
    if metric == "BM25":
        return 2.0 * np.arctan(values) / np.pi
    return 0.5 + np.arctan(values) / np.pi


def _keys(part: Part, starts: dict[int, int], total: int, width: int) -> NDArray[np.int64]:
    """Return one number for each query and entity, or element of one."""
    hits = part.hits
    query = np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets))
    base = np.array([starts[view.segment.id] for view in part.views], np.int64)
    if not len(base):
        return np.empty(0, np.int64)
    numbers = base[hits.owners] + hits.rows
    if width and hits.elements is not None:
        numbers = numbers * width + hits.elements
    return query * total + numbers


def _scores(part: Part, at: int, parts: Sequence[Part], merge: Merge) -> NDArray[np.float64]:
    """Return what each hit of one part adds to its entity's score."""
    hits = part.hits
    if merge.kind == "rrf":
        starts = np.repeat(hits.offsets[:-1], np.diff(hits.offsets))
        places = (np.arange(len(hits.rows)) - starts + 1).astype(np.float64)
        return merge.weight(at) / (merge.k + places)
    if merge.kind == "found" or not is_larger_closer(merge, [each.metric for each in parts]):
        scores = hits.scores.astype(np.float64)
    else:
        scores = normalised(hits.scores, part.metric, norm=merge.norm)
    return merge.weights[at] * scores if merge.kind == "weighted" else scores


def _combined(
    kind: str, which: NDArray[np.int64], scores: NDArray[np.float64], count: int
) -> NDArray[np.float32]:
    if kind in ("max", "found"):
        largest = np.full(count, -np.inf)
        np.maximum.at(largest, which, scores)
        return largest.astype(np.float32)
    sums = np.bincount(which, weights=scores, minlength=count).astype(np.float64)
    if kind == "avg":
        sums = sums / np.maximum(np.bincount(which, minlength=count), 1)
    return sums.astype(np.float32)
