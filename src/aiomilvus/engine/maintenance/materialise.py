"""Writing down what functions computed for rows that are older than they are.

A segment from before a function computes its output when it is first read. In the background
each such column becomes a file of the segment, so that the next start finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.segment.derived_columns import function_of
from aiomilvus.engine.storage.container import write_container
from aiomilvus.model.columns import own_data

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.model.schema import Field


def materialise(collection: Collection) -> None:
    """Compute and store every function output that a sealed segment lacks."""
    schema = collection.record.schema
    outputs = [field for field in schema.fields if function_of(schema, field) is not None]
    for segment in list(collection.sealed.values()):
        for field in outputs:
            if collection.dropped:
                return
            if field.id not in segment.record.fields:
                _store(collection, segment, field)


def _store(collection: Collection, segment: SealedSegment, field: Field) -> None:
    column = segment.column(field)
    if segment.folder is not None:
        segment.make_folder()
        arrays = own_data(column).arrays()
        write_container(collection.files, segment.folder / f"f{field.id}.amv", arrays)
    with collection.writes.turn:
        if collection.dropped:
            return
        collection.check_writable()
        current = collection.sealed.get(segment.id)
        if current is None or all(each.id != field.id for each in collection.record.schema.fields):
            return
        record = msgspec.structs.replace(
            current.record,
            fields=(*current.record.fields, field.id),
            nbytes=current.record.nbytes + column.nbytes,
        )
        with collection.catalog.transaction():
            collection.catalog.put_segment(collection.record.id, record)
        collection.add_sealed(current.with_record(record, None))
        collection.publish()
