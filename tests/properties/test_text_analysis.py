"""Analyzers and text matching against plain Python."""

import itertools
import zlib
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.match import TextIndex

ANY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from(" \0\t\v-'aB1éß中ก็"), max_size=40)
PARAMS = st.sampled_from(
    [
        {"type": "standard"},
        {"type": "english"},
        {"tokenizer": "whitespace"},
        {"tokenizer": "standard", "filter": ["asciifolding", "lowercase"]},
        {
            "tokenizer": "whitespace",
            "filter": [{"type": "decompounder", "word_list": ["a", "b", "1"]}],
        },
    ]
)


@given(params=PARAMS, texts=st.lists(ANY_TEXT, max_size=6))
def test_bulk_single_and_detailed_analysis_agree(params, texts):
    analyzer = build_analyzer(params)
    batch = analyzer.analyze_many(texts, positions=True)
    frequencies = batch.term_frequencies()
    assert batch.positions is not None
    for number, text in enumerate(texts):
        detail = analyzer.detail(text)
        terms = [token.term for token in detail]
        assert analyzer.tokens(text) == batch.terms(number) == terms
        span = slice(batch.offsets[number], batch.offsets[number + 1])
        assert batch.positions[span].tolist() == [token.position for token in detail]
        counts = Counter(zlib.crc32(term.encode()[:100]) % (2**32 - 1) for term in terms)
        row = zip(*(part.tolist() for part in frequencies.row(number)), strict=True)
        assert list(row) == sorted(counts.items())


@given(text=ANY_TEXT)
def test_offsets_point_at_the_token_in_the_bytes_of_the_text(text):
    raw = text.encode()
    for token in build_analyzer({"tokenizer": "standard"}).detail(text):
        assert raw[token.start_offset : token.end_offset].decode() == token.term


@given(text=st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=60))
def test_standard_is_runs_of_letters_and_digits_in_lower_case(text):
    spaced = "".join(c if c.isalnum() else " " for c in text)
    assert build_analyzer(None).tokens(text) == spaced.lower().split()


WORDS = st.lists(st.sampled_from("abc"), max_size=8)


def contains_phrase(words, phrase, slop):
    """Try every way to give the phrase's words places of their own."""
    places = [[i for i, word in enumerate(words) if word == wanted] for wanted in phrase]
    for chosen in itertools.product(*places):
        shifts = [place - order for order, place in enumerate(chosen)]
        if len(set(chosen)) == len(chosen) and max(shifts) - min(shifts) <= slop:
            return True
    return False


@given(
    texts=st.lists(WORDS, max_size=10),
    phrase=st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
    slop=st.integers(0, 5),
    minimum=st.integers(1, 4),
)
def test_matching_is_what_trying_everything_finds(texts, phrase, slop, minimum):
    analyzer = build_analyzer({"tokenizer": "whitespace"})
    batch = analyzer.analyze_many([" ".join(words) for words in texts], positions=True)
    index = TextIndex.build(batch)
    expected = [contains_phrase(words, phrase, slop) for words in texts]
    assert index.phrase(phrase, range(len(phrase)), slop).tolist() == expected
    counted = [sum(word in words for word in phrase) >= minimum for words in texts]
    assert index.match(phrase, minimum).tolist() == counted
    opened = TextIndex.from_arrays(*index.to_arrays())
    assert np.array_equal(opened.match(phrase), index.match(phrase))
