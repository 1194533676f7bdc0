"""What a search is about: a vector field and the index on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.index.lists.metrics import is_list_metric
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.model.schema import Field


class SearchTarget(NamedTuple):
    """The vector field of a search and the index on it."""

    field: Field
    spec: IndexSpec

    @property
    def finds_elements(self) -> bool:
        """Whether hits are single elements of arrays of structs, not rows."""
        is_list = self.field.dtype is DataType.ARRAY_OF_VECTOR
        return is_list and not is_list_metric(self.spec.metric)

    @property
    def finds_lists(self) -> bool:
        """Whether queries are embedding lists."""
        return is_list_metric(self.spec.metric)
