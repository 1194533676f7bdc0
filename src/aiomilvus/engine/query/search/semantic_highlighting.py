"""Semantic highlighters: the sentences of a hit's text that a model finds close to its query.

The model is a reranker: a function that was registered, under the name that the highlighter calls
``model_deployment_id``, or a hosted ``provider`` with its parameters. Words are `highlighting`'s.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.providers.rerankers import reranker_of
from aiomilvus.engine.query.fields.fetch import gather
from aiomilvus.engine.query.rerank.arguments import decoded, invalid, number, truth
from aiomilvus.engine.text.schema_functions import optional_texts
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.providers.rerankers import Reranker
    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.model.schema import Schema

    Shown = dict[str, list[str] | list[float]]
    Highlights = tuple[dict[str, Shown], ...]

_MARKS = ".!?。！？"
_END = re.compile(rf"(?:[!?。！？]|\.(?=[\s{_MARKS}]|$))+|\n")
"""Where a sentence ends: a full stop does so before a blank only, 3.14 is one number."""
_THRESHOLD = 0.5
_OWN = (
    "queries",
    "input_fields",
    "pre_tags",
    "post_tags",
    "threshold",
    "highlight_only",
    "model_deployment_id",
)


class _Asked(NamedTuple):
    """What a highlighter asks for; see `SemanticHighlighter`."""

    queries: list[str]
    fields: list[str]
    pre_tags: list[str]
    post_tags: list[str]
    threshold: float
    only: bool
    model: Reranker


def semantic_highlights(
    schema: Schema,
    params: Mapping[str, object],
    places: Sequence[ViewRows],
    offsets: NDArray[np.int64],
) -> Highlights:
    """Return the marked sentences of each hit, by field, with the model's scores.

    Args:
        schema: Of the collection.
        params: The highlighter's.
        places: Where the hits are.
        offsets: int64 (nq + 1,), which hits belong to which query.

    Raises:
        ParamError: The highlighter is wrong.
        NotSupportedError: It names no model.
        ModelError: The model failed.
    """
    asked = _asked(schema, params, len(offsets) - 1)
    hits: Highlights = tuple({} for _ in range(int(offsets[-1])))
    for name in asked.fields if hits else ():
        texts = optional_texts(BytesColumn.expect(gather(schema.by_name[name], places)))
        for at, query in enumerate(asked.queries):
            first, last = int(offsets[at]), int(offsets[at + 1])
            marked = _of_query(asked, query, [text or "" for text in texts[first:last]])
            for hit, made in zip(hits[first:last], marked, strict=True):
                hit[name] = made
    return hits


def _of_query(asked: _Asked, query: str, texts: list[str]) -> list[Shown]:
    """Return what is shown of each text; the model is asked of all their sentences at once."""
    spans = [_sentences(text) for text in texts]
    sentences = [text[a:b] for text, found in zip(texts, spans, strict=True) for a, b in found]
    scores = asked.model.scores(query, sentences).tolist()
    shown = []
    for text, found in zip(texts, spans, strict=True):
        mine, scores = scores[: len(found)], scores[len(found) :]
        best = [(*span, s) for span, s in zip(found, mine, strict=True) if s >= asked.threshold]
        shown.append(_shown(asked, text, best))
    return shown


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end, without the blanks around them."""
    end_if_abandoned()
    found = []
    start = 0
    for stop in (*(match.end() for match in _END.finditer(text)), len(text)):
        piece = text[start:stop]
        sentence = piece.strip()
        if sentence.strip(_MARKS):
            first = start + len(piece) - len(piece.lstrip())
            found.append((first, first + len(sentence)))
        start = stop
    return found


def _shown(asked: _Asked, text: str, best: list[tuple[int, int, float]]) -> Shown:
    """Return the sentences within their tags: each for itself, or all within the whole text."""
    pieces, whole, done = [], "", 0
    for at, (start, stop, _) in enumerate(best):
        tags = asked.pre_tags[at % len(asked.pre_tags)], asked.post_tags[at % len(asked.post_tags)]
        pieces.append(f"{tags[0]}{text[start:stop]}{tags[1]}")
        whole += text[done:start] + pieces[-1]
        done = stop
    scores = [score for *_, score in best]
    if asked.only or not best:
        return {"fragments": pieces, "scores": scores}
    return {"fragments": [whole + text[done:]], "scores": [max(scores)]}


def _asked(schema: Schema, params: Mapping[str, object], nq: int) -> _Asked:
    queries = _texts(params, "queries", "queries")
    fields = _texts(params, "input_fields", "input_field")
    if len(queries) != nq:
        told = f"queries size [{len(queries)}]"
        invalid(f"nq must equal to queries size, but got nq [{nq}], {told}")
    for name in fields:
        field = schema.by_name.get(name)
        if field is None:
            invalid(f"input_field {name} not found in schema")
        if not field.dtype.is_string:
            invalid(f"input_field {name} is not a VarChar or Text field")
    threshold = number(params.get("threshold", _THRESHOLD), "threshold")
    if not 0 <= threshold <= 1:
        invalid(f"threshold should be in range [0, 1], got {threshold:g}")
    return _Asked(
        queries,
        fields,
        _texts(params, "pre_tags", "pre_tags", ["<em>"]),
        _texts(params, "post_tags", "post_tags", ["</em>"]),
        float(np.float32(threshold)),  # as scores are
        truth(params.get("highlight_only", False), "highlight_only"),
        _model(params),
    )


def _texts(
    params: Mapping[str, object], name: str, told: str, default: list[str] | None = None
) -> list[str]:
    given = decoded(params.get(name, default or []), name, list)
    if not given:
        invalid(f"{told} is required")
    if not all(isinstance(text, str) for text in given):
        invalid(f"{name} should be a list of strings, got {given!r}")
    return [str(text) for text in given]


def _model(params: Mapping[str, object]) -> Reranker:
    """Return the model that a highlighter names.

    Raises:
        NotSupportedError: It names none.
        ParamError: There is no such model.
    """
    rest = {name: value for name, value in params.items() if name not in _OWN}
    name = rest.setdefault("provider", params.get("model_deployment_id", ""))
    if not name:
        message = (
            "a semantic highlighter needs a model that this engine does not serve by itself: give "
            "register_reranker() one and name it as model_deployment_id, or use a "
            "LexicalHighlighter"
        )
        raise NotSupportedError(message=message)
    return reranker_of(rest)
