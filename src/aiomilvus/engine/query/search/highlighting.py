"""Highlighters of a search: what they mark in which field, done to the hits that are returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.query.fields.fetch import gather
from aiomilvus.engine.query.rerank.arguments import check_names, decoded, invalid, truth
from aiomilvus.engine.query.search.semantic_highlighting import semantic_highlights
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.highlight import Query, Style, fragments, matches, query_of
from aiomilvus.engine.text.schema_functions import languages_of, optional_texts, query_analyzer
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.types import FunctionType, HighlightType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.engine.text.analyzer import Analyzer
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field

_NUMBERS = {"fragment_size": 1, "fragment_offset": 0, "num_of_fragments": 0}
_PARAMS = (*_NUMBERS, "pre_tags", "post_tags", "highlight_search_text", "highlight_query")
_UNREAD = "unmarshal highlight queries failed"
_TYPES = {"textmatch": False, "phrasematch": True}


def highlights_of(
    snapshot: Snapshot,
    op: Search,
    requests: Sequence[Search],
    places: Sequence[ViewRows],
    offsets: NDArray[np.int64],
) -> tuple[dict[str, Any], ...] | None:
    """Return the marked fragments of each hit, by field; None when no highlighter is asked for.

    Args:
        snapshot: What was searched.
        op: Has the highlighter.
        requests: The searches whose texts ``highlight_search_text`` means.
        places: Where the hits are.
        offsets: int64 (nq + 1,), which hits belong to which query.

    Raises:
        ParamError: The highlighter is wrong.
        NotSupportedError: It is a semantic one, and names no model.
        ModelError: The model failed.
    """
    given = op.extra.get("highlighter")
    if not given:
        return None
    params = given["params"]
    if int(given.get("type", 0)) == HighlightType.SEMANTIC:
        if len(requests) > 1:
            invalid("not support hybrid search with highlight now")
        return semantic_highlights(snapshot.schema, params, places, offsets)
    check_names("a lexical highlighter", params, _PARAMS)
    style = _style(params)
    nq = len(offsets) - 1
    wanted = _queries(snapshot, params, requests, nq)
    if not wanted:
        invalid("a highlighter needs highlight_search_text or a highlight_query")
    count = int(offsets[-1])
    query_of_hit = np.repeat(np.arange(nq), np.diff(offsets)).tolist()
    hits: tuple[dict[str, Any], ...] = tuple({} for _ in range(count))
    if not count:
        return hits
    for name, queries in wanted.items():
        field = snapshot.schema.by_name[name]
        column = BytesColumn.expect(gather(field, places))
        analyzers = _analyzers(snapshot, field, places, count)
        texts = optional_texts(column)
        for at, text in enumerate(texts):
            spans = matches(analyzers[at], text, queries[query_of_hit[at]]) if text else []
            marked = fragments(text or "", spans, style)
            hits[at][name] = {"fragments": marked, "scores": []}
    return hits


def _analyzers(
    snapshot: Snapshot, field: Field, places: Sequence[ViewRows], count: int
) -> list[Analyzer]:
    """Return the analyzer of each hit's text."""
    languages = languages_of(field)
    if languages is None:
        return [build_analyzer(field.params.get("analyzer_params"))] * count
    by = gather(snapshot.schema.by_name[languages.by_field], places)
    return [languages.analyzer(name) for name in optional_texts(BytesColumn.expect(by))]


def _style(params: Mapping[str, Any]) -> Style:
    given: dict[str, Any] = {}
    for name, least in _NUMBERS.items():
        if name in params:
            given[name] = _whole(params[name], name, least)
    for name in ("pre_tags", "post_tags"):
        if name in params:
            tags = decoded(params[name], name, list)
            if not tags or not all(isinstance(tag, str) for tag in tags):
                invalid(f"{name} cannot be empty list, and holds strings")
            given[name] = tuple(tags)
    return Style(**given)


def _whole(value: Any, name: str, least: int) -> int:
    try:
        number = least - 1 if isinstance(value, (bool, float)) else int(value)
    except (TypeError, ValueError):
        number = least - 1
    if number < least:
        invalid(f"invalid {name}: {value}, should be a whole number of at least {least}")
    return number


def _queries(
    snapshot: Snapshot, params: Mapping[str, Any], requests: Sequence[Search], nq: int
) -> dict[str, list[list[Query]]]:
    """Return what to mark in which field, for each query of the search."""
    found: dict[str, list[list[Query]]] = {}
    if truth(params.get("highlight_search_text", False), "highlight_search_text"):
        for request in requests:
            _add_search_text(snapshot, request, found)
        if not found:
            invalid("highlight_search_text needs a search by text of a BM25 function's field")
    for query in decoded(params.get("highlight_query", []), "highlight queries", list):
        field = _queried_field(snapshot, query)
        kind = str(query["type"]).replace("_", "").lower()
        if kind not in _TYPES:
            told = f"invalid highlight query type: {query['type']}"
            invalid(f"{_UNREAD}: {told}, should be TextMatch or PhraseMatch")
        analyzer = query_analyzer(field, "")
        made = query_of(analyzer, query["text"], phrase=_TYPES[kind])
        for queries in found.setdefault(field.name, [[] for _ in range(nq)]):
            queries.append(made)
    return found


def _queried_field(snapshot: Snapshot, query: Any) -> Field:
    if not isinstance(query, dict):
        invalid(f"{_UNREAD}: item in array is not json object")
    for name in ("text", "type", "field"):
        if name not in query:
            invalid(f"{_UNREAD}: must set `{name}` in query")
        if not isinstance(query[name], str):
            invalid(f"{_UNREAD}: `{name}` must be string, got {query[name]!r}")
    field = snapshot.schema.by_name.get(query["field"])
    if field is None:
        invalid(f"highlight field not found in schema: {query['field']}")
    if not field.is_analyzed:
        invalid(f"highlight field {field.name} has no analyzer")
    return field


def _add_search_text(
    snapshot: Snapshot, request: Search, found: dict[str, list[list[Query]]]
) -> None:
    """Add the texts of a full text search to what is marked in the field they are searched in."""
    if not isinstance(request.data, BytesColumn):
        return
    schema = snapshot.schema
    name = request.field or schema.vectors[0].name
    function = next((each for each in schema.functions if name in each.outputs), None)
    if function is None or function.type is not FunctionType.BM25:
        return
    field = schema.by_name[function.inputs[0]]
    analyzer = query_analyzer(field, str(request.params.get("analyzer_name", "") or ""))
    queries = found.setdefault(field.name, [[] for _ in range(len(request.data))])
    for mine, text in zip(queries, request.data, strict=True):
        mine.append(query_of(analyzer, text.decode()))
