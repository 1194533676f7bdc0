"""A collection whose schema changes, against a dictionary of rows: both hold the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aiomilvus import DataType, Function, FunctionType, MilvusClient
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.write import direct
from tests.support.examples import examples

NAME = "c"
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
FIELDS = ["a", "b", "d"]
WORDS = ["fox", "whale", "owl"]
NUMBERS = st.lists(st.integers(0, 15), min_size=1, max_size=6, unique=True)


class Collection(RuleBasedStateMachine):
    """Changes of fields and rows, between sealing, merging, restoring and reopening."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.client = MilvusClient(str(self.folder / "db"))
        self.rows: dict[int, dict[str, Any]] = {}
        self.fields: dict[str, tuple[DataType, Any]] = {}
        self.bm25 = False
        self.kept: tuple[dict[int, dict[str, Any]], dict[str, tuple[DataType, Any]]] | None = None
        self.count = 0

    @initialize()
    def create(self) -> None:
        schema = self.client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("text", DataType.VARCHAR, max_length=40, enable_analyzer=True)
        params = self.client.prepare_index_params()
        params.add_index("v", index_type="FLAT", metric_type="L2")
        self.client.create_collection(NAME, schema=schema, index_params=params)

    def new_row(self, number: int, given: list[str]) -> dict[str, Any]:
        self.count += 1
        row: dict[str, Any] = {"id": number, "text": WORDS[self.count % 3]}
        for name in given:
            if name in self.fields:
                is_text = self.fields[name][0] is DataType.VARCHAR
                row[name] = f"w{self.count % 4}" if is_text else self.count % 4
        return row

    def stored(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it is read back: with the defaults of what was not given."""
        return {**{name: default for name, (_, default) in self.fields.items()}, **row}

    @rule(numbers=NUMBERS, given=st.lists(st.sampled_from(FIELDS), unique=True))
    def upsert(self, numbers: list[int], given: list[str]) -> None:
        rows = [self.new_row(number, given) for number in numbers]
        self.client.upsert(NAME, [{**row, "v": [1.0, 0.0]} for row in rows])
        self.rows.update({row["id"]: self.stored(row) for row in rows})

    @rule(first=st.integers(100, 400), given=st.lists(st.sampled_from(FIELDS), unique=True))
    def insert_many(self, first: int, given: list[str]) -> None:
        numbers = [n for n in range(first, first + 40) if n not in self.rows]
        rows = [self.new_row(number, given) for number in numbers]
        if rows:
            self.client.insert(NAME, [{**row, "v": [1.0, 0.0]} for row in rows])
            self.rows.update({row["id"]: self.stored(row) for row in rows})

    @precondition(lambda self: self.rows and self.fields)
    @rule(data=st.data())
    def upsert_partly(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.rows)))
        name = data.draw(st.sampled_from(sorted(self.fields)))
        value = self.new_row(number, [name])[name]
        self.client.upsert(NAME, [{"id": number, name: value}], partial_update=True)
        self.rows[number] = {**self.rows[number], name: value}

    @rule(numbers=NUMBERS)
    def delete(self, numbers: list[int]) -> None:
        self.client.delete(NAME, ids=numbers)
        self.rows = {n: row for n, row in self.rows.items() if n not in numbers}

    @precondition(lambda self: len(self.fields) < len(FIELDS))
    @rule(data=st.data(), text=st.booleans(), default=st.booleans())
    def add_field(self, data: st.DataObject, text: bool, default: bool) -> None:
        name = data.draw(st.sampled_from([n for n in FIELDS if n not in self.fields]))
        value = ("w9" if text else 9) if default else None
        dtype = DataType.VARCHAR if text else DataType.INT64
        options: dict[str, Any] = {"max_length": 9} if text else {}
        if default:
            options["default_value"] = value
        self.client.add_collection_field(NAME, name, dtype, nullable=True, **options)
        self.fields[name] = (dtype, value)
        self.rows = {n: {**row, name: value} for n, row in self.rows.items()}

    @precondition(lambda self: self.fields)
    @rule(data=st.data())
    def drop_field(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.fields)))
        self.client.drop_collection_field(NAME, name)
        del self.fields[name]
        for row in self.rows.values():
            del row[name]

    @precondition(lambda self: self.fields)
    @rule(data=st.data())
    def index_field(self, data: st.DataObject) -> None:
        params = self.client.prepare_index_params()
        params.add_index(data.draw(st.sampled_from(sorted(self.fields))), index_type="INVERTED")
        self.client.create_index(NAME, params)

    @rule()
    def switch_bm25(self) -> None:
        if self.bm25:
            self.client.drop_function_field(NAME, "f")
        else:
            field = self.client.create_field_schema("s", DataType.SPARSE_FLOAT_VECTOR)
            params = self.client.prepare_index_params()
            params.add_index("s", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
            function = Function("f", FunctionType.BM25, ["text"], ["s"])
            self.client.add_function_field(NAME, field, function, params)
        self.bm25 = not self.bm25

    @precondition(lambda self: self.kept is None)
    @rule()
    def keep(self) -> None:
        self.client.create_snapshot("kept", NAME)
        self.kept = {n: dict(row) for n, row in self.rows.items()}, dict(self.fields)

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restore(self) -> None:
        assert self.kept is not None
        rows, fields = self.kept
        self.client.restore_snapshot("kept", NAME, "again")
        self.client.load_collection("again")
        assert self.contents("again", fields) == rows
        self.client.drop_collection("again")
        self.client.drop_snapshot("kept", NAME)
        self.kept = None

    @rule()
    def flush(self) -> None:
        self.client.flush(NAME)

    @rule()
    def compact(self) -> None:
        job = self.client.compact(NAME)
        while self.client.get_compaction_state(job) != "Completed":
            pass

    @rule()
    def reopen(self) -> None:
        self.client.close()
        self.client = MilvusClient(str(self.folder / "db"))

    def contents(self, name: str, fields: dict[str, Any]) -> dict[int, dict[str, Any]]:
        found = self.client.query(name, "id >= 0", output_fields=["text", *fields])
        return {row["id"]: dict(row) for row in found}

    @invariant()
    def rows_are_the_same(self) -> None:
        if not self.client.has_collection(NAME):
            return
        assert self.contents(NAME, self.fields) == self.rows

    @invariant()
    def filters_tell_the_same(self) -> None:
        for name, (dtype, _) in self.fields.items():
            value: Any = "w1" if dtype is DataType.VARCHAR else 1
            for filter, wanted in [
                (f"{name} is null", None),
                (f"{name} == {value!r}", value),
            ]:
                found = {row["id"] for row in self.client.query(NAME, filter)}
                assert found == {n for n, row in self.rows.items() if row[name] == wanted}

    @invariant()
    def full_text_finds_the_same(self) -> None:
        if self.bm25:
            (hits,) = self.client.search(NAME, ["fox"], anns_field="s", limit=1000)
            wanted = {n for n, row in self.rows.items() if row["text"] == "fox"}
            assert {hit["id"] for hit in hits} == wanted

    def teardown(self) -> None:
        self.client.close()
        shutil.rmtree(self.folder)


def test_a_changing_schema_holds_what_a_dictionary_holds(monkeypatch):
    monkeypatch.setattr(direct, "ROWS", 30)
    monkeypatch.setattr(worker, "SEAL_ROWS", 60)
    run_state_machine_as_test(
        Collection,
        settings=settings(max_examples=examples(25), stateful_step_count=25, deadline=None),
    )
