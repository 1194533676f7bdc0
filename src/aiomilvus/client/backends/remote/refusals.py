"""What Milvus' protocol has no form for, refused by name before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import NotSupportedError
from aiomilvus.model.operations.data import Explain, Read

if TYPE_CHECKING:
    from aiomilvus.model.operations.base import Operation


def refuse_past(operation: Operation[object]) -> None:
    """Raise NotSupportedError for a read of a moment in the past."""
    read = operation.operation if isinstance(operation, Explain) else operation
    if isinstance(read, Read) and read.at:
        message = (
            "at= is not supported by the remote client: open the directory of the database, "
            "which the server may have open at the same time"
        )
        raise NotSupportedError(message=message)
