"""Namespaces: rows of one collection that are written and read apart.

Each namespace is a partition of its own, so rows, keys and counts of one know nothing of another's.
Where the collection's mode is ``partition``, these are partitions that somebody created; where it
is ``partition_key``, a namespace is there once a row was written into it, and its partition is
nobody's to create, load or drop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.properties import ISOLATION, NAMESPACE_MODE, NAMESPACE_SHARDING, refused
from aiomilvus.errors import IllegalSchemaError
from aiomilvus.model.truths import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Schema

BY_PARTITION = "partition"
_LONGEST = 65_535
_IMMUTABLE = {NAMESPACE_MODE: "namespace mode", NAMESPACE_SHARDING: "namespace sharding"}
BY_KEY = "not support manually specifying the partition names if partition key mode is used"


def appear_by_themselves(schema: Schema, properties: Mapping[str, str]) -> bool:
    """Return whether a collection has namespaces that are there with their first row."""
    return schema.enable_namespace and properties.get(NAMESPACE_MODE) != BY_PARTITION


def check_created(name: str, schema: Schema, properties: Mapping[str, str]) -> None:
    """Raise unless a collection may be made with namespaces, where it is to have some.

    Raises:
        IllegalSchemaError: Isolation is turned off.
        ParamError: It has a partition key.
    """
    if not schema.enable_namespace:
        return
    if ISOLATION in properties and not is_true(properties[ISOLATION]):
        message = "isolation property is false when namespace enabled: illegal collection schema"
        raise IllegalSchemaError(message=f"{message}[collection={name}]")
    if schema.partition_key is not None:
        raise refused("namespace is not supported with partition key mode")


def check_kept(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise ParamError if properties change that a collection keeps for ever."""
    for key, what in _IMMUTABLE.items():
        if before.get(key) != after.get(key):
            message = f"cannot alter {key} via alter_collection_properties; {what} is immutable"
            raise refused(f"{message} after collection creation")


def partition_of(
    schema: Schema,
    properties: Mapping[str, str],
    namespace: str | None,
    partitions: tuple[str, ...] = (),
    by_key: str = BY_KEY,
) -> str | None:
    """Return the partition of the namespace that a request names, which need not be there.

    Args:
        schema: Of the collection.
        properties: Of the collection.
        namespace: What the request names, None for none.
        partitions: Those that it names besides.
        by_key: What is said to that where partitions are nobody's to name.

    Returns:
        None for a collection without namespaces.

    Raises:
        ParamError: A namespace is named and there are none, or the other way round; it can be
            none, or is not the partition that is named.
    """
    if not schema.enable_namespace:
        if namespace is not None:
            raise refused("namespace data is set but namespace disabled")
        return None
    if namespace is None:
        raise refused("namespace data is not set but namespace enabled")
    if not 0 < len(namespace.encode()) <= _LONGEST:
        raise refused(f"a namespace has 1 to {_LONGEST} bytes, got {len(namespace.encode())}")
    if not partitions:
        return namespace
    if appear_by_themselves(schema, properties):
        raise refused(by_key)
    if partitions != (namespace,):
        named = " ".join(partitions)
        raise refused(f'partition names [{named}] mismatch namespace "{namespace}"')
    return namespace
