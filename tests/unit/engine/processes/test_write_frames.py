"""Writes, and what becomes of them, arrive as they were sent; what is no frame is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.processes.messages import Answer, Call, decode, encode
from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn, VectorColumn
from aiomilvus.model.operations.data import Delete, FieldOp, Insert, Upsert
from aiomilvus.model.results import MutationResult
from aiomilvus.model.types import DataType
from tests.support.columns import ELEMENTS, SCALARS, VECTORS, columns, facts

if TYPE_CHECKING:
    from aiomilvus.model.operations.base import Operation

SIZE = 8
FRAME, PICKLE = b"wp"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
ROW = ColumnBatch(1, {"id": FixedColumn(np.array([7]))})


@st.composite
def any_column(draw: st.DrawFn) -> Column:
    if draw(st.booleans()):
        return draw(columns(draw(st.sampled_from([*SCALARS, *VECTORS]))))[1]
    element = draw(st.sampled_from([*ELEMENTS, *VECTORS]))
    kind = DataType.ARRAY_OF_VECTOR if element.is_vector else DataType.ARRAY
    return draw(columns(kind, element))[1]


BATCHES = st.dictionaries(NAMES, any_column(), max_size=3).map(
    lambda found: ColumnBatch(max([len(each) for each in found.values()], default=0), found)
)
PLACES = {"db": NAMES, "collection": NAMES, "partition": NAMES, "namespace": st.none() | NAMES}
ROWS = {
    **PLACES,
    "batch": BATCHES,
    "schema_version": st.integers(-1, 2**31),
    "schema_timestamp": st.integers(0, 2**63),
}
OPS = st.lists(
    st.tuples(NAMES, NAMES).map(lambda both: FieldOp(field=both[0], op=both[1])), max_size=2
).map(tuple)
FIELDS: dict[type[msgspec.Struct], dict[str, st.SearchStrategy[Any]]] = {
    Insert: ROWS,
    Upsert: {**ROWS, "partial": st.booleans(), "field_ops": OPS},
    Delete: {
        **PLACES,
        "ids": st.none() | any_column(),
        "filter": NAMES,
        "filter_params": st.dictionaries(NAMES, st.integers() | NAMES, max_size=1),
    },
}


def built(
    kind: type[msgspec.Struct], fields: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Any]:
    """Structs of a kind; `st.builds` would look up types that are there for readers only."""
    return st.fixed_dictionaries(fields).map(lambda found: kind(**found))


WRITES = st.one_of([built(kind, fields) for kind, fields in FIELDS.items()])
COUNTS = st.integers(0, 2**63)
RESULT = {
    "insert_count": COUNTS,
    "upsert_count": COUNTS,
    "delete_count": COUNTS,
    "ids": st.none() | any_column(),
    "timestamp": COUNTS,
    "cost": st.integers(-(2**63), 2**63),
}
RESULTS = built(MutationResult, RESULT)


def told(value: object) -> object:
    """Return what makes a value equal to another."""
    if isinstance(value, Column):
        return facts(value)
    if isinstance(value, ColumnBatch):
        return value.num_rows, {name: facts(each) for name, each in value.columns.items()}
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        return type(value), [told(getattr(value, name)) for name in fields]
    return value


@pytest.mark.parametrize("kind", [*FIELDS, MutationResult])
def test_all_fields_of_writes_and_results_are_tried_here(kind: type[msgspec.Struct]) -> None:
    tried = RESULT if kind is MutationResult else FIELDS[kind]
    assert set(kind.__struct_fields__) == set(tried)


@given(operation=WRITES, request=NAMES, again=st.booleans())
def test_writes_arrive_as_they_were_sent(
    operation: Operation[MutationResult], request: str, again: bool
) -> None:
    arrived = decode(encode(Call(request, operation, again))[SIZE:])
    assert isinstance(arrived, Call)
    assert (arrived.request, arrived.again) == (request, again)
    assert told(arrived.operation) == told(operation)


@given(result=RESULTS)
def test_results_arrive_as_they_were_sent(result: MutationResult) -> None:
    arrived = decode(encode(Answer(result))[SIZE:])
    assert isinstance(arrived, Answer)
    assert arrived.error is None
    assert told(arrived.result) == told(result)


@pytest.mark.parametrize(
    ("operation", "form"),
    [
        (Insert(collection="c", batch=ROW), FRAME),
        (Upsert(collection="c", batch=ROW), FRAME),
        (Delete(collection="c", ids=ROW["id"]), FRAME),
        (Delete(collection="c", filter="a == 1"), FRAME),
        (Delete(collection="c", filter="a == {a}", filter_params={"a": 1}), PICKLE),
        (Insert(collection="c", batch=ROW, schema_timestamp=2**64), PICKLE),
        (Insert(collection="\ud800", batch=ROW), PICKLE),
    ],
)
def test_what_messagepack_has_no_form_for_arrives_as_a_pickle(
    operation: Operation[MutationResult], form: int
) -> None:
    message = encode(Call("id", operation))
    assert message[SIZE] == form
    arrived = decode(message[SIZE:])
    assert isinstance(arrived, Call)
    assert told(arrived.operation) == told(operation)


def test_a_slice_is_sent_without_its_neighbours() -> None:
    whole = BytesColumn.of([b"x" * 1000] * 1000)
    batch = ColumnBatch(1, {"text": whole.slice(500, 501)})
    assert len(encode(Call("id", Insert(collection="c", batch=batch)))) < 2000


def test_large_columns_arrive_as_they_were_sent() -> None:
    values = np.arange(600_000, dtype=np.float32).reshape(3000, 200)[:, ::2]
    call = Call("id", Insert(collection="c", batch=ColumnBatch(3000, {"v": VectorColumn(values)})))
    arrived = decode(encode(call)[SIZE:])
    assert isinstance(arrived, Call)
    assert told(arrived.operation) == told(call.operation)


def _frame(change: Any) -> bytes:
    """Return the bytes of an insertion whose frame was changed in one place."""
    content = bytes(encode(Call("id", Insert(collection="c", batch=ROW)))[SIZE:])
    frame = msgspec.msgpack.decode(content[1:])
    change(frame)
    return content[:1] + msgspec.msgpack.encode(frame)


COLUMNS = 10


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.__setitem__(0, "elsewhere"),
        lambda frame: frame.__setitem__(1, 3),
        lambda frame: frame[COLUMNS]["id"].__setitem__(0, "hexagonal"),
        lambda frame: frame[COLUMNS]["id"].__setitem__(0, "list."),
        lambda frame: frame[COLUMNS]["id"].__setitem__(0, "bytes"),
        lambda frame: frame[COLUMNS]["id"][1]["values"].__setitem__(0, "O"),
        lambda frame: frame[COLUMNS]["id"][1]["values"].__setitem__(0, "no type"),
        lambda frame: frame[COLUMNS]["id"][1]["values"].__setitem__(1, b"short"),
        lambda frame: frame[COLUMNS]["id"][1]["values"].__setitem__(2, [2**40]),
        lambda frame: frame[COLUMNS]["id"][1]["values"].__setitem__(2, [-1, -1]),
        lambda frame: frame.__delitem__(slice(5, None)),
    ],
)
def test_a_changed_frame_is_refused(change: Any) -> None:
    assert isinstance(decode(_frame(lambda _: None)), Call)
    with pytest.raises(ParamError, match="can't be read"):
        decode(_frame(change))


@given(st.data())
def test_a_frame_that_is_cut_off_or_longer_is_refused(data: st.DataObject) -> None:
    content = bytes(encode(Call("id", Insert(collection="c", batch=ROW)))[SIZE:])
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ParamError):
        decode(content[:cut])
    with pytest.raises(ParamError):
        decode(content + b"\0")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    with pytest.raises(ParamError):
        decode(bytes((FRAME,)) + content)


def test_a_form_that_is_unknown_is_refused_by_name() -> None:
    with pytest.raises(ParamError, match="the unknown form 120"):
        decode(b"x and more")
