"""Writes and deletions as records of the log, and back.

A record's meta is a `Record`; its arrays are the columns, named ``<field id>.<array>``, or the
keys of a deletion, ``keys.<array>``. Normative text: docs/formats/log.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from aiomilvus.engine.outcome import Outcome
from aiomilvus.engine.segment.derived_columns import function_of, younger_column
from aiomilvus.engine.storage.frames import LogRecord
from aiomilvus.model.batch import ColumnBatch, column_from_arrays
from aiomilvus.model.columns import own_data

if TYPE_CHECKING:
    from aiomilvus.engine.storage.frames import Array
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


class Record(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"within_partition": "inside"},  # as the log's format calls it
):
    """The meta part of a log record.

    Attributes:
        op: ``insert`` and ``upsert`` carry rows for one partition; ``delete`` carries keys.
        timestamp: Hybrid timestamp; rises from record to record.
        partition: The rows' partition, or the one to delete in; 0 for all.
        within_partition: An upsert replaces rows of its partition only; those of others are
            shadowed.
        request: Id of the forwarded call that the record begins, "" for none.
        outcome: What became of that call, which its caller may ask the next leader for.
    """

    op: Literal["insert", "upsert", "delete"]
    timestamp: int
    partition: int = 0
    rows: int = 0
    within_partition: bool = False
    request: str = ""
    outcome: Outcome | None = None


class Step(NamedTuple):
    """One record of the log: rows for a partition, or keys to delete."""

    record: Record
    batch: ColumnBatch | None = None
    keys: Column | None = None


def encode_rows(record: Record, schema: Schema, batch: ColumnBatch) -> LogRecord:
    """Return a record with rows as the log takes it."""
    arrays: dict[str, Array] = {}
    for field in schema.fields:
        prefix = f"{field.id}."
        for name, array in own_data(batch.columns[field.name]).arrays().items():
            arrays[prefix + name] = array
    return LogRecord(record, arrays)


def encode_keys(record: Record, keys: Column) -> LogRecord:
    """Return a deletion as the log takes it."""
    arrays = {f"keys.{name}": array for name, array in own_data(keys).arrays().items()}
    return LogRecord(record, arrays)


def decode(logged: LogRecord) -> Record:
    """Return what a record of the log says of itself."""
    return msgspec.convert(logged.meta, Record)


def decode_rows(logged: LogRecord, schema: Schema, rows: int) -> ColumnBatch:
    """Return the rows of a record under today's schema.

    Fields that were dropped since are left out, younger ones are filled or computed.
    """
    grouped = _grouped(logged)
    columns: dict[str, Column] = {}
    # What functions compute comes after what they compute it from.
    for field in sorted(schema.fields, key=lambda each: function_of(schema, each) is not None):
        arrays = grouped.get(str(field.id))
        if arrays is None:
            columns[field.name] = younger_column(
                schema, field, rows, lambda each: columns[each.name]
            )
        else:
            columns[field.name] = column_from_arrays(field, arrays)
    return ColumnBatch(rows, columns)


def decode_keys(logged: LogRecord, schema: Schema) -> Column:
    """Return the keys of a deletion."""
    return column_from_arrays(schema.primary, _grouped(logged)["keys"])


def _grouped(logged: LogRecord) -> dict[str, dict[str, Array]]:
    grouped: dict[str, dict[str, Array]] = {}
    for name, array in logged.arrays.items():
        owner, _, part = name.partition(".")
        grouped.setdefault(owner, {})[part] = array
    return grouped
