"""What all operations have in common."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

R_co = TypeVar("R_co", covariant=True)


class Operation(msgspec.Struct, Generic[R_co], frozen=True, kw_only=True):
    """A request whose answer has the type `R_co`.

    Attributes:
        db: Database the operation is about; "" is the default one.
    """

    db: str = ""


class CollectionOperation(Operation[R_co], Generic[R_co], frozen=True, kw_only=True):
    """A request about one collection, named by its name or an alias."""

    collection: str
