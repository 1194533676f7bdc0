"""Which scalar index answers what, by itself, without the evaluator behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.registry import build_index, check_index, open_index
from aiomilvus.engine.index.scalar import inverted
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.expr import predicate as p
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from tests.support.filters import SCHEMA, source_of

ROWS: list[dict[str, Any]] = [
    {
        "small": None if number % 7 == 0 else number % 5,
        "single": number / 4,
        "flag": number % 2 == 0,
        "text": None if number % 11 == 0 else f"word{number % 9} and more",
        "numbers": [number % 3, number % 4],
        "tags": [f"t{number % 6}"],
        "moment": 1_000_000 * (number % 10),
        "meta": {
            "a": number % 4,
            "b": f"n{number % 3}",
            "list": [number % 5],
            "price": f"{number % 8}.5",
            "text": f"a text of {number % 90}",
        },
        "shape": f"POINT ({number % 10} {number // 10})",
    }
    for number in range(120)
]
SOURCE = source_of(ROWS)


def built(name: str, **params: str) -> Any:
    field = SCHEMA.by_name[name]
    spec = IndexSpec(id=1, name=name, field=name, params=check_index(field, params))
    made: Any = build_index(spec, field, SOURCE.column(name), BuildBudget(1))
    arrays, meta = made.to_arrays()
    return open_index(spec, field, SOURCE.column(name), arrays, meta)


def leaf_of(text: str) -> Any:
    return compile_filter(text, SCHEMA).root


GRAMS = {"min_gram": "2", "max_gram": "3"}


@pytest.mark.parametrize(
    ("name", "params", "texts"),
    [
        ("small", {"index_type": "INVERTED"}, ["small == 3", "small in [1, 2]", "1 < small <= 3"]),
        ("small", {"index_type": "BITMAP"}, ["small != 3", "small >= 2"]),
        ("single", {"index_type": "STL_SORT"}, ["single < 3.1", "single == 0.25"]),
        ("flag", {"index_type": "AUTOINDEX"}, ["flag == true"]),
        ("moment", {"index_type": "STL_SORT"}, ["moment > iso '1970-01-01T00:00:04Z'"]),
        (
            "text",
            {"index_type": "Trie"},
            [
                "text == 'word3 and more'",
                "text like 'word1%'",
                "text like '%3 and%'",
                "text like '%more'",
                "text =~ 'd[12] '",
            ],
        ),
        (
            "numbers",
            {"index_type": "INVERTED"},
            [
                "array_contains(numbers, 2)",
                "array_contains_all(numbers, [1, 3])",
                "array_contains_any(numbers, [3, 9])",
                "match_any(numbers, $ > 2)",
            ],
        ),
        ("tags", {"index_type": "BITMAP"}, ["array_contains(tags, 't3')"]),
        (
            "meta",
            {"index_type": "INVERTED", "json_path": "meta['a']", "json_cast_type": "double"},
            ["meta['a'] == 2", "meta['a'] > 1.5", "meta['a'] in [1, 3]"],
        ),
        (
            "meta",
            {"index_type": "INVERTED", "json_path": "meta['b']", "json_cast_type": "VARCHAR"},
            ["meta['b'] == 'n1'", "meta['b'] like 'n%'", "meta['b'] in ['n1', 'x']"],
        ),
        (
            "meta",
            {"json_path": "meta['list']", "json_cast_type": "ARRAY_DOUBLE"},
            ["json_contains(meta['list'], 3)", "json_contains_any(meta['list'], [1, 2])"],
        ),
        (
            "meta",
            {"index_type": "INVERTED", "json_path": "meta", "json_cast_type": "JSON"},
            ["meta['a'] == 2", "meta['b'] == 'n1'", "meta['nowhere']['at'] == 1"],
        ),
        (
            "shape",
            {"index_type": "RTREE"},
            ["st_within(shape, 'POLYGON ((1 1, 4 1, 4 5, 1 5, 1 1))')"],
        ),
    ],
)  # fmt: skip
def test_an_index_answers_its_predicates_by_itself(
    name: str, params: dict[str, str], texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inverted, "_NUMBERS", 1)
    index = built(name, **params)
    for text in texts:
        found = index.lookup(leaf_of(text))
        assert found is not None, text
        assert found.tolist() == evaluate(compile_filter(text, SCHEMA), SOURCE).tolist(), text
        count = index.count(leaf_of(text))
        assert count is None or count == np.count_nonzero(found)


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [("text", "text like '%d3 an%'", ""), ("meta", "meta['text'] like '%f 77%'", "meta['text']")],
)
def test_an_ngram_index_answers_selective_patterns_and_leaves_the_frequent_to_a_scan(
    name: str, text: str, path: str
) -> None:
    more = {"json_path": path, "json_cast_type": "VARCHAR"} if path else {}
    index = built(name, index_type="NGRAM", **GRAMS, **more)
    found = index.lookup(leaf_of(text))
    assert found.tolist() == evaluate(compile_filter(text, SCHEMA), SOURCE).tolist()
    frequent = p.Match(leaf_of(text).operand, p.MatchKind.INFIX, "or" if not path else "te")
    assert index.lookup(frequent) is None
    assert index.lookup(p.Match(leaf_of(text).operand, p.MatchKind.INFIX, "d")) is None
    rare = p.Match(leaf_of(text).operand, p.MatchKind.INFIX, "never")
    assert not index.lookup(rare).any()


def test_text_converted_to_numbers_counts_as_numbers() -> None:
    index = built(
        "meta",
        index_type="INVERTED",
        json_path="meta['price']",
        json_cast_type="DOUBLE",
        json_cast_function="STRING_TO_DOUBLE",
    )
    found = index.lookup(leaf_of("meta['price'] > 5.5"))
    assert np.flatnonzero(found).tolist() == [n for n in range(120) if n % 8 > 5]


def test_a_json_index_leaves_integers_that_doubles_confuse_to_the_evaluator() -> None:
    index = built(
        "meta", index_type="INVERTED", json_path="meta['a']", json_cast_type="DOUBLE"
    )  # fmt: skip
    assert index.lookup(leaf_of(f"meta['a'] == {2**53}")) is None
    assert index.lookup(leaf_of("meta['a'] == 'text'")) is None
    assert index.lookup(leaf_of("meta['b'] == 2")) is None


def test_boxes_prune_and_never_lose_a_shape() -> None:
    rng = np.random.default_rng(5)
    shapes = shapely.buffer(shapely.points(rng.uniform(-60, 60, (500, 2))), rng.uniform(0, 4, 500))
    rows = [{"shape": None if n % 50 == 0 else shapely.to_wkt(s)} for n, s in enumerate(shapes)]
    source = source_of(rows)
    field = SCHEMA.by_name["shape"]
    spec = IndexSpec(id=1, name="shape", field="shape", params={"index_type": "RTREE"})
    index: Any = build_index(spec, field, source.column("shape"), BuildBudget(1))
    window = "POLYGON ((-10 -20, 15 -20, 15 12, -10 12, -10 -20))"
    filters = [
        *(f"st_{name}(shape, '{window}')" for name in ("intersects", "within", "overlaps")),
        "st_contains(shape, 'POINT (3 4)')",
        *(f"st_dwithin(shape, 'POINT (20 50)', {metres})" for metres in (0, 90_000, 2_000_000)),
    ]
    for text in filters:
        found = index.lookup(leaf_of(text))
        assert found.tolist() == evaluate(compile_filter(text, SCHEMA), source).tolist(), text
    assert index.lookup(leaf_of("st_dwithin(shape, 'POINT (179 0)', 900000)")) is None
    assert len(index._touching(np.array([0.0, 0.0, 1.0, 1.0]))) < 30


def test_an_index_of_numbers_leaves_broad_ranges_to_a_scan_but_counts_them() -> None:
    index = built("single", index_type="STL_SORT")
    broad, narrow = leaf_of("single < 15"), leaf_of("single < 1")
    assert index.lookup(broad) is None
    assert index.count(broad) == 60
    assert np.count_nonzero(index.lookup(narrow)) == index.count(narrow) == 4
    assert np.count_nonzero(index.lookup(leaf_of("single >= 1"))) == 116


def test_floats_without_an_order_stay_without_an_index() -> None:
    source = source_of([{"single": float("nan")}, {"single": 1.0}])
    field = SCHEMA.by_name["single"]
    spec = IndexSpec(id=1, name="x", field="single", params={"index_type": "INVERTED"})
    assert build_index(spec, field, source.column("single"), BuildBudget(1)) is None


def test_an_index_of_another_format_is_told_from_a_damaged_one() -> None:
    index = built("small", index_type="INVERTED")
    arrays, meta = index.to_arrays()
    spec = IndexSpec(id=1, name="x", field="small", params={"index_type": "INVERTED"})
    with pytest.raises(DataCorruptedError, match="format 99"):
        open_index(
            spec, SCHEMA.by_name["small"], SOURCE.column("small"), arrays, {**meta, "format": 99}
        )


@pytest.mark.parametrize(
    ("name", "params", "text"),
    [
        ("id", {"index_type": "BITMAP"}, "bitmap index on primary key not supported"),
        ("single", {"index_type": "BITMAP"}, "bitmap index are only supported on bool, int"),
        ("floats", {"index_type": "BITMAP"}, "only supported on bool, int, string for array"),
        ("flag", {"index_type": "STL_SORT"}, "STL_SORT are only supported on numeric"),
        ("small", {"index_type": "Trie"}, "TRIE are only supported on varchar"),
        ("meta", {"index_type": "INVERTED"}, "json index must specify cast type"),
        ("shape", {"index_type": "INVERTED"}, "INVERTED are not supported on Geometry"),
        ("small", {"index_type": "RTREE"}, "RTREE index can only be built on geometry"),
        ("small", {"index_type": "NGRAM", **GRAMS}, "Ngram index can only be created on VARCHAR"),
        ("text", {"index_type": "NGRAM"}, "must specify both min_gram and max_gram"),
        ("text", {"index_type": "NGRAM", "min_gram": "3", "max_gram": "2"}, "min_gram: 3"),
        ("text", {"index_type": "NGRAM", "min_gram": "x", "max_gram": "2"}, "integer, got: x"),
        ("text", {"index_type": "INVERTED", "json_path": "text"}, "only for JSON fields"),
        ("text", {"index_type": "HYBRID", "bitmap_cardinality_limit": "0"}, "cardinality limit"),
        (
            "meta",
            {"index_type": "INVERTED", "json_cast_type": "INT", "json_path": "meta"},
            "json_cast_type INT is not supported",
        ),
        (
            "meta",
            {"index_type": "BITMAP", "json_cast_type": "DOUBLE", "json_path": "meta['a']"},
            "not supported for BITMAP",
        ),
        (
            "meta",
            {"index_type": "STL_SORT", "json_cast_type": "DOUBLE"},
            "json index must specify json path",
        ),
        (
            "meta",
            {"index_type": "INVERTED", "json_cast_type": "DOUBLE", "json_path": "meta[["},
            "cannot parse identifier",
        ),
        (
            "meta",
            {"index_type": "INVERTED", "json_cast_type": "DOUBLE", "json_path": "other['a']"},
            "cannot parse identifier",
        ),
        (
            "meta",
            {
                "index_type": "INVERTED",
                "json_cast_type": "VARCHAR",
                "json_path": "meta['a']",
                "json_cast_function": "STRING_TO_DOUBLE",
            },
            "json_cast_function STRING_TO_DOUBLE is not supported for json_cast_type VARCHAR",
        ),
    ],
)
def test_an_index_that_does_not_fit_its_field_is_refused(
    name: str, params: dict[str, str], text: str
) -> None:
    with pytest.raises(ParamError, match=text) as raised:
        check_index(SCHEMA.by_name[name], params)
    assert raised.value.code == 1100
