"""Partial upserts: the fields that were not given keep the values they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from aiomilvus.engine.segment.default_columns import filled_column
from aiomilvus.engine.segment.key_index import key_list
from aiomilvus.errors import ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, ListColumn
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.rows.errors import shorten
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.collection import Collection
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import FieldOp
    from aiomilvus.model.schema import Field


def merge_partial(
    collection: Collection,
    batch: ColumnBatch,
    keys: Column,
    field_ops: tuple[FieldOp, ...],
    partition: int,
) -> ColumnBatch:
    """Return whole rows: the given columns over the stored rows with the same keys.

    Called in the writer's turn, so that the rows are those that will be replaced.

    Args:
        collection: Whose rows they are.
        batch: The columns given.
        keys: The keys.
        field_ops: What is done to arrays, field by field.
        partition: Where the rows are, 0 for the newest of all.

    Raises:
        ParamError: A key is new, but a field it needs is not given; an operation does not fit.
    """
    schema = collection.record.schema
    found = _locate(collection, keys, partition)
    operations = {op.field: op.op for op in field_ops}
    columns: dict[str, Column] = {}
    for field in schema.fields:
        if field.is_function_output:
            continue
        given = batch.columns.get(field.name)
        if field.name in operations:
            stored = _stored(collection, field, found)
            columns[field.name] = _combined(field, operations.pop(field.name), stored, given)
        elif field.is_dynamic and given is not None:
            columns[field.name] = _merged_json(_stored(collection, field, found), given)
        elif given is not None:
            columns[field.name] = given
        elif not (field.is_primary and field.auto_id):
            if (-1, -1) in found and not (field.nullable or field.has_default or field.is_dynamic):
                raise _lacking(collection, field, keys, found.index((-1, -1)), partition)
            columns[field.name] = _stored(collection, field, found)
    if operations:
        raise ParamError(message=f"field_ops name an unknown field: {next(iter(operations))}")
    extra = {name: c for name, c in batch.columns.items() if name not in schema.by_name}
    return ColumnBatch(batch.num_rows, {**columns, **extra})


def _locate(collection: Collection, keys: Column, partition: int) -> list[tuple[int, int]]:
    """Return (segment number in the snapshot, row) of each key, (-1, -1) where it is new."""
    found = [(-1, -1)] * len(keys)
    for number, view in enumerate(collection.snapshot.views):
        if partition and view.segment.partition_id != partition:
            continue
        shadowed = view.shadowed
        if partition and shadowed is not None and view.shadowed_by_other_partition is not None:
            shadowed = shadowed & ~view.shadowed_by_other_partition
        for at, row in enumerate(view.segment.find(keys).tolist()):
            visible = row >= 0 and not (view.deleted is not None and view.deleted[row])
            if visible and not (shadowed is not None and shadowed[row]):
                found[at] = (number, row)
    return found


def _lacking(
    collection: Collection, field: Field, keys: Column, row: int, partition: int
) -> ParamError:
    """Return the error for a row that lacks a field, and has no stored row to take it from."""
    names = {part.id: part.name for part in collection.record.partitions}
    one = keys.slice(row, row + 1)
    (found,) = key_list(one)
    key = shorten(found.decode() if isinstance(found, bytes) else found)
    has_namespaces = collection.record.schema.enable_namespace  # what others hold is theirs
    elsewhere = -1 if has_namespaces else _locate(collection, one, 0)[0][0]
    if elsewhere < 0:
        problem = f"row {row} has a new primary key, {key}, so all fields are needed"
    else:
        home = names[collection.snapshot.views[elsewhere].segment.partition_id]
        problem = (
            f"no row with key {key} (row {row}) is in partition {names[partition]}, but one is in "
            f"{home}: give partition_name={home!r} to change that one, or all fields to add another"
        )
    message = f"fieldSchema({field.name}) has no corresponding fieldData pass in: {problem}"
    return ParamError(message=f"{message}: invalid parameter")


def _stored(collection: Collection, field: Field, found: list[tuple[int, int]]) -> Column:
    """Return the stored values in the order of the keys; fillers for new keys."""
    views = collection.snapshot.views
    parts: list[Column] = [filled_column(field, 1)]
    places = np.zeros(len(found), np.int64)
    offset = 1
    for number in sorted({number for number, _ in found if number >= 0}):
        mine = [at for at, (owner, _) in enumerate(found) if owner == number]
        rows = np.array([found[at][1] for at in mine], np.int64)
        parts.append(views[number].segment.column(field).take(rows))
        places[mine] = np.arange(offset, offset + len(mine))
        offset += len(mine)
    return type(parts[0]).concat(parts).take(places)


def _merged_json(stored: Column, given: Column) -> BytesColumn:
    pairs = zip(BytesColumn.expect(stored), BytesColumn.expect(given), strict=True)
    merged = [msgspec.json.encode({**_keys(old), **_keys(new)}) for old, new in pairs]
    return BytesColumn.of(merged)


def _keys(text: bytes) -> dict[str, Any]:
    """Return the dynamic keys of a row."""
    keys = decode_json(text or b"{}", "the dynamic field of a partial upsert")
    if not isinstance(keys, dict):
        message = f"the dynamic field must be a JSON object, got {shorten(keys)}"
        raise ParamError(message=f"{message}: invalid parameter")
    return keys


def _combined(field: Field, op: str, stored: Column, given: Column | None) -> Column:
    if field.dtype is not DataType.ARRAY or op not in ("array_append", "array_remove", "replace"):
        message = f"field op {op} does not fit field {field.name} of type {field.dtype.spelling}"
        raise ParamError(message=f"{message}: invalid parameter")
    if given is None:
        raise ParamError(message=f"field op {op} needs values for field {field.name}")
    if op == "replace":
        return given
    old, new = ListColumn.expect(stored), ListColumn.expect(given)
    both = type(old.child).concat([old.child, new.child])
    shift = len(old.child)
    runs: list[NDArray[np.int64]] = []
    for row in range(len(old)):
        kept = np.arange(old.offsets[row], old.offsets[row + 1])
        added = np.arange(new.offsets[row], new.offsets[row + 1]) + shift
        if op == "array_append":
            runs.append(np.concatenate([kept, added]))
        else:
            unwanted = _values(both, added)
            values = _values(both, kept)
            runs.append(kept[[value not in unwanted for value in values]] if len(kept) else kept)
    offsets = np.zeros(len(runs) + 1, np.int64)
    np.cumsum([len(run) for run in runs], out=offsets[1:])
    return ListColumn(offsets, both.take(np.concatenate(runs) if runs else np.empty(0, np.int64)))


def _values(column: Column, rows: NDArray[np.int64]) -> list[object]:
    picked = column.take(rows)
    if isinstance(picked, BytesColumn):
        return list(picked)
    return cast("list[object]", picked.arrays()["values"].tolist())
