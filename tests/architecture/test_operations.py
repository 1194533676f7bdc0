"""Every operation says what it is, and is carried out, or refused by name, at every door."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.operations.handlers import HANDLERS
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.operations.base import CollectionOperation, Operation
from aiomilvus.model.operations.data import Read, RowWrite, Search, Write
from aiomilvus.model.operations.databases import DatabaseOperation
from aiomilvus.model.operations.loading import Load
from aiomilvus.model.operations.traits import EVERYONE, NOBODY, Kind, Traits
from aiomilvus.model.privilege_groups import LEVELS
from aiomilvus.wire.table.lookup import ROUTED, route_of
from tests.support.operations import all_operations, one_of

OPERATIONS = all_operations()
ABOUT_NO_DATABASE = ("access", "cluster", "text")
"""Modules of operations on what belongs to no database: no database's property denies them."""


def test_there_are_operations_to_look_at() -> None:
    assert len(OPERATIONS) > 90


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_states_its_own_traits(operation: type[Operation[Any]]) -> None:
    assert isinstance(vars(operation)["traits"], Traits)
    assert "traits" not in operation.__struct_fields__


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_has_a_handler_or_is_refused_by_name(
    operation: type[Operation[Any]], memory: Database
) -> None:
    assert (operation in HANDLERS) is operation.traits.embedded
    if not operation.traits.embedded:
        with pytest.raises(NotSupportedError, match=operation.__name__):
            memory.execute(one_of(operation))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_has_a_route_or_is_refused_by_name(operation: type[Operation[Any]]) -> None:
    assert (operation in ROUTED) is operation.traits.remote
    if not operation.traits.remote:
        with pytest.raises(NotSupportedError, match=operation.__name__):
            route_of(one_of(operation))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_needs_a_privilege_that_can_be_granted(operation: type[Operation[Any]]) -> None:
    assert operation.traits.privilege in {EVERYONE, NOBODY, *LEVELS}
    assert (operation.traits.privilege == NOBODY) is not operation.traits.remote


@pytest.mark.parametrize("operation", OPERATIONS)
def test_traits_and_base_classes_agree(operation: type[Operation[Any]]) -> None:
    traits = operation.traits
    assert (traits.kind is Kind.WRITE) >= issubclass(operation, Write)
    assert (traits.kind is Kind.READ) >= issubclass(operation, Read)
    assert (traits.batching == "rows") is issubclass(operation, RowWrite)
    assert (traits.batching == "queries") is (operation is Search)
    assert (traits.waits == "load") is issubclass(operation, Load)
    assert (traits.kind is Kind.LOOK_UP) >= traits.inline
    assert traits.kind.changes >= traits.changes_schemas


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_is_no_look_up_can_be_denied(operation: type[Operation[Any]]) -> None:
    module = operation.__module__.rpartition(".")[2]
    if issubclass(operation, DatabaseOperation) or (
        module in ABOUT_NO_DATABASE and not issubclass(operation, CollectionOperation)
    ):
        assert not operation.traits.denied
    else:
        assert bool(operation.traits.denied) is (operation.traits.kind is not Kind.LOOK_UP)


@pytest.fixture(scope="module")
def memory() -> Any:
    database = Database(None)
    yield database
    database.close()


def test_handlers_are_entered_for_operations_only() -> None:
    assert set(HANDLERS) <= set(OPERATIONS)
    assert set(ROUTED) <= set(OPERATIONS)
