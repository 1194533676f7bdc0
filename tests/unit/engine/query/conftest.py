"""A table for each test, closed behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

PRICE = Field(name="price", dtype=DataType.INT32, nullable=True)
WEIGHT = Field(name="weight", dtype=DataType.DOUBLE, nullable=True)
KIND = Field(name="kind", dtype=DataType.VARCHAR, max_length=20, nullable=True)


@pytest.fixture
def table() -> Iterator[Table]:
    """A collection with partitions `a` and `b` beside the default one."""
    made = Table(partitions="ab")
    yield made
    made.close()


@pytest.fixture
def goods() -> Iterator[Table]:
    """A collection with fields price, weight and kind, all nullable."""
    made = Table(PRICE, WEIGHT, KIND)
    yield made
    made.close()
