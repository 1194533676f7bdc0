"""One step for several small writes of a group: their columns are put together once.

What a record costs, in the log and in memory, hardly depends on its rows while they are few. So
neighbours in a group that differ in nothing but their rows, or keys, become one record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.segment.key_index import key_list
from aiomilvus.model.batch import ColumnBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.write.records import Step
    from aiomilvus.model.schema import Schema

MOST_ROWS = 256
"""Rows, or keys, of a write that is put together with others; larger ones are not copied."""


class _Run:
    """Steps that follow each other and can be one.

    Args:
        first: The first of them.
        schema: Of its rows.
    """

    def __init__(self, first: Step, schema: Schema) -> None:
        self._schema = schema
        self._keys: set[int | bytes] = set()
        self.steps: list[Step] = []
        self.takes(first)

    def takes(self, step: Step) -> bool:
        """Add a step if it fits, and return whether it does."""
        if self.steps and not _alike(self.steps[0], step):
            return False
        if step.record.op == "upsert" and step.batch is not None:
            # Of two rows with one key the later one replaces the other, which one step can't say.
            keys = key_list(step.batch[self._schema.primary.name])
            if not self._keys.isdisjoint(keys):
                return False
            self._keys.update(keys)
        self.steps.append(step)
        return True

    def as_one(self) -> Step:
        """Return the step that does what all of them do."""
        last = self.steps[-1]
        if len(self.steps) == 1:
            return last
        keys = [step.keys for step in self.steps if step.keys is not None]
        if keys:
            return last._replace(keys=type(keys[0]).concat(keys))
        batch = ColumnBatch.concat([step.batch for step in self.steps if step.batch is not None])
        record = msgspec.structs.replace(last.record, rows=batch.num_rows)
        return last._replace(record=record, batch=batch)


def _alike(one: Step, other: Step) -> bool:
    a, b = one.record, other.record
    return (
        a.op == b.op
        and a.partition == b.partition
        and a.within_partition == b.within_partition
        and not a.request
        and not b.request
        and _size(one) <= MOST_ROWS
        and _size(other) <= MOST_ROWS
    )


def _size(step: Step) -> int:
    if step.batch is not None:
        return step.batch.num_rows
    return 0 if step.keys is None else len(step.keys)


def merged(schema: Schema, steps: Sequence[Step]) -> list[Step]:
    """Return what the steps of a group do, in as few steps as may be, in their order.

    Args:
        schema: Of the rows.
        steps: Of all writes of the group.
    """
    if len(steps) == 1:
        return [*steps]
    runs: list[_Run] = []
    for step in steps:
        if not runs or not runs[-1].takes(step):
            runs.append(_Run(step, schema))
    return [run.as_one() for run in runs]
