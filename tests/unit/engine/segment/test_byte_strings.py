"""Byte strings taken by the column: hashes, order and equality are those of Python's bytes."""

from unittest import mock

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from aiomilvus.engine.segment import byte_strings
from aiomilvus.engine.segment.byte_strings import (
    behind,
    equal,
    first_words,
    hash_of,
    hashes,
    text_order,
)
from aiomilvus.model.columns import BytesColumn

# Zeros look like padding, and lengths around 8 begin and end words.
STRINGS = st.builds(
    lambda head, tail: head + tail,
    st.sampled_from([b"", b"\0", b"\0" * 8, b"abcdefg", b"abcdefgh", b"x" * 300]),
    st.binary(max_size=10),
)
COLUMNS = st.lists(STRINGS, max_size=12)


def column(values: list[bytes]) -> BytesColumn:
    """Return a column that shares its memory with a neighbour on each side."""
    return BytesColumn.of([b"before", *values, b"behind"]).slice(1, len(values) + 1)


@given(values=COLUMNS, few=st.sampled_from([0, 32]))
@example(values=[], few=0)
@example(values=[b"", b"\0", b"\0\0"], few=0)
def test_texts_are_sorted_as_bytes_are_and_equal_ones_keep_their_order(values, few):
    expected = sorted(range(len(values)), key=values.__getitem__)
    with mock.patch.object(byte_strings, "_FEW", few):
        assert text_order(column(values)).tolist() == expected


@given(values=COLUMNS)
def test_one_string_has_the_hash_it_has_in_a_column(values):
    assert hashes(column(values)).tolist() == [hash_of(value) for value in values]


def test_hashes_are_those_that_files_hold():
    # Files keep them: another function would need another format.
    assert hash_of(b"") == 0
    assert hash_of(b"a") == 0xEEF08ED19C32945E
    assert hash_of("naïve café, twice".encode()) == 0x08F64C64BA8A949E


def test_strings_that_differ_little_have_different_hashes():
    values = [b"key-%09d" % number for number in range(20_000)]
    values += [b"\0" * count for count in range(40)]
    values += [bytes([bit]) * 8 + bytes([bit]) * 8 for bit in (1, 2, 4, 128)]
    assert len(np.unique(hashes(BytesColumn.of(values)))) == len(set(values))


@given(pairs=st.lists(st.tuples(STRINGS, STRINGS), max_size=12))
def test_equality_is_that_of_bytes(pairs):
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    assert equal(column(left), column(right)).tolist() == [a == b for a, b in pairs]
    assert equal(column(left), column(left)).all()


@given(values=COLUMNS, bound=STRINGS)
def test_a_bound_divides_texts_as_bytes_are_compared(values, bound):
    assert behind(column(values), bound).tolist() == [value > bound for value in values]


@given(values=COLUMNS)
def test_first_words_never_contradict_the_order(values):
    words = first_words(column(values)).tolist()
    for value, word in zip(values, words, strict=True):
        assert word == int.from_bytes(value[:8].ljust(8, b"\0"), "big")
