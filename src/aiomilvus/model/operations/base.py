"""What all operations have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from aiomilvus.model.operations.traits import Traits

R_co = TypeVar("R_co", covariant=True)

Int32 = int
"""A number that Milvus' messages have 32 bits for."""


class Operation(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """A request whose answer has the type `R_co`.

    Attributes:
        traits: What is the same for all operations of a type; each type states its own.
        db: Database the operation is about; "" is the default one.
    """

    traits: ClassVar[Traits]

    db: str = ""

    def databases(self) -> tuple[str, ...] | None:
        """Return the names of the databases that it touches, "" for the default one.

        None stands for all there are.
        """
        return (self.db,)


class CollectionOperation(Operation[R_co], Generic[R_co], frozen=True, kw_only=True):
    """A request about one collection, named by its name or an alias."""

    collection: str
