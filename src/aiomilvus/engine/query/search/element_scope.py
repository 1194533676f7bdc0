"""``element_scope``: how hits on elements become one for each entity, within a hybrid search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from aiomilvus.errors import MissingParamError, ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.query.candidates import Candidates

SCOPE = "element_scope"
_COLLAPSE = f"{SCOPE}.collapse"
_STRATEGIES = ("max", "sum", "avg", "topk_sum", "topk_avg")
_SUMS = ("sum", "topk_sum")
_LARGER = ("IP", "COSINE")


class Collapse(NamedTuple):
    """How the scores of an entity's elements become one.

    Attributes:
        strategy: ``max`` takes the best; ``sum`` and ``avg`` all that were found; ``topk_sum`` and
            ``topk_avg`` the best `topk` of them.
        topk: 0 for all.
    """

    strategy: str
    topk: int = 0


def collapse_of(params: Mapping[str, object]) -> Collapse | None:
    """Return what a request's parameters ask for, None where they say nothing.

    Raises:
        ParamError: ``element_scope`` is malformed, or asks for what there is not.
        MissingParamError: A part of it is missing.
    """
    if SCOPE not in params:
        return None
    scope = _object(params[SCOPE], SCOPE)
    _only(scope, SCOPE, ("collapse",))
    if "collapse" not in scope:
        raise MissingParamError(message=f"{_COLLAPSE} is required: missing parameter")
    collapse = _object(scope["collapse"], _COLLAPSE)
    _only(collapse, _COLLAPSE, ("strategy", "topk"))
    strategy = _strategy(collapse)
    if not strategy.startswith("topk"):
        if "topk" in collapse:
            _refuse(f"{_COLLAPSE}.topk is only valid for topk strategies")
        return Collapse(strategy)
    if "topk" not in collapse:
        message = f"{_COLLAPSE}.topk is required for strategy {strategy}: missing parameter"
        raise MissingParamError(message=message)
    topk = collapse["topk"]
    if type(topk) is not int:
        _refuse(f"{_COLLAPSE}.topk must be an integer")
    if topk < 1:
        _refuse(f"{_COLLAPSE}.topk must be positive")
    return Collapse(strategy, topk)


def _strategy(collapse: Mapping[str, object]) -> str:
    given = collapse.get("strategy")
    if given is None or (isinstance(given, str) and not given.strip()):
        raise MissingParamError(message=f"{_COLLAPSE}.strategy is required: missing parameter")
    if not isinstance(given, str):
        _refuse(f"{_COLLAPSE}.strategy must be a string")
    strategy = given.strip().lower()
    if strategy not in _STRATEGIES:
        _refuse(f"unsupported {_COLLAPSE}.strategy: {given}")
    return strategy


def _object(given: object, name: str) -> dict[str, object]:
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except msgspec.DecodeError as error:
            _refuse(f"{name} must be a JSON object: {error}")
    if not isinstance(given, dict):
        _refuse(f"{name} must be a JSON object: got {given!r}")
    return given


def _only(given: Mapping[str, object], name: str, known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            _refuse(f"unsupported {name} key: {key}")


def _refuse(message: str) -> NoReturn:
    raise ParamError(message=f"{message}: invalid parameter")


def check_scope(target: SearchTarget, collapse: Collapse) -> None:
    """Raise ParamError unless hits on the target can be collapsed so."""
    if not target.finds_elements:
        _refuse(
            f"{SCOPE} is only supported for element-level search on struct array vector sub-fields"
        )
    if collapse.strategy in _SUMS and target.spec.metric not in _LARGER:
        _refuse(
            f"{_COLLAPSE}.strategy {collapse.strategy} is only supported for positively related "
            f"metrics, {target.field.name} has {target.spec.metric}"
        )


def shared_struct(targets: Sequence[SearchTarget]) -> bool:
    """Return whether all are about elements of one struct, which are merged as elements then."""
    structs = {target.field.struct if target.finds_elements else "" for target in targets}
    return len(structs) == 1 and "" not in structs


def check_together(targets: Sequence[SearchTarget], collapses: Sequence[Collapse | None]) -> None:
    """Raise ParamError where all requests are about elements of one struct, and one collapses."""
    if shared_struct(targets) and any(collapses) and len(targets) > 1:
        _refuse(f"{SCOPE} is not allowed for same-struct element-level hybrid search")


def check_groups(
    targets: Sequence[SearchTarget], group_by: Sequence[str], primary: str, *, elements: bool
) -> None:
    """Raise ParamError for grouping by what elements, or lists of vectors, can't be grouped by.

    Args:
        targets: What the requests search.
        group_by: Names of fields, () for none.
        primary: Name of the primary key.
        elements: Whether elements are merged as such.
    """
    if not group_by:
        return
    if elements and tuple(group_by) != (primary,):
        _refuse(
            "only group by primary key is supported for same-struct element-level vector array "
            "fields in hybrid search"
        )
    for target in targets:
        name = target.field.name
        if target.finds_elements and not elements:
            _refuse(
                "group by search is only supported for same-struct element-level vector array "
                f"fields in hybrid search, fieldName:{name}"
            )
        if target.finds_lists:
            _refuse(
                "group by search is not supported for vector array (embedding-list) fields in "
                f"hybrid search, fieldName:{name}"
            )


def collapsed(hits: Candidates, collapse: Collapse, *, larger: bool) -> Candidates:
    """Return one hit for each entity of each query, best first.

    Args:
        hits: Elements with their rows, best first within each query.
        collapse: How.
        larger: Whether the largest score is the best.
    """
    query = np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets))
    named = np.stack([query, hits.owners, hits.rows])
    _, firsts, which = np.unique(named, axis=1, return_index=True, return_inverse=True)
    which = which.reshape(-1)
    scores = hits.scores.astype(np.float64)
    if collapse.topk:
        order = np.argsort(which, kind="stable")  # keeps the best of each entity first
        starts = np.searchsorted(which[order], which[order])
        counts = np.empty(len(which), np.bool_)
        counts[order] = np.arange(len(which)) - starts < collapse.topk
    else:
        counts = np.ones(len(which), np.bool_)
    if collapse.strategy == "max":
        made = scores[firsts]
    else:
        made = np.zeros(len(firsts), np.float64)
        np.add.at(made, which[counts], scores[counts])
        if collapse.strategy.endswith("avg"):
            made /= np.bincount(which[counts], minlength=len(firsts))
    ranked = np.lexsort([firsts, -made if larger else made, query[firsts]])
    picked = firsts[ranked]
    offsets = np.searchsorted(query[picked], np.arange(len(hits.offsets))).astype(np.int64)
    chosen = hits.pick(picked, offsets)
    return chosen._replace(scores=made[ranked].astype(np.float32), elements=None)
