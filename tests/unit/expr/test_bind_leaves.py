"""What filters become: leaves that an index can read, in their simplest form."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus.expr.bind.binder import bind, compile_filter
from aiomilvus.expr.parser import parse
from aiomilvus.expr.predicate import (
    And,
    Arithmetic,
    Column,
    Compare,
    Contains,
    Elements,
    Exists,
    In,
    IsNull,
    Item,
    JsonPath,
    Length,
    Match,
    MatchKind,
    Not,
    Or,
    Range,
    Sample,
    Shifted,
    Truth,
)
from aiomilvus.model.types import DataType
from tests.support.filters import SCHEMA, STATIC

SMALL = Column("small", DataType.INT8)
MIDDLE = Column("middle", DataType.INT32)
BIG = Column("big", DataType.INT64)
TEXT = Column("text", DataType.VARCHAR)
MOMENT = Column("moment", DataType.TIMESTAMPTZ)
META_A = JsonPath("meta", ("a",))
SECOND = 1_000_000


def leaf(text: str, **params: object) -> Any:
    return compile_filter(text, SCHEMA, params).root


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("middle > 3", Compare(MIDDLE, ">", 3)),
        ("3 > middle", Compare(MIDDLE, "<", 3)),
        ("3 == middle", Compare(MIDDLE, "==", 3)),
        ("double == 3", Compare(Column("double", DataType.DOUBLE), "==", 3.0)),
        ("text != 'a'", Compare(TEXT, "!=", "a")),
        ("1 < middle <= 3", Range(MIDDLE, 1, False, 3, True)),
        ("3 >= middle > 1", Range(MIDDLE, 1, False, 3, True)),
        ("middle in [1, 2, 1]", In(MIDDLE, (1, 2))),
        ("middle in []", In(MIDDLE, ())),
        ("middle not in [1]", Not(In(MIDDLE, (1,)))),
        ("text is null", IsNull(TEXT, False)),
        ("not (text is null)", IsNull(TEXT, True)),
        ("meta is null", IsNull(Column("meta", DataType.JSON), False)),
        ("meta['a'] is not null", Exists(META_A)),
        ("meta['a'] is null", Not(Exists(META_A))),
        ("exists meta['a']", Exists(META_A)),
        ("meta['a'][0]['0'] == 1", Compare(JsonPath("meta", ("a", "0", "0")), "==", 1)),
        ("meta == 1", Compare(JsonPath("meta", ()), "==", 1)),
        ("colour == 'red'", Compare(JsonPath("$meta", ("colour",)), "==", "red")),
        ("colour['a'] == 'red'", Compare(JsonPath("$meta", ("colour", "a")), "==", "red")),
        ("$meta['colour'] == 'red'", Compare(JsonPath("$meta", ("colour",)), "==", "red")),
        ("meta['a'] in [1, 'x', true, 1.0]", In(META_A, (1, "x", True, 1.0))),
        ("meta['a'] in [[1], 2]", Or((Compare(META_A, "==", (1,)), In(META_A, (2,))))),
        ("numbers[2] < 4", Compare(Item("numbers", 2, DataType.INT64), "<", 4)),
        ("array_length(numbers) == 4",
         Compare(Length(Column("numbers", DataType.ARRAY, DataType.INT64)), "==", 4)),
        ("array_length(meta['a']) == 4", Compare(Length(META_A), "==", 4)),
        ("numbers == [1, 2]",
         Compare(Column("numbers", DataType.ARRAY, DataType.INT64), "==", (1, 2))),
        ("json_contains_any(meta['a'], [1, 1, true])", Contains(META_A, (1, True), False)),
        ("array_contains_all(numbers, [1])",
         Contains(Column("numbers", DataType.ARRAY, DataType.INT64), (1,), True)),
        ("chunks[0][page] == 1", Compare(Item("chunks[page]", 0, DataType.INT32), "==", 1)),
        ("chunks[page][0] == 1", Compare(Item("chunks[page]", 0, DataType.INT32), "==", 1)),
        ("empty(text)", Compare(TEXT, "==", "")),
        ("starts_with(text, 'a%')", Match(TEXT, MatchKind.PREFIX, "a%")),
        ("random_sample(0.25)", Sample(0.25, Truth(True))),
        ("middle > 3 and random_sample(0.25)", Sample(0.25, Compare(MIDDLE, ">", 3))),
    ],
)  # fmt: skip
def test_a_filter_becomes_the_leaf_an_index_reads(text: str, wanted: object) -> None:
    assert leaf(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("text like 'ab'", Compare(TEXT, "==", "ab")),
        ("text like ''", Compare(TEXT, "==", "")),
        ("text like 'ab%'", Match(TEXT, MatchKind.PREFIX, "ab")),
        ("text like 'ab%%'", Match(TEXT, MatchKind.PREFIX, "ab")),
        ("text like '%ab'", Match(TEXT, MatchKind.SUFFIX, "ab")),
        ("text like '%ab%'", Match(TEXT, MatchKind.INFIX, "ab")),
        ("text like '%'", Match(TEXT, MatchKind.PREFIX, "")),
        (r"text like r'a\%b\_c\\'", Compare(TEXT, "==", "a%b_c\\")),
        (r"text like r'a\%%'", Match(TEXT, MatchKind.PREFIX, "a%")),
        ("text like 'a_c.d%ef'", Match(TEXT, MatchKind.REGEX, r"(?s)\Aa.c\.d.*ef\z", "c.d")),
        ("text like '_'", Match(TEXT, MatchKind.REGEX, r"(?s)\A.\z")),
        ("text like {p}", Match(TEXT, MatchKind.SUFFIX, "x")),
        (r"text =~ '^a\.b$'", Compare(TEXT, "==", "a.b")),
        ("text =~ '^ab'", Match(TEXT, MatchKind.PREFIX, "ab")),
        ("text =~ 'ab$'", Match(TEXT, MatchKind.SUFFIX, "ab")),
        (r"text =~ 'ab\$'", Match(TEXT, MatchKind.REGEX, r"ab\$")),
        ("text =~ 'ab'", Match(TEXT, MatchKind.REGEX, "ab")),
        ("text =~ '^a|b$'", Match(TEXT, MatchKind.REGEX, "^a|b$")),
        ("text !~ '^ab'", Not(Match(TEXT, MatchKind.PREFIX, "ab"))),
        ("meta['a'] like 'x%'", Match(META_A, MatchKind.PREFIX, "x")),
        ("tags[0] like 'x%'", Match(Item("tags", 0, DataType.VARCHAR), MatchKind.PREFIX, "x")),
    ],
)
def test_a_pattern_becomes_the_cheapest_match_that_means_the_same(
    text: str, wanted: object
) -> None:
    assert leaf(text, p="%x") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("middle + 3 < 10", Compare(MIDDLE, "<", 7)),
        ("3 + middle < 10", Compare(MIDDLE, "<", 7)),
        ("middle - 3 < 10", Compare(MIDDLE, "<", 13)),
        ("3 - middle < 10", Compare(MIDDLE, ">", -7)),
        ("-middle < 10", Compare(MIDDLE, ">", -10)),
        ("10 > middle + 3", Compare(MIDDLE, "<", 7)),
        ("middle * 2 < 9", Compare(MIDDLE, "<", 5)),
        ("middle * 2 < 8", Compare(MIDDLE, "<", 4)),
        ("middle * 2 <= 9", Compare(MIDDLE, "<=", 4)),
        ("middle * 2 > 9", Compare(MIDDLE, ">", 4)),
        ("middle * 2 >= 9", Compare(MIDDLE, ">=", 5)),
        ("middle * -2 >= 9", Compare(MIDDLE, "<=", -5)),
        ("middle * 2 == 8", Compare(MIDDLE, "==", 4)),
        ("middle * 2 == 9", In(MIDDLE, ())),
        ("middle * 2 != 9", Compare(MIDDLE, ">=", -(2**31))),
        ("(middle + 1) * 2 - 3 > 4", Compare(MIDDLE, ">", 2)),
        ("big + 9223372036854775807 > 5", Compare(BIG, ">", 5 - (2**63 - 1))),
        ("big * 9223372036854775807 > 0", Compare(BIG, ">", 0)),
        # beyond what the type holds
        ("small > 200", In(SMALL, ())),
        ("small >= -200", Compare(SMALL, ">=", -128)),
        ("small < 200", Compare(SMALL, ">=", -128)),
        ("small <= -200", In(SMALL, ())),
        ("small == 128", In(SMALL, ())),
        ("small != 128", Compare(SMALL, ">=", -128)),
        ("small in [1, 500]", In(SMALL, (1,))),
        ("-500 < small < 5", Compare(SMALL, "<", 5)),
        ("5 <= small < 500", Compare(SMALL, ">=", 5)),
        ("-500 < small < 500", Compare(SMALL, ">=", -128)),
        ("200 < small < 500", In(SMALL, ())),
        # moments
        ("moment > iso '1970-01-01T00:00:05Z'", Compare(MOMENT, ">", 5 * SECOND)),
        ("iso '1970-01-01T00:00:05Z' > moment", Compare(MOMENT, "<", 5 * SECOND)),
        ("moment + interval 'PT3S' > iso '1970-01-01T00:00:05Z'",
         Compare(MOMENT, ">", 2 * SECOND)),
        ("moment - interval 'PT3S' > iso '1970-01-01T00:00:05Z'",
         Compare(MOMENT, ">", 8 * SECOND)),
        ("moment - interval 'P1Y2MT3S' > iso '1970-01-01'",
         Compare(Shifted(MOMENT, -14, -3 * SECOND), ">", 0)),
        ("iso '1970-01-01' < moment < iso '1970-01-01T00:00:01Z'",
         Range(MOMENT, 0, False, SECOND, False)),
        ("moment in [iso '1970-01-01']", In(MOMENT, (0,))),
        ("moment in {moments}", In(MOMENT, (0, 7))),
    ],
)  # fmt: skip
def test_integer_comparisons_are_solved_for_the_field(text: str, wanted: object) -> None:
    assert leaf(text, moments=["1970-01-01", 7]) == wanted


@pytest.mark.parametrize(
    "text",
    ["middle / 2 == 1", "middle % 2 == 1", "middle * 0 == 1", "(middle & 1) == 1", "~middle == 1",
     "middle + big == 1", "double + 1 == 1", "meta['a'] + 1 == 1"],
)  # fmt: skip
def test_other_arithmetic_stays_as_it_is(text: str) -> None:
    found = leaf(text)
    assert isinstance(found, Compare)
    assert isinstance(found.operand, Arithmetic)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("true", Truth(True)),
        ("1 < 2", Truth(True)),
        ("1 == 1.0", Truth(True)),
        ("'a' < 'b'", Truth(True)),
        ("2 ** 3 * 2 + 7 / 2 - 9 % 4 == 18", Truth(True)),
        ("-7 / 2 == -3 and -7 % 2 == -1", Truth(True)),
        ("(6 & 3) == 2 and (6 | 3) == 7 and (6 ^ 3) == 5 and ~6 == -7", Truth(True)),
        ("1 << 62 == 4611686018427387904 and 1 << 63 < 0 and -8 >> 1 == -4", Truth(True)),
        ("0xff == 255 and 0b11 == 3 and 017 == 15 and 0x1p4 == 16", Truth(True)),
        ("-9223372036854775808 < 0", Truth(True)),
        ("not true", Truth(False)),
        ("true == false", Truth(False)),
        ("[1, 2] == [1, 2]", Truth(True)),
        ("middle > 1 or true", Truth(True)),
        ("middle > 1 and false", Truth(False)),
        ("middle > 1 and true", Compare(MIDDLE, ">", 1)),
        ("middle > 1 or 1 > 2", Compare(MIDDLE, ">", 1)),
    ],
)
def test_constants_are_folded(text: str, wanted: object) -> None:
    assert leaf(text) == wanted


def test_negation_is_pushed_down_to_the_leaves() -> None:
    found = leaf("not (middle > 1 and (text == 'a' or not (big in [1])) and not (small <= 2))")
    assert found == Or(
        (
            Compare(MIDDLE, "<=", 1),
            And((Compare(TEXT, "!=", "a"), In(BIG, (1,)))),
            Compare(SMALL, "<=", 2),
        )
    )


def test_a_match_function_keeps_its_predicate_and_the_opposite() -> None:
    found = leaf("match_most(chunks, $[page] > 3 and $[body] == 'x', threshold=2)")
    page, body = Column("chunks[page]", DataType.INT32), Column("chunks[body]", DataType.VARCHAR)
    assert found == Elements(
        "chunks",
        ("chunks[page]", "chunks[body]"),
        "most",
        2,
        And((Compare(page, ">", 3), Compare(body, "==", "x"))),
        Or((Compare(page, "<=", 3), Compare(body, "!=", "x"))),
    )


def test_the_element_filter_of_a_predicate_can_be_found() -> None:
    predicate = compile_filter("middle > 1 and element_filter(chunks, $[page] > 3)", SCHEMA)
    assert predicate.element_filter is not None
    assert predicate.element_filter.is_filter
    assert compile_filter("match_any(chunks, $[page] > 3)", SCHEMA).element_filter is None


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", set()),
        ("true", set()),
        ("middle > 1 and (text == 'a' or meta['a'] == 1)", {"middle", "text", "meta"}),
        ("colour == 1 or $meta['x'] == 2", {"$meta"}),
        ("match_any(chunks, $[page] > 3)", {"chunks[page]"}),
        ("chunks[0][body] == 'a'", {"chunks[body]"}),
        ("text_match(text, 'a') or st_isvalid(shape)", {"text", "shape"}),
        ("array_length(numbers) > 1 and exists meta['a']", {"numbers", "meta"}),
    ],
)
def test_a_predicate_tells_the_columns_it_reads(text: str, columns: set[str]) -> None:
    assert compile_filter(text, SCHEMA).columns == columns


def test_an_empty_filter_passes_everything() -> None:
    predicate = compile_filter("  ", SCHEMA)
    assert predicate.passes_all
    assert not compile_filter("middle > 1", SCHEMA).passes_all


def test_compiled_filters_are_cached_for_each_schema_and_zone() -> None:
    text = "middle == 12345"
    assert compile_filter(text, SCHEMA) is compile_filter(text, SCHEMA)
    assert compile_filter(text, SCHEMA) is not compile_filter(text, STATIC)
    assert compile_filter(text, SCHEMA) is not compile_filter(text, SCHEMA, timezone="Asia/Tokyo")


def test_a_moment_without_an_offset_is_in_the_time_zone_given() -> None:
    text = "moment == iso '1970-01-01T09:00:00'"
    assert bind(parse(text), SCHEMA, timezone="Asia/Tokyo").root == Compare(MOMENT, "==", 0)
    assert bind(parse(text), SCHEMA).root == Compare(MOMENT, "==", 9 * 3600 * SECOND)
