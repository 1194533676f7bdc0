"""Which rows a deletion by filter concerns. Its collection need not be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.filtering.scope import Filter, allowed, bound
from aiomilvus.errors import ParamError, PartitionNotExistException
from aiomilvus.expr.predicate import Column as ColumnOperand
from aiomilvus.expr.predicate import Compare, In, Sample
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.nearest import or_nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


def deletion_filter(snapshot: Snapshot, text: str, params: Mapping[str, Any]) -> Filter:
    """Return the filter of a deletion, bound to the schema.

    Raises:
        ExpressionError: It can't be parsed, or does not fit the schema.
        ParamError: It lets every row pass, or draws a sample.
    """
    predicate = bound(snapshot, text, params, plan="delete")
    if predicate is None:
        message = f"delete plan can't be empty or always true : {text}: invalid parameter"
        raise ParamError(message=message)
    if isinstance(predicate.predicate.root, Sample):
        message = f"failed to create delete plan: random_sample can't choose what to delete: {text}"
        raise ParamError(message=message)
    return predicate


def keys_named(primary: Field, predicate: Filter) -> Column | None:
    """Return the keys that a filter names and nothing else, as ``id in [1, 2]``; None for others.

    The protocol has no other way to say which keys are to be deleted, so such a filter has to do
    what a deletion by keys does: also for keys without a row.
    """
    root = predicate.predicate.root
    if isinstance(root, In):
        values = root.values
    elif isinstance(root, Compare) and root.op == "==":
        values = (root.value,)
    else:
        return None
    operand = root.operand
    if not isinstance(operand, ColumnOperand) or operand.name != primary.name or not values:
        return None
    if primary.dtype.is_string:
        return BytesColumn.of([str(value).encode() for value in values])
    return FixedColumn(np.array(values, np.int64))


def rows_to_delete(
    snapshot: Snapshot, text: str, params: Mapping[str, Any], partition: str
) -> list[tuple[SegmentView, NDArray[np.int64]]]:
    """Return the rows that a deletion concerns, shadowed ones included.

    Args:
        snapshot: What is deleted from.
        text: The filter.
        params: Values for its templates.
        partition: Only rows of this partition; "" for all.

    Raises:
        ExpressionError, ParamError: As `deletion_filter`.
        PartitionNotExistException: There is no such partition.
    """
    predicate = deletion_filter(snapshot, text, params)
    number = snapshot.partitions.get(partition)
    if partition and number is None:
        message = f"Failed to get partition id: partition not found[partition={partition}]"
        message += or_nearest(partition, snapshot.partitions)
        raise PartitionNotExistException(message=message)
    found = []
    for view in snapshot.views:
        if number is None or view.segment.partition_id == number:
            mask = allowed(snapshot, view, predicate, shadowed=True)
            rows = np.arange(view.num_rows) if mask is None else np.flatnonzero(mask)
            found.append((view, rows))
    return found
