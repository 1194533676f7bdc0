"""Shredded JSON paths: kinds, caching, subsets, damage."""

from __future__ import annotations

import threading

import msgspec
import numpy as np
import pytest

from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr import json_paths as module
from aiomilvus.expr.json_paths import JsonValues, Kind, Shredder, shred
from aiomilvus.model.columns import BytesColumn

DOCUMENTS = [
    {"a": 1}, {"a": 2.5}, {"a": "x"}, {"a": True}, {"a": None}, {}, None, {"a": [1, {"b": 2}]},
    {"a": {"b": "deep"}}, 5, [7, 8], "text",
]  # fmt: skip


def column(documents: list[object]) -> BytesColumn:
    return BytesColumn.of([None if d is None else msgspec.json.encode(d) for d in documents])


def test_values_are_sorted_by_kind() -> None:
    values = shred(column(list(DOCUMENTS)), ("a",))
    kinds = [Kind(kind).name for kind in values.kinds.tolist()]
    assert kinds == [
        "INTEGER", "DOUBLE", "STRING", "BOOL", "NULL", "MISSING", "MISSING", "ARRAY", "OBJECT",
        "MISSING", "MISSING", "MISSING",
    ]  # fmt: skip
    assert values.integers[[0, 3]].tolist() == [1, 1]
    assert values.doubles[[0, 1]].tolist() == [1.0, 2.5]
    assert values.strings.raw(2) == b"x"


def test_nested_steps_lead_through_objects_and_arrays() -> None:
    documents = column(list(DOCUMENTS))
    assert shred(documents, ("a", "1", "b")).kinds[7] == Kind.INTEGER
    assert shred(documents, ("a", "b")).strings.raw(8) == b"deep"
    assert shred(documents, ("1",)).integers[10] == 8
    assert shred(documents, ()).kinds[9:].tolist() == [Kind.INTEGER, Kind.ARRAY, Kind.STRING]


def test_elements_are_laid_end_to_end() -> None:
    values = JsonValues.of([[1, "x"], 5, [], [[2]]])
    offsets, elements = values.elements()
    assert offsets.tolist() == [0, 2, 2, 2, 3]
    assert elements.kinds.tolist() == [Kind.INTEGER, Kind.STRING, Kind.ARRAY]


def test_a_path_is_shredded_once_and_kept() -> None:
    shredder = Shredder(column([{"a": 1}, {"a": 2}]))
    assert shredder.values(("a",)) is shredder.values(("a",))


def test_only_the_paths_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT_PATHS", 2)
    shredder = Shredder(column([{"a": 1, "b": 2, "c": 3}]))
    first = shredder.values(("a",))
    shredder.values(("b",))
    assert shredder.values(("a",)) is first
    shredder.values(("c",))
    assert shredder.values(("a",)) is first
    assert len(shredder._kept) == 2


def test_a_few_rows_are_shredded_alone_until_the_path_is_kept() -> None:
    shredder = Shredder(column([{"a": number} for number in range(100)]))
    rows = np.array([50, 3])
    assert shredder.values(("a",), rows).integers.tolist() == [50, 3]
    assert len(shredder._kept) == 0
    many = np.arange(0, 100, 2)
    assert shredder.values(("a",), many).integers.tolist() == many.tolist()
    assert len(shredder._kept) == 1
    assert shredder.values(("a",), rows).integers.tolist() == [50, 3]


def test_taking_rows_keeps_every_kind() -> None:
    values = shred(column(list(DOCUMENTS)), ("a",))
    rows = np.array([8, 7, 2, 0, 5])
    taken = values.take(rows)
    assert taken.kinds.tolist() == values.kinds[rows].tolist()
    assert taken.strings.raw(2) == b"x"
    assert taken.objects is not None
    assert taken.objects[1] == [1, {"b": 2}]


def test_threads_may_share_a_shredder() -> None:
    shredder = Shredder(column([{"a": number, "b": str(number)} for number in range(500)]))
    wrong: list[object] = []

    def use() -> None:
        for _ in range(10):
            if shredder.values(("a",)).integers.tolist() != list(range(500)):
                wrong.append("a")
            if shredder.values(("b",)).strings.raw(499) != b"499":
                wrong.append("b")

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_damaged_text_is_reported_not_skipped() -> None:
    for path in (("a",), ()):
        with pytest.raises(DataCorruptedError, match="a JSON value is not JSON"):
            shred(BytesColumn.of([b'{"a": 1}', b'{"a": ']), path)
