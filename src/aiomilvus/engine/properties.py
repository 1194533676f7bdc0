"""Properties of collections and databases: which values they may have, and what they do.

A property that Milvus does not know is kept and returned as it was given. docs/properties.md
says of every known one what it does here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import (
    IllegalSchemaError,
    IndexDuplicateError,
    MilvusException,
    NotSupportedError,
    ParamError,
)
from aiomilvus.model.moments import zone_of
from aiomilvus.model.truths import is_boolean, is_true
from aiomilvus.model.types import ConsistencyLevel, DataType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.model.schema import Schema

TTL = "collection.ttl.seconds"
TTL_FIELD = "ttl_field"
TIMEZONE = "timezone"
ISOLATION = "partitionkey.isolation"
AUTO_COMPACTION = "collection.autocompaction.enabled"
AUTO_ID = "allow_insert_auto_id"
DYNAMIC = "dynamicfield.enabled"
DESCRIPTION = "collection.description"
CONSISTENCY = "consistency_level"
MMAP = "mmap.enabled"
CIPHER = "cipher.enabled"
LAZY_LOAD = "lazyload.enabled"
MAX_COLLECTIONS = "database.max.collections"
DENIED = (
    "writing",
    "reading",
    "ddl",
    "collectionDDL",
    "partitionDDL",
    "index",
    "flush",
    "compaction",
)
DENIALS = {f"database.force.deny.{what}": what for what in DENIED}
LIMIT = 16_384
"""Hits of a query, rows, queries of a search: at most."""
LARGE_LIMIT = 1_000_000
"""What `LIMIT` is for hits and rows under `LARGE_TOP_K`."""
CHANGES = "changes.retention.seconds"
"""So long the changes of a collection are kept for those that watch it; 0: not at all."""
QUERY_MODE = "query_mode"
NAMESPACE_MODE = "namespace.mode"
NAMESPACE_SHARDING = "namespace.sharding.enabled"
LARGE_TOP_K = "large_topk"
"""Value of `QUERY_MODE` under which searches and queries return more at once."""
MAX_TTL_SECONDS = 3_155_760_000
_WRITES = ("insert", "upsert", "delete", "bulkLoad")
_ENDS = ("max", "min")
_WARMUPS = frozenset(
    f"warmup.{what}" for what in ("scalarField", "scalarIndex", "vectorField", "vectorIndex")
)
_POLICIES = ("sync", "async", "disable")
"""What `_WARMUPS` may be, and the warm-up of a field or index."""

_RATES = [
    *(f"{what}Rate.{which}.mb" for what in _WRITES for which in _ENDS),
    *(f"queryRate.{which}.qps" for which in _ENDS),
    *(f"searchRate.{which}.vps" for which in _ENDS),
]
EFFECTLESS = frozenset(
    {
        MMAP,
        LAZY_LOAD,
        NAMESPACE_SHARDING,
        *_WARMUPS,
        "collection.replica.number",
        "collection.resource_groups",
        "replicate.id",
        *(f"collection.{rate}" for rate in _RATES),
        "collection.diskProtection.diskQuota.mb",
        "partition.diskProtection.diskQuota.mb",
        "database.replica.number",
        "database.resource_groups",
        "database.diskQuota.mb",
    }
)
"""Properties of Milvus that are stored and shown, but change nothing in one process."""
EFFECTIVE = frozenset(
    {
        TTL,
        TTL_FIELD,
        TIMEZONE,
        ISOLATION,
        AUTO_COMPACTION,
        AUTO_ID,
        DYNAMIC,
        DESCRIPTION,
        CONSISTENCY,
        CHANGES,
        QUERY_MODE,
        NAMESPACE_MODE,
        MAX_COLLECTIONS,
        *DENIALS,
    }
)
"""Properties that do something here."""


LOADED = 104


def refused(message: str) -> ParamError:
    """Return the error for an invalid parameter, in Milvus' manner."""
    return ParamError(message=f"{message}: invalid parameter")


def check_not_loaded(record: CollectionRecord, what: str) -> None:
    """Raise code 104 if a loaded collection can't have its `what` changed."""
    if record.loaded:
        message = f"{what}: collection already loaded[collection={record.name}]"
        raise MilvusException(LOADED, message)


def check_warmup(value: str) -> None:
    """Raise ParamError unless `value` is a warm-up policy."""
    if value not in _POLICIES:
        raise refused(f"invalid warmup policy: {value!r}, must be one of {', '.join(_POLICIES)}")


def consistency_of(value: str) -> int:
    """Return the number of a consistency level, given by number or name."""
    for level in ConsistencyLevel:
        if value in (str(int(level)), level.name):
            return int(level)
    names = ", ".join(level.name for level in ConsistencyLevel)
    raise refused(f"invalid consistency level: {value!r}, should be one of {names}")


def _boolean(key: str, value: str) -> None:
    if not is_boolean(value):
        raise refused(f"invalid value for property {key}: {value!r}, should be true or false")


def _ttl(key: str, value: str) -> None:
    try:
        seconds = int(value)
    except ValueError:
        text = f"collection TTL is not a valid positive integer: {value!r}"
        raise refused(text) from None
    if not -1 <= seconds <= MAX_TTL_SECONDS:
        text = f"collection TTL is out of range, expect [-1, {MAX_TTL_SECONDS}], got {seconds}"
        raise refused(f"{text} ({key})")


def _retention(key: str, value: str) -> None:
    if not value.isdecimal() or int(value) > MAX_TTL_SECONDS:
        text = f"invalid value for property {key}: {value!r}, should be a number of seconds"
        raise refused(f"{text} in [0, {MAX_TTL_SECONDS}], 0 to keep no changes")


def _timezone(key: str, value: str) -> None:
    try:
        zone_of(value)
    except ValueError:
        text = f"unknown or invalid IANA Time Zone ID: {value}"
        raise refused(f"{text} ({key})") from None


def _count(key: str, value: str) -> None:
    if not value.isdecimal() or not 0 < int(value) < 1 << 31:
        raise refused(f"invalid value for property {key}: {value!r}, should be a number above 0")


def _warmup(key: str, value: str) -> None:
    try:
        check_warmup(value)
    except MilvusException as error:
        raise refused(f"invalid warmup value for key {key}: {error.message}") from None


def _query_mode(key: str, value: str) -> None:
    if value != LARGE_TOP_K:
        raise refused(f'invalid {key} value "{value}", valid values: [{LARGE_TOP_K}]')


def _namespace_mode(key: str, value: str) -> None:
    if value not in ("partition_key", "partition"):
        raise refused(f'invalid {key} value "{value}", valid values: [partition_key partition]')


_CHECKS: dict[str, Callable[[str, str], None]] = {
    TTL: _ttl,
    CHANGES: _retention,
    TIMEZONE: _timezone,
    ISOLATION: _boolean,
    AUTO_COMPACTION: _boolean,
    AUTO_ID: _boolean,
    DYNAMIC: _boolean,
    MMAP: _boolean,
    LAZY_LOAD: _boolean,
    MAX_COLLECTIONS: _count,
    QUERY_MODE: _query_mode,
    NAMESPACE_MODE: _namespace_mode,
    NAMESPACE_SHARDING: _boolean,
    "collection.replica.number": _count,
    "database.replica.number": _count,
    **dict.fromkeys(_WARMUPS, _warmup),
    **dict.fromkeys(DENIALS, _boolean),
}


def check_values(given: Mapping[str, str]) -> None:
    """Raise ParamError unless every known property has a value it may have."""
    for key, value in given.items():
        check = _CHECKS.get(key)
        if check is not None:
            check(key, value)
        elif key.lower() == QUERY_MODE:
            raise refused(f'invalid property key "{key}", did you mean "{QUERY_MODE}"?')
        elif key == "warmup":
            hint = "use warmup.scalarField/warmup.scalarIndex/warmup.vectorField/warmup.vectorIndex"
            text = f"warmup key '{key}' is only allowed at field level, {hint} at collection level"
            raise refused(text)


def check_unencrypted(given: Mapping[str, str]) -> None:
    """Raise NotSupportedError for a database that is to be encrypted, as Milvus without its plugin.

    It would be no harmless property to keep: whoever sets it relies on it.
    """
    if is_true(given.get(CIPHER, "")):
        message = f"cipher plugin is missing: {CIPHER} needs one, and this engine encrypts no files"
        raise NotSupportedError(message=f"{message}; encrypt the disk")


def check_created(name: str, schema: Schema, given: Mapping[str, str]) -> None:
    """Raise unless a collection with this name and schema may be made with these properties."""
    check_values(given)
    _check_together(name, schema, given)


def _check_together(collection: str, schema: Schema, properties: Mapping[str, str]) -> None:
    if TTL in properties and TTL_FIELD in properties:
        raise refused("collection TTL and ttl field cannot be set at the same time")
    name = properties.get(TTL_FIELD)
    if name is not None:
        field = schema.by_name.get(name)
        if field is None:
            raise refused(f"ttl field name {name} not found in schema")
        if field.dtype is not DataType.TIMESTAMPTZ:
            raise refused(f"ttl field must be timestamptz, field name = {name}")
    if is_true(properties.get(AUTO_ID, "")) and not schema.primary.auto_id:
        raise refused(f"the value for {AUTO_ID} must be false when autoID is false")
    is_keyed = schema.partition_key is not None or schema.enable_namespace
    if is_true(properties.get(ISOLATION, "")) and not is_keyed:
        text = "partition key isolation mode is enabled but no partition key field is set"
        text = f"{text}. Please set the partition key first"
        message = f"{text}: illegal collection schema[collection={collection}]"
        raise IllegalSchemaError(message=message)


def altered_properties(
    record: CollectionRecord, given: Mapping[str, str], dropped: tuple[str, ...]
) -> dict[str, str]:
    """Return the properties a collection has after some were set or dropped.

    Raises:
        ParamError: A value is wrong, or does not go with the others.
        MilvusException: The collection must be released first (104), or its vector indexes
            dropped (702).
    """
    if not given and not dropped:
        raise refused("no properties or delete keys provided")
    if given and dropped:
        raise refused("can not provide properties and deletekeys at the same time")
    check_values(given)
    _check_released(record, given, "alter")
    _check_released(record, dict.fromkeys(dropped, ""), "delete")
    if DYNAMIC in dropped:
        text = f"cannot delete key {DYNAMIC}, dynamic field schema could support set to true/false"
        raise refused(text)
    kept = {k: v for k, v in record.properties.items() if k not in dropped}
    properties = {**kept, **given}
    _check_together(record.name, record.schema, properties)
    before, after = (is_true(p.get(ISOLATION, "")) for p in (record.properties, properties))
    if before != after:
        _check_unindexed(record, "partition key isolation mode")
    if properties.get(QUERY_MODE) != record.properties.get(QUERY_MODE):
        _check_unindexed(record, QUERY_MODE)
    return properties


def _check_unindexed(record: CollectionRecord, what: str) -> None:
    """Raise IndexDuplicateError for a property that a vector index was built by."""
    vectors = {field.name for field in record.schema.vectors}
    if any(spec.field in vectors for spec in record.indexes):
        text = f"can not alter {what} if the collection already has a vector index"
        raise IndexDuplicateError(message=f"{text}. Please drop the index first")


def _check_released(record: CollectionRecord, given: Mapping[str, str], what: str) -> None:
    if MMAP in given or LAZY_LOAD in given:
        check_not_loaded(record, f"can not {what} mmap properties if collection loaded")
    warmups = [key for key in given if key in _WARMUPS]
    if warmups:
        named = "warmup" if what == "alter" else warmups[0]
        check_not_loaded(record, f"can not {what} {named} properties if collection loaded")


def retention_of(properties: Mapping[str, str]) -> int:
    """Return for how many seconds changes are kept to be watched, 0 for not at all."""
    return int(properties.get(CHANGES, "0"))


def largest_window(properties: Mapping[str, str]) -> int:
    """Return how many hits or rows one query may return: Milvus' limit, or its larger one."""
    return LARGE_LIMIT if properties.get(QUERY_MODE) == LARGE_TOP_K else LIMIT
