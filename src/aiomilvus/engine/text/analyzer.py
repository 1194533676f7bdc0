"""Analyzers: Milvus' analyzer JSON made runnable.

`build_analyzer` validates the parameters once, `Analyzer` then has three ways to run: one
text to its terms (`Analyzer.tokens`), one text with every detail (`Analyzer.detail`), and
many texts to arrays (`Analyzer.analyze_many`). Called by the write path (BM25 functions,
text indexes), by search with a text query, by filters and by ``run_analyzer``.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.text.analyzer_params import check_keys, refuse, string, strings
from aiomilvus.engine.text.filters import (
    TokenFilter,
    arabic_filters,
    chinese_filters,
    english_filters,
    filter_chain,
    standard_filters,
    thai_filters,
)
from aiomilvus.engine.text.tokenizer_types import tokenizer_from
from aiomilvus.engine.text.tokenizers import (
    JiebaTokenizer,
    Span,
    StandardTokenizer,
    ThaiTokenizer,
    Tokenizer,
)
from aiomilvus.engine.text.tokens import TokenBatch, Vocabulary, term_hash
from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_VOCABULARY_BYTES = 64 << 20
"""Memory that an analyzer has for what it remembers of words: some 200,000 distinct ones."""


class Token(NamedTuple):
    """One term of an analysed text, as ``run_analyzer`` reports it.

    `start_offset` and `end_offset` (exclusive) are bytes of the text's UTF-8; `position`
    and `position_length` count tokens, or characters under ``jieba``, ``icu`` and ``thai``;
    `hash` is the term's sparse dimension.
    """

    term: str
    start_offset: int
    end_offset: int
    position: int
    position_length: int
    hash: int


class Analyzer:
    """A tokenizer and a chain of filters. Safe to share by threads."""

    def __init__(self, tokenizer: Tokenizer, filters: Sequence[TokenFilter]) -> None:
        self._tokenizer = tokenizer
        self._filters = tuple(filters)
        self._vocabulary = Vocabulary(self._filter)

    def tokens(self, text: str) -> list[str]:
        """Return the terms of `text`, in order.

        Raises:
            ParamError: The text holds lone surrogates, which UTF-8 can't spell.
        """
        vocabulary = self._current_vocabulary()
        terms, terms_of = vocabulary.terms, vocabulary.terms_of
        raw = map(vocabulary.__getitem__, self._split(text))
        return [terms[term] for number in raw for term in terms_of[number]]

    def hashes(self, text: str) -> list[int]:
        """Return `term_hash` of each term of `text`, in order; errors as `tokens`."""
        vocabulary = self._current_vocabulary()
        hashes, terms_of = vocabulary.hashes, vocabulary.terms_of
        raw = map(vocabulary.__getitem__, self._split(text))
        return [hashes[term] for number in raw for term in terms_of[number]]

    def frequencies(self, text: str) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Return `text` as a BM25 query vector; errors as `tokens`.

        Returns:
            Sorted distinct term hashes, uint32, and how often each occurs, float32.
        """
        terms = self.hashes(text)
        distinct = sorted(set(terms))
        if len(distinct) == len(terms):
            return np.array(distinct, np.uint32), np.ones(len(terms), np.float32)
        counts = Counter(terms)
        return (
            np.array(distinct, np.uint32),
            np.array([counts[term] for term in distinct], np.float32),
        )

    def detail(self, text: str) -> list[Token]:
        """Return the terms of `text` with offsets, positions and hashes; errors as `tokens`."""
        _utf8_length(text)
        found: list[Token] = []
        offset = seen = 0
        for span in self._tokenizer.spans(text):
            # Spans may overlap (jieba's search mode), but step back by little.
            if span.start >= seen:
                offset += _utf8_length(text[seen : span.start])
            else:
                offset -= _utf8_length(text[span.start : seen])
            seen = span.start
            end = offset + _utf8_length(text[span.start : span.end])
            found.extend(
                Token(term, offset, end, span.position, span.position_length, term_hash(term))
                for term in self._filter(span.text)
            )
        return found

    def terms(self, text: str) -> list[Span]:
        """Return the terms of `text` with their places, counted in characters."""
        return [
            span._replace(text=term)
            for span in self._tokenizer.spans(text)
            for term in self._filter(span.text)
        ]

    def analyze_many(self, texts: Sequence[str], *, positions: bool = False) -> TokenBatch:
        """Return the terms of all `texts` as arrays.

        Args:
            texts: A null is given as an empty text.
            positions: Whether to tell where the terms stood (for phrase matching).

        Raises:
            ParamError: A text holds lone surrogates.
        """
        vocabulary = self._current_vocabulary()
        try:
            split = self._tokenizer.split_many(texts)
        except UnicodeEncodeError as error:
            raise _not_utf8(error) from error
        raw = np.fromiter(map(vocabulary.__getitem__, split.tokens), np.int32, len(split.tokens))
        offsets = split.offsets
        if offsets is None:
            raw, offsets = _cut_at_separators(raw, vocabulary.separator, len(texts))
        ids, origin = vocabulary.expand(raw)
        places = _ranks(offsets) if positions and split.positions is None else split.positions
        if origin is not None:
            offsets = np.searchsorted(origin, offsets).astype(np.int64)
            places = None if places is None else places[origin]
        return TokenBatch(vocabulary, ids, offsets, places if positions else None)

    def _split(self, text: str) -> list[bytes]:
        try:
            return self._tokenizer.split(text)
        except UnicodeEncodeError as error:
            raise _not_utf8(error) from error

    def _filter(self, token: str) -> Sequence[str]:
        tokens: Sequence[str] = (token,)
        for each in self._filters:
            tokens = [out for token in tokens for out in each(token)]
        return tokens

    def _current_vocabulary(self) -> Vocabulary:
        """Return the vocabulary, a new one when ever new tokens made the old one too big."""
        vocabulary = self._vocabulary
        if vocabulary.nbytes > _VOCABULARY_BYTES:
            vocabulary = self._vocabulary = Vocabulary(self._filter)
        return vocabulary


def build_analyzer(params: Mapping[str, object] | str | None) -> Analyzer:
    """Return the analyzer that `params` describe; equal params share one instance.

    Args:
        params: Milvus' analyzer JSON, as text or object: ``{"type": built-in,
            "stop_words": [...]}`` or ``{"tokenizer": ..., "filter": [...]}``. None or empty
            means ``standard``.

    Raises:
        ParamError: Something in it is unknown, missing, of the wrong type, or needs a
            package that is not installed.
    """
    if isinstance(params, str):
        params = _parsed(params)
    try:
        canonical = json.dumps(params or {}, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        refuse(f"params should be a json map ({error})")
    return _cached_analyzer(canonical)


@lru_cache(maxsize=64)
def _cached_analyzer(canonical: str) -> Analyzer:
    params = _parsed(canonical)
    if "type" in params:
        return _built_in(params)
    if not params:
        return _built_in({"type": "standard"})
    check_keys(params, {"tokenizer", "filter"}, "analyzer")
    if "tokenizer" not in params:
        refuse("tokenizer name or type must be set")
    tokenizer = tokenizer_from(params["tokenizer"], build_analyzer)
    return Analyzer(tokenizer, filter_chain(params.get("filter", [])))


_BUILT_IN: dict[str, tuple[Callable[[], Tokenizer], Callable[[list[str]], list[TokenFilter]]]] = {
    "standard": (StandardTokenizer, standard_filters),
    "english": (StandardTokenizer, english_filters),
    "chinese": (JiebaTokenizer, chinese_filters),
    "arabic": (StandardTokenizer, arabic_filters),
    "thai": (ThaiTokenizer, thai_filters),
}


def _built_in(params: Mapping[str, Any]) -> Analyzer:
    name = string(params, "type", "analyzer")
    if name not in _BUILT_IN:
        refuse(f"unknown build-in analyzer type: {name} (known: {', '.join(_BUILT_IN)})")
    allowed = {"type", "stop_words"}
    if name != "chinese" and params.get("filter") == ["lowercase"]:
        allowed.add("filter")  # which Milvus passes over; it is what the others do by themselves
    check_keys(params, allowed, f"{name} analyzer")
    tokenizer, filters = _BUILT_IN[name]
    return Analyzer(tokenizer(), filters(strings(params, "stop_words", name)))


def _parsed(text: str) -> dict[str, Any]:
    params = decode_json(text, "analyzer params") if text else {}
    if not isinstance(params, dict):
        refuse(f"params should be a json map, got {params!r}")
    return params


def _cut_at_separators(
    raw: NDArray[np.int32], separator: int, texts: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Take the separators out of `raw`; return what is left and one run per text."""
    offsets = np.zeros(texts + 1, np.int64)
    is_separator = raw == separator
    cuts = np.flatnonzero(is_separator)
    if texts:
        offsets[1:-1] = cuts - np.arange(texts - 1)
        offsets[-1] = len(raw) - len(cuts)
    return raw[~is_separator], offsets


def _ranks(offsets: NDArray[np.int64]) -> NDArray[np.int32]:
    ranks = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    return ranks.astype(np.int32)


def _utf8_length(text: str) -> int:
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise _not_utf8(error) from error


def _not_utf8(error: UnicodeEncodeError) -> ParamError:
    return ParamError(
        message=f"text is not valid UTF-8 at character {error.start}: invalid parameter"
    )
