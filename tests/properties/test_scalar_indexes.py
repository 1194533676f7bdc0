"""Every scalar index against none: random filters over random rows with nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.registry import build_index, check_index, open_index
from aiomilvus.engine.index.scalar import inverted, ngram
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.predicate import field_of
from aiomilvus.expr.source import MemorySource
from tests.support.examples import examples
from tests.support.filters import SCHEMA, source_of
from tests.support.rules.logic import FAMILIES, rules
from tests.support.rules.values import rows_of_data

if TYPE_CHECKING:
    from tests.support.rules.rule import Row

GRAMS = {"index_type": "NGRAM", "min_gram": "1", "max_gram": "3"}
FIELDS = ["small", "middle", "big", "single", "double", "flag", "text", "other"]


def json_index(field: str, path: str, cast: str, **more: str) -> tuple[str, dict[str, str]]:
    return field, {"index_type": "INVERTED", "json_path": path, "json_cast_type": cast, **more}


CASTS = ["BOOL", "DOUBLE", "VARCHAR", "ARRAY_BOOL", "ARRAY_DOUBLE", "ARRAY_VARCHAR", "JSON"]
INDEXES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "INVERTED": [(name, {"index_type": "INVERTED"}) for name in FIELDS],
    "AUTOINDEX": [(name, {"index_type": "AUTOINDEX"}) for name in FIELDS],
    "BITMAP": [
        (name, {"index_type": "BITMAP"}) for name in FIELDS if name not in ("single", "double")
    ],
    "STL_SORT": [(name, {"index_type": "STL_SORT"}) for name in FIELDS if name != "flag"],
    "TRIE": [(name, {"index_type": "TRIE"}) for name in ("text", "other")],
    "NGRAM": [("text", GRAMS), ("other", GRAMS)],
    "elements": [(name, {"index_type": "INVERTED"}) for name in ("numbers", "floats", "tags")],
    "JSON paths": [
        json_index(field, path.format(start), cast)
        for field, start in (("meta", "meta"), ("$meta", "key"))
        for path in ("{}['a']", "{}['b']['a']")
        for cast in CASTS
    ],
    "JSON documents": [
        json_index("meta", "meta", "JSON"),
        json_index("$meta", "$meta", "JSON"),
    ],
    "JSON n-grams": [("meta", {**GRAMS, "json_path": "meta['a']", "json_cast_type": "VARCHAR"})],
}


class Indexed(MemorySource):
    """Columns in memory with indexes, which were stored and opened again."""

    def __init__(self, rows: list[Row], wanted: list[tuple[str, dict[str, str]]]) -> None:
        plain = source_of(rows)
        super().__init__({name: plain.column(name) for name in plain._columns}, len(rows))
        self._indexes: dict[str, list[Any]] = {}
        for number, (name, params) in enumerate(wanted):
            self._indexes.setdefault(name, []).append(self._stored(number, name, params))

    def _stored(self, number: int, name: str, params: dict[str, str]) -> Any:
        field, column = SCHEMA.by_name[name], self.column(name)
        spec = IndexSpec(id=number, name=name, field=name, params=check_index(field, params))
        built: Any = build_index(spec, field, column, BuildBudget(1))
        assert built is not None
        arrays, meta = built.to_arrays()
        return open_index(spec, field, column, arrays, meta)

    def index_lookup(self, leaf: Any) -> Any:
        for index in self._indexes.get(field_of(leaf), ()):
            found = index.lookup(leaf)
            if found is None:
                continue
            count = index.count(leaf)
            assert count is None or count == np.count_nonzero(found)
            return found
        return None

    def index_known(self, leaf: Any) -> Any:
        known = (index.known(leaf) for index in self._indexes.get(field_of(leaf), ()))
        return next((mask for mask in known if mask is not None), None)


@pytest.mark.parametrize("kind", INDEXES)
@settings(max_examples=examples(20))
@given(data=st.data(), rows=rows_of_data)
def test_a_filter_passes_the_same_rows_with_an_index_and_without(
    kind: str, data: st.DataObject, rows: list[Row]
) -> None:
    rows = rows * 3  # values that come again are what indexes are good at
    rule = data.draw(rules)
    with mock.patch.object(ngram, "_TOO_MANY", 0), mock.patch.object(inverted, "_NUMBERS", 1):
        indexed = Indexed(rows, INDEXES[kind])
        for text in (rule.text, f"not ({rule.text})"):
            predicate = compile_filter(text, SCHEMA)
            with_index = evaluate(predicate, indexed).tolist()
            assert with_index == evaluate(predicate, source_of(rows)).tolist()


ANSWERED = {
    "INVERTED": ["linear", "floats", "lists", "ranges", "text"],
    "BITMAP": ["linear", "lists", "text"],
    "STL_SORT": ["floats", "ranges", "text"],
    "TRIE": ["text", "ranges"],
    "NGRAM": ["text"],
    "elements": ["contains"],
    "JSON paths": ["json", "json in list", "contains"],
    "JSON documents": ["json", "json in list"],
}


@pytest.mark.parametrize(
    ("kind", "family"), [(kind, family) for kind, names in ANSWERED.items() for family in names]
)
@settings(max_examples=examples(33))  # of each pair
@given(data=st.data(), rows=rows_of_data)
def test_a_leaf_and_its_negation_pass_the_same_rows_with_an_index_and_without(
    kind: str, family: str, data: st.DataObject, rows: list[Row]
) -> None:
    rows = rows * 3
    rule = data.draw(FAMILIES[family])
    with mock.patch.object(ngram, "_TOO_MANY", 0), mock.patch.object(inverted, "_NUMBERS", 1):
        indexed = Indexed(rows, INDEXES[kind])
        for text in (rule.text, f"not ({rule.text})"):
            predicate = compile_filter(text, SCHEMA)
            with_index = evaluate(predicate, indexed).tolist()
            assert with_index == evaluate(predicate, source_of(rows)).tolist()
