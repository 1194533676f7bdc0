"""Filters built in Python: their text, their parameters, what they mean, what they refuse."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from aiomilvus.errors import ArgumentError
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.builder import Filter, col, element, random_sample
from aiomilvus.expr.predicate import Sample
from aiomilvus.expr.templates import filter_parts
from tests.support.filters import SCHEMA, passing

ROWS: list[dict[str, Any]] = [
    {"id": 0, "middle": 1, "big": 5, "double": 0.5, "flag": True, "text": "apple pie",
     "numbers": [1, 2], "tags": ["a"], "moment": 0, "meta": {"a": {"it's": 1}, "l": [1]},
     "chunks": [{"page": 1, "body": "x"}], "colour": "red", "shape": "POINT (0 0)"},
    {"id": 1, "middle": 2, "big": None, "double": 1.5, "flag": False, "text": "50% off_er",
     "numbers": [3], "tags": [], "moment": 86_400_000_000, "meta": {"a": 2},
     "chunks": [{"page": 2, "body": "y"}, {"page": 3, "body": "x"}], "shape": "POINT (9 9)"},
    {"id": 2, "middle": -3, "big": 7, "double": 2.5, "flag": None, "text": 'say "hi"\\\n',
     "numbers": [], "tags": ["a", "b"], "moment": 2_678_400_000_000, "meta": {}, "chunks": [],
     "colour": "x' or true", "shape": None},
]  # fmt: skip


def found(built: Filter) -> list[int]:
    return passing(built.text, ROWS, built.params)


@pytest.mark.parametrize(
    ("built", "wanted"),
    [
        (col("middle") > 1, [1]),
        (col("middle") >= 1, [0, 1]),
        (col("middle") < 1, [2]),
        (col("middle") <= 1, [0, 2]),
        (col("middle") == np.int64(2), [1]),
        (col("middle") != 2, [0, 2]),
        (col("flag") == True, [0]),  # noqa: E712 - the builder's way
        (col("text") == 'say "hi"\\\n', [2]),
        (col("colour") == "x' or true", [2]),
        (col("middle") < col("double"), [2]),
        (col("middle").in_([1, 2]), [0, 1]),
        (col("middle").in_(np.array([1, -3])), [0, 2]),
        (col("middle").in_({1}), [0]),
        (col("middle").in_(range(3)), [0, 1]),
        (col("middle").not_in([1]), [1, 2]),
        (col("big").is_null(), [1]),
        (col("big").is_not_null(), [0, 2]),
        (col("text").like("%pie"), [0]),
        (col("text").startswith("50%"), [1]),
        (col("text").endswith("\\\n"), [2]),
        (col("text").has_text("f_e"), [1]),
        (col("text").has_text("%"), [1]),
        (col("text").matches(r'"\w+"'), [2]),
        (col("text").matches("\n"), [2]),
        (col("meta")["a"]["it's"] == 1, [0]),
        (col("meta")["a"] == 2, [1]),
        (col("meta")["l"][0] == 1, [0]),
        (col("meta")["a"].exists(), [0, 1]),
        (col("$meta")["colour"] == "red", [0]),
        (col("numbers")[0] == 3, [1]),
        (col("numbers").length() == 0, [2]),
        (col("numbers").contains(2), [0]),
        (col("tags").contains_all(["a", "b"]), [2]),
        (col("tags").contains_any(("b", "c")), [2]),
        (col("meta")["l"].contains(1), [0]),
        (col("numbers") == [1, 2], [0]),
        ((col("middle") + 1) * 2 == 4, [0]),
        (10 - col("middle") == 8, [1]),
        (2 * col("middle") + 1 == 5, [1]),
        (1 + col("middle") == 2, [0]),
        (col("middle") - 1 == 0, [0]),
        (col("double") / 2 == 0.25, [0]),
        (col("middle") % 2 == 0, [1]),
        (-col("middle") == 3, [2]),
        (~col("middle") == 2, [2]),
        ((col("middle") & 1) == 1, [0, 2]),
        ((col("middle") | 4) == 6, [1]),
        ((col("middle") ^ 3) == 1, [1]),
        (col("middle") << 1 == 2, [0]),
        (col("middle") >> 1 == -2, [2]),
        (col("moment") > datetime(1970, 1, 1, 12, tzinfo=timezone.utc), [1, 2]),
        (col("moment") + timedelta(days=1) == datetime(1970, 1, 2, tzinfo=timezone.utc), [0]),
        (col("moment") - timedelta(days=1) == datetime(1970, 1, 1, tzinfo=timezone.utc), [1]),
        (col("moment") + timedelta(days=-1) == datetime(1970, 1, 1, tzinfo=timezone.utc), [1]),
        (col("moment").in_([datetime(1970, 1, 1, tzinfo=timezone(timedelta(0)))]), [0]),
        (col("chunks").match_any(element("page") > 1), [1]),
        (col("chunks").match_all(element("body") == "x"), [0, 2]),
        (col("chunks").match_least(element("page") > 1, 2), [1]),
        (col("chunks").match_most(element("page") > 1, 1), [0, 2]),
        (col("chunks").match_exact(element("page") > 0, 1), [0]),
        (col("chunks").element_filter((element("page") > 1) & (element("body") == "y")), [1]),
        (col("chunks").sub("page").contains(3), [1]),
        (col("numbers").match_any(element() > 2), [1]),
        (col("shape").spatial("within", "POLYGON ((-1 -1, 1 -1, 1 1, -1 1, -1 -1))"), [0]),
        (col("shape").within_distance("POINT (9 9.0001)", 100), [1]),
        ((col("middle") > 0) & (col("double") > 1), [1]),
        ((col("middle") > 1) | (col("double") < 1), [0, 1]),
        (~(col("middle") > 1), [0, 2]),
        (~((col("middle") > 1) | (col("big") == 5)) & (col("id") >= 0), [2]),
        ((col("big") > 0) & col("text").like("a%") & ~col("meta")["l"].is_null(), [0]),
    ],
)  # fmt: skip
def test_a_built_filter_means_what_it_says(built: Filter, wanted: list[int]) -> None:
    assert found(built) == wanted


def test_values_stay_out_of_the_text() -> None:
    built = (col("price") < 10) & col("colour").in_(["red", "it's"]) | (col("meta")["a"] == "x")
    assert built.text == (
        '((price < {_v0}) and (colour in {_v1})) or (meta["a"] == {_v2})'
    )  # fmt: skip
    assert built.params == {"_v0": 10, "_v1": ["red", "it's"], "_v2": "x"}
    assert repr(built).startswith("Filter('((price < {_v0})")


def test_joining_filters_does_not_change_them() -> None:
    one, two = col("a") == 1, col("b") == 2
    both = one & two
    assert (one.text, one.params) == ("a == {_v0}", {"_v0": 1})
    assert (two.text, two.params) == ("b == {_v0}", {"_v0": 2})
    assert both.params == {"_v0": 1, "_v1": 2}
    both.params["_v0"] = 9
    assert both.params["_v0"] == 1


def test_text_functions_and_samples_are_spelled_for_every_server() -> None:
    field = col("text")
    assert field.text_match("a b").text == 'text_match(text, "a b")'
    assert field.text_match("a", 2).text == 'text_match(text, "a", minimum_should_match=2)'
    assert field.phrase_match('a "b"', 3).text == r'phrase_match(text, "a \"b\"", 3)'
    assert ((col("a") > 1) & random_sample(0.1)).text == "(a > {_v0}) and (random_sample(0.1))"
    assert (col("t") + timedelta(hours=2) > datetime(2025, 1, 1, tzinfo=timezone.utc)).text == (
        't + interval "PT7200S" > iso "2025-01-01T00:00:00.000000Z"'
    )
    sampled = (col("id") >= 0) & random_sample(0.4)
    root = compile_filter(sampled.text, SCHEMA, sampled.params).root
    assert isinstance(root, Sample)
    assert root.fraction == 0.4


@pytest.mark.parametrize("key", ["plain", "it's", 'say "hi"', "a\\b", "\n", "both ' and \""])
def test_any_key_is_written_so_that_it_is_read_back(key: str) -> None:
    built = col("meta")[key] == 1
    assert passing(built.text, [{"meta": {key: 1}}, {"meta": {"other": 1}}], built.params) == [0]


@pytest.mark.parametrize("name", ["a b", "a or true", "", "1a", "a;", 'a["b"]', "$x"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    for make in (col, element, col("chunks").sub):
        with pytest.raises(ArgumentError, match="is not a field name"):
            make(name)


@pytest.mark.parametrize("key", ["", -1, 1.5, True, None])
def test_a_key_that_is_none_is_refused(key: Any) -> None:
    with pytest.raises(ArgumentError, match="a key is text, an index a number from 0"):
        col("meta")[key]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "use is_null"),
        ({"a": 1}, "a dict cannot be used in a filter"),
        (b"x", "a bytes cannot be used in a filter"),
        (datetime(2025, 1, 1), "has no time zone"),  # noqa: DTZ001 - that is the point
        ([None], "use is_null"),
    ],
)
def test_a_value_that_filters_have_none_for_is_refused(value: object, reason: str) -> None:
    with pytest.raises(ArgumentError, match=reason):
        _ = (col("a") == value).text


def test_what_python_would_misread_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write & \| ~"):
        bool(col("a") == 1)
    with pytest.raises(TypeError, match=r"write & \| ~"):
        _ = 1 < col("a") < 5
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(col("a"))
    with pytest.raises(TypeError, match="put each one in parentheses"):
        _ = col("a") & (col("b") == 1)
    with pytest.raises(TypeError, match="'and' joins filters"):
        _ = (col("a") == 1) & 5  # type: ignore[operator]  # that is the point
    with pytest.raises(TypeError):
        hash(col("a"))


def test_a_list_given_as_text_is_refused() -> None:
    with pytest.raises(ArgumentError, match="takes a list of values"):
        col("a").in_("abc")


def test_an_interval_has_whole_seconds() -> None:
    with pytest.raises(ArgumentError, match="whole seconds"):
        col("t") + timedelta(milliseconds=1)


def test_a_relation_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no relation 'near'"):
        col("shape").spatial("near", "POINT (1 1)")  # type: ignore[arg-type]  # that is the point


def test_a_caller_may_give_text_or_a_filter_or_nothing() -> None:
    assert filter_parts(None) == ("", {})
    assert filter_parts("a > {x}", {"x": 1}) == ("a > {x}", {"x": 1})
    assert filter_parts(col("a") > 1) == ("a > {_v0}", {"_v0": 1})
    with pytest.raises(ArgumentError, match="filter_params belong to a filter text"):
        filter_parts(col("a") > 1, {"x": 1})
    with pytest.raises(ArgumentError, match="a filter is text or built with col"):
        filter_parts(5)  # type: ignore[arg-type]  # that is the point


def test_building_filters_loads_no_numeric_library() -> None:
    code = (
        "import sys, aiomilvus.expr.builder as b, aiomilvus.expr.parser; (b.col('a') == 1).text;"
        "print(sorted({'numpy', 'pyarrow', 'shapely'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_what_is_built_can_be_bound() -> None:
    built = (col("middle") > 1) & col("nested")["a"].is_null()
    assert compile_filter(built.text, SCHEMA, built.params).columns == {"middle", "$meta"}
