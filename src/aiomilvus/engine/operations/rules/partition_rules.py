"""What partitions may be called, and where they can't be named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiomilvus.engine.namespaces import appear_by_themselves
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection

MAX_PARTITIONS = 1_024


def check_partition_name(name: str) -> None:
    """Raise ParamError unless `name` may name a partition."""
    name = name.strip()
    if not name:
        reason = "Partition name should not be empty."
    elif len(name.encode()) > 255:
        reason = "The length of a partition name must be less than 255 characters."
    elif not re.match(r"[A-Za-z_0-9]", name):
        reason = "The first character of a partition name must be an underscore or letter."
    elif not re.fullmatch(r"[A-Za-z0-9_$-]*", name):
        reason = "Partition name can only contain numbers, letters and underscores."
    else:
        return
    raise ParamError(message=f"Invalid partition name: {name}. {reason}: invalid parameter")


def refuse_with_key(collection: Collection, what: str) -> None:
    """Raise ParamError if a partition key, or the namespace of a write, decides where rows go.

    Args:
        collection: The collection.
        what: What was to be done, for the message.
    """
    record = collection.record
    keyed = appear_by_themselves(record.schema, record.properties)
    if keyed or record.schema.partition_key is not None:
        message = f"disable {what} if partition key mode is used: invalid parameter"
        raise ParamError(message=message)
