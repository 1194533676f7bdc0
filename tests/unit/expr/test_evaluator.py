"""How a predicate is run: rows asked about, columns read, indexes used, samples drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus.errors import NotSupportedError
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.predicate import (
    Column,
    Compare,
    FuzzyMatch,
    In,
    JsonPath,
    Match,
    MatchKind,
    PhraseMatch,
    TextMatch,
)
from aiomilvus.expr.source import ColumnSource, MemorySource
from tests.support.filters import SCHEMA, passing, source_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.expr.predicate import Leaf

ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "middle": number % 7,
        "big": None if number % 5 == 0 else number,
        "text": f"row {number} of some" if number % 3 else None,
        "other": "x",
        "meta": {"n": number, "s": str(number)},
        "numbers": list(range(number % 4)),
    }
    for number in range(200)
]
FILTERS = [
    "middle == 3",
    "middle == 3 and text like '%1%'",
    "middle == 3 and text like '%1%' and meta['n'] > 50",
    "text like '%19%' or meta['s'] like '1%' or middle < 2",
    "not (middle == 3 or big > 100)",
    "meta['n'] in [3, 5, 150] or array_contains(numbers, 2)",
    "middle == 1 and match_any(numbers, $ == 2) and text =~ '1.*of'",
    "big is null and not (text is null)",
    "text in ['row 1 of some', 'row 100 of some'] and meta['s'] != '1'",
    "true",
    "false",
    "middle == 99 and text like '%a%'",
]


class WatchedSource(MemorySource):
    """Notes what is read."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        plain = source_of(rows)
        super().__init__(plain._columns, plain.num_rows)
        self.read: list[str] = []
        self.asked: list[int | None] = []

    def column(self, name: str) -> Any:
        self.read.append(name)
        return super().column(name)

    def json_path(
        self, field: str, path: tuple[str, ...], rows: NDArray[np.int64] | None = None
    ) -> Any:
        self.read.append(field)
        self.asked.append(None if rows is None else len(rows))
        return super().json_path(field, path, rows)


class IndexedSource(WatchedSource):
    """Answers leaves about some fields from a mask, as a scalar index would."""

    def __init__(self, rows: list[dict[str, Any]], fields: set[str]) -> None:
        super().__init__(rows)
        self._indexed = fields
        self.answered: list[Leaf] = []

    def index_lookup(self, leaf: Leaf) -> NDArray[np.bool_] | None:
        match leaf:
            case Compare(operand=Column(name=field)) | In(operand=Column(name=field)):
                pass
            case Match(operand=Column(name=field), kind=MatchKind.INFIX):
                pass
            case Compare(operand=JsonPath(field=field)):
                pass
            case _:
                return None
        if field not in self._indexed:
            return None
        self.answered.append(leaf)
        return np.array([_holds(leaf, row) for row in ROWS])


def _holds(leaf: Any, row: dict[str, Any]) -> bool:
    value = row.get(getattr(leaf.operand, "name", "")) if isinstance(leaf.operand, Column) else None
    if isinstance(leaf.operand, JsonPath):
        value = row["meta"].get(leaf.operand.path[0])
    if value is None:
        return False
    if isinstance(leaf, In):
        return value in leaf.values
    if isinstance(leaf, Match):
        return leaf.text in value
    operators = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__",
                 ">": "__gt__", ">=": "__ge__"}  # fmt: skip
    return getattr(value, operators[leaf.op])(leaf.value) is True


@pytest.mark.parametrize("text", FILTERS)
def test_asking_about_some_rows_gives_their_part_of_the_answer(text: str) -> None:
    predicate = compile_filter(text, SCHEMA)
    whole = evaluate(predicate, source_of(ROWS))
    for rows in ([], [5], [199, 0, 7, 7], list(range(0, 200, 3)), list(range(199, -1, -1))):
        numbers = np.array(rows, np.int64)
        part = evaluate(predicate, source_of(ROWS), numbers)
        assert part.dtype == np.bool_
        assert part.tolist() == whole[numbers].tolist()


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("fields", [{"middle"}, {"text", "big"}, {"middle", "text", "big", "meta"}])
def test_an_index_changes_nothing_but_the_work(text: str, fields: set[str]) -> None:
    predicate = compile_filter(text, SCHEMA)
    indexed = IndexedSource(ROWS, fields)
    assert evaluate(predicate, indexed).tolist() == evaluate(predicate, source_of(ROWS)).tolist()
    rows = np.arange(150, 30, -1)
    assert (
        evaluate(predicate, indexed, rows).tolist()
        == evaluate(predicate, source_of(ROWS), rows).tolist()
    )


def test_what_an_index_answers_is_not_read() -> None:
    source = IndexedSource(ROWS, {"middle", "text"})
    evaluate(compile_filter("middle == 3 and text like '%1%'", SCHEMA), source)
    assert len(source.answered) == 2
    assert source.read == []


def test_a_negated_leaf_is_answered_by_index_and_nulls_stay_out() -> None:
    source = IndexedSource(ROWS, {"big"})
    found = evaluate(compile_filter("big not in [1, 2]", SCHEMA), source)
    wanted = [row["big"] is not None and row["big"] not in (1, 2) for row in ROWS]
    assert found.tolist() == wanted
    assert source.answered == [In(Column("big", SCHEMA.by_name["big"].dtype), (1, 2))]


@pytest.mark.parametrize(
    "text", ["middle > 1", "text like '%a%' and middle == 1", "meta['n'] == 1 or colour == 'red'"]
)
def test_only_the_columns_of_the_predicate_are_read(text: str) -> None:
    predicate = compile_filter(text, SCHEMA)
    source = WatchedSource(ROWS)
    evaluate(predicate, source)
    assert set(source.read) == predicate.columns


def test_the_dear_part_of_a_conjunction_is_asked_last_and_about_the_survivors() -> None:
    source = WatchedSource(ROWS)
    evaluate(compile_filter("meta['n'] > 3 and id in [7, 8, 9]", SCHEMA), source)
    assert source.read[0] == "id"
    assert source.asked == [3]


def test_the_dear_part_of_a_disjunction_is_asked_about_the_others() -> None:
    source = WatchedSource(ROWS)
    evaluate(compile_filter("meta['n'] > 3 or id < 190", SCHEMA), source)
    assert source.asked == [10]


def test_nothing_is_read_once_nothing_is_left() -> None:
    source = WatchedSource(ROWS)
    evaluate(compile_filter("id == -1 and meta['n'] > 3 and text like '%a%'", SCHEMA), source)
    assert source.read == ["id"]
    source = WatchedSource(ROWS)
    evaluate(compile_filter("id >= 0 or meta['n'] > 3", SCHEMA), source)
    assert source.read == ["id"]


# Samples.


def test_a_sample_is_left_to_whoever_knows_the_rows_it_is_drawn_from() -> None:
    with pytest.raises(TypeError, match="drawn by whoever"):
        evaluate(compile_filter("id >= 0 and random_sample(0.5)", SCHEMA), source_of(ROWS))


# Text match.


class MatchingSource(MemorySource):
    """Matches words, as an analyzer's index would; does not care about nulls."""

    def text_match(self, leaf: TextMatch | PhraseMatch | FuzzyMatch) -> NDArray[np.bool_]:
        texts = [value.decode().split() for value in self.column(leaf.field)]  # type: ignore[attr-defined]  # a BytesColumn
        if isinstance(leaf, TextMatch):
            wanted = set(leaf.query.split())
            least = leaf.minimum_should_match
            return np.array([len(wanted & set(words)) >= least for words in texts])
        if isinstance(leaf, PhraseMatch):
            return np.array([leaf.query in " ".join(words) for words in texts])
        return np.ones(len(texts), np.bool_)


def matching(text: str) -> list[int]:
    texts = ["red fox runs", "the fox", None, "dog runs red"]
    plain = source_of([{"text": value} for value in texts])
    source = MatchingSource(plain._columns)
    return np.flatnonzero(evaluate(compile_filter(text, SCHEMA), source)).tolist()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("text_match(text, 'red fox')", [0, 1, 3]),
        ("TEXT_MATCH(text, 'red fox', minimum_should_match=2)", [0]),
        ("not text_match(text, 'red')", [1]),
        ("phrase_match(text, 'fox runs')", [0]),
        ("phrase_match(text, 'fox runs', 2)", [0]),
        ("text_match_fuzzy(text, 'foks', max_edit_distance=1)", [0, 1, 3]),
        ("text_match(text, 'red') and text like 'd%'", [3]),
    ],
)
def test_text_is_matched_by_the_source(text: str, wanted: list[int]) -> None:
    assert matching(text) == wanted


def test_a_source_without_an_analyzer_says_so() -> None:
    with pytest.raises(NotSupportedError, match="text match on field text is not supported here"):
        passing("text_match(text, 'a')", [{"text": "a"}])


def test_the_protocol_gives_its_optional_methods_to_those_who_derive_from_it() -> None:
    class Bare(ColumnSource):
        num_rows = 0

        def column(self, name: str) -> Any:
            return source_of([]).column(name)

        def json_path(self, field: str, path: tuple[str, ...], rows: Any = None) -> Any:
            return source_of([]).json_path(field, path, rows)

    source = Bare()
    assert source.index_lookup(Compare(Column("id", SCHEMA.by_name["id"].dtype), "==", 1)) is None
    assert source.geometries("shape").tolist() == []
    assert evaluate(compile_filter("middle > 1 or colour == 'red'", SCHEMA), source).tolist() == []
