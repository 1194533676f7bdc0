"""BM25 over several segments with deletes, against the formula applied word by word."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.scoring import bm25
from aiomilvus.engine.index.sparse.searcher import SCORING, SparseSearcher
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.statistics import CorpusStatistics

ANALYZER = build_analyzer({"tokenizer": "whitespace"})
TEXTS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=9).map(" ".join), max_size=25)


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    assert kernel_access.kernels() is not None


@pytest.fixture(autouse=True)
def _small_is_not_spared(monkeypatch):
    monkeypatch.setattr("aiomilvus.engine.index.costs.POSTINGS_SCANNED", 0)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.postings._LEAST_WINDOW_BITS", 2)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.postings.FLOOR_RANKS", (2, 3, 5))
    monkeypatch.setattr("aiomilvus.engine.index.sparse.index.FLOOR_RANKS", (2, 3, 5))
    monkeypatch.setattr("aiomilvus.engine.index.sparse.growing._TAIL_ROWS", 6)


def naive(texts, query, k1, b):
    """Score every text that is not None by the textbook."""
    live = [text.split() for text in texts if text is not None]
    mean = sum(map(len, live)) / max(len(live), 1)
    scores = []
    for text in texts:
        words, score = Counter((text or "").split()), 0.0
        for word in query.split():
            if words[word]:
                n = sum(word in other for other in live)
                idf = math.log(1 + (len(live) - n + 0.5) / (n + 0.5))
                damping = k1 * (1 - b + b * words.total() / mean)
                score += idf * words[word] * (k1 + 1) / (words[word] + damping)
        scores.append(score)
    return scores


@given(
    segments=st.lists(TEXTS, min_size=1, max_size=3),
    query=st.lists(st.sampled_from("abcdefgz"), min_size=1, max_size=6).map(" ".join),
    k=st.integers(1, 12),
    k1=st.sampled_from([0.0, 0.6, 1.2, 3.0]),
    b=st.sampled_from([0.0, 0.75, 1.0]),
    growing=st.booleans(),
    data=st.data(),
)
def test_scores_are_those_of_the_whole_collection_without_deleted_rows(
    *, segments, query, k, k1, b, growing, data
):
    statistics = CorpusStatistics()
    indexes: list[SparseSearcher] = []
    masks: list[np.ndarray] = []
    live: list[str | None] = []
    for texts in segments:
        frequencies = ANALYZER.analyze_many(texts).term_frequencies()
        kept = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
        mask = np.array(kept, np.bool_)
        deleted = frequencies.take(np.flatnonzero(~mask))
        statistics = statistics + CorpusStatistics.of(frequencies) - CorpusStatistics.of(deleted)
        params = build_params({"bm25_k1": k1, "bm25_b": b})
        if growing:
            indexes.append(GrowingSparseIndex("BM25", params).view_of(frequencies))
        else:
            indexes.append(SparseIndex.build(frequencies, "BM25", params))
        masks.append(mask)
        live.extend(text if alive else None for text, alive in zip(texts, kept, strict=True))

    queries = ANALYZER.analyze_many([query]).term_frequencies()
    scoring = {SCORING: bm25(statistics, k1, b)}
    merged = []
    for index, mask in zip(indexes, masks, strict=True):
        found = index.search(queries, k, scoring, mask)
        merged.extend(found.scores[0][found.rows[0] >= 0].tolist())
    expected = sorted((score for score in naive(live, query, k1, b) if score), reverse=True)
    assert sorted(merged, reverse=True)[:k] == pytest.approx(expected[:k], rel=1e-5)


@given(segments=st.lists(TEXTS, max_size=5), data=st.data())
def test_statistics_add_and_subtract_like_the_rows_themselves(segments, data):
    parts = [ANALYZER.analyze_many(texts).term_frequencies() for texts in segments]
    texts = [text for part in segments for text in part]
    whole = ANALYZER.analyze_many(texts).term_frequencies()
    merged = CorpusStatistics.merged(CorpusStatistics.of(part) for part in parts)
    assert merged == CorpusStatistics.of(whole)
    gone = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    for row in np.flatnonzero(gone):
        merged = merged - CorpusStatistics.of(whole.take(np.array([row])))
    left = [text for text, is_gone in zip(texts, gone, strict=True) if not is_gone]
    assert merged == CorpusStatistics.of(ANALYZER.analyze_many(left).term_frequencies())
