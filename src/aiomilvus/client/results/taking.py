"""Taking rows of answers to searches as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.model.batch import ColumnBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model import results
    from aiomilvus.model.columns import Column


def taken(wholes: Sequence[results.SearchResult], chosen: Sequence[int]) -> results.SearchResult:
    """Return some rows of answers that are laid end to end, as the hits of one query."""
    first, rows = wholes[0], np.array(chosen, np.int64)
    ids: list[Column] = [each.ids for each in wholes]
    batches = [each.batch for each in wholes if each.batch is not None]
    elements = [each.element_indices for each in wholes if each.element_indices is not None]
    marks = [mark for each in wholes for mark in each.highlights or ()]
    return msgspec.structs.replace(
        first,
        offsets=np.array([0, len(rows)], np.int64),
        ids=type(ids[0]).concat(ids).take(rows),
        scores=np.concatenate([each.scores for each in wholes])[rows],
        batch=ColumnBatch.concat(batches).take(rows) if batches else None,
        element_indices=np.concatenate(elements)[rows] if elements else None,
        highlights=tuple(marks[row] for row in rows.tolist()) if marks else None,
        group_by=None,
        buckets=None,
        recalls=(),
    )
