import numpy as np
import pytest

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.growing_match import GrowingTextIndex
from aiomilvus.engine.text.match import TextIndex
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.columns import BytesColumn

TEXTS = [
    "machine learning boosts efficiency",
    "machine deep learning",
    "learning a machine",
    "",
    "machine machine",
]
ANALYZER = build_analyzer(None)
INDEX = TextIndex.build(ANALYZER.analyze_many(TEXTS, positions=True))


def rows(mask):
    return np.flatnonzero(mask).tolist()


def match_text(index, analyzer, text, minimum_should_match=1):
    return index.match(analyzer.tokens(text), minimum_should_match)


def match_phrase(index, analyzer, text, slop=0):
    tokens = analyzer.detail(text)
    return index.phrase([t.term for t in tokens], [t.position for t in tokens], slop)


def test_text_match_finds_rows_with_any_term():
    assert rows(match_text(INDEX, ANALYZER, "deep Efficiency absent")) == [0, 1]
    assert rows(match_text(INDEX, ANALYZER, "")) == []


def test_minimum_should_match_counts_terms():
    assert rows(match_text(INDEX, ANALYZER, "machine deep learning", 2)) == [0, 1, 2]
    assert rows(match_text(INDEX, ANALYZER, "machine deep learning", 3)) == [1]
    assert rows(match_text(INDEX, ANALYZER, "machine", 2)) == []


@pytest.mark.parametrize(
    ("phrase", "slop", "expected"),
    [
        ("machine learning", 0, [0]),
        ("machine learning", 1, [0, 1]),
        ("machine learning", 2, [0, 1]),
        ("machine learning", 3, [0, 1, 2]),
        ("learning machine", 0, []),
        ("learning machine", 2, [0, 2]),
        ("machine", 0, [0, 1, 2, 4]),
        ("machine absent", 5, []),
        ("machine machine", 0, [4]),
        ("machine machine", 1, [4]),
        ("", 0, []),
    ],
)
def test_phrase_match(phrase, slop, expected):
    assert rows(match_phrase(INDEX, ANALYZER, phrase, slop)) == expected


def test_a_dropped_stop_word_keeps_its_place_in_a_phrase():
    analyzer = build_analyzer({"type": "english"})
    index = TextIndex.build(analyzer.analyze_many(["king of spain", "king spain"], positions=True))
    assert rows(match_phrase(index, analyzer, "king of spain")) == [0]
    assert rows(match_phrase(index, analyzer, "king spain")) == [1]


def test_an_index_is_the_same_after_storing():
    arrays, meta = INDEX.to_arrays()
    for array in arrays.values():
        array.flags.writeable = False
    opened = TextIndex.from_arrays(arrays, meta)
    assert rows(match_phrase(opened, ANALYZER, "machine learning", 1)) == [0, 1]
    with pytest.raises(DataCorruptedError, match="format 99"):
        TextIndex.from_arrays(arrays, {**meta, "format": 99})


def test_an_index_of_no_texts_matches_nothing():
    index = TextIndex.build(ANALYZER.analyze_many([], positions=True))
    assert len(match_text(index, ANALYZER, "a")) == 0
    empty = TextIndex.build(ANALYZER.analyze_many(["", ""], positions=True))
    assert rows(match_phrase(empty, ANALYZER, "a b")) == []


def test_a_growing_index_shows_each_reader_its_rows():
    column = BytesColumn.of([text.encode() for text in TEXTS] * 3 + [None])
    growing = GrowingTextIndex(ANALYZER)
    for seen in (1, 2, 7, 16, 5, 0, 16):
        view = growing.view_of(column.slice(0, seen))
        texts = (TEXTS * 3 + [""])[:seen]
        whole = TextIndex.build(ANALYZER.analyze_many(texts, positions=True))
        for query in ("machine", "deep efficiency"):
            terms = ANALYZER.tokens(query)
            assert rows(view.match(terms)) == rows(whole.match(terms))
        terms, places = ["machine", "learning"], [0, 1]
        assert rows(view.phrase(terms, places, 1)) == rows(whole.phrase(terms, places, 1))


def test_building_without_positions_is_an_error():
    with pytest.raises(ValueError, match="positions"):
        TextIndex.build(ANALYZER.analyze_many(["a"]))
