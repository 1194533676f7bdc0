"""Every exception aiomilvus raises, and the Milvus code each one stands for.

The tree (all codes are Milvus' own, so that callers can branch on ``error.code``)::

    MilvusException
    ├── ParamError                         1100  an argument is wrong
    │   ├── ArgumentError                     1  … and the client itself refuses it
    │   ├── ExpressionError                1100  a filter expression is wrong
    │   ├── MomentNotKeptError             1100  ``at`` a moment that is not known any more
    │   ├── PositionGoneError              1100  ``watch`` can't go on where it is asked to
    │   ├── MissingParamError              1101
    │   └── ParamTooLargeError             1102
    ├── DataNotMatchException, PrimaryKeyException, …  1  client-side checks, as pymilvus
    ├── CollectionNotExistException         100
    ├── CollectionNotLoadedError            101  … and one class for each further code
    ├── MilvusUnavailableException            2  the server can't be reached
    │   ├── ConnectError                      2  before anything was sent
    │   ├── DeadlineExceededError             2  the time asked for ran out
    │   └── ModelError                        2  an embedding or rerank model failed
    ├── NotSupportedError                    10  this engine does not serve it
    └── StorageError                          5  disk, lock, corruption
        ├── DataCorruptedError                5
        ├── DatabaseLockedError               5
        ├── DatabaseNotOpenedError            5
        ├── ExternalSourceError               5
        └── ReadOnlyError                     5

`error_for` turns a code and a message back into the class that stands for it, so a
failure raises the same class whether the engine is embedded or behind a wire. This module
imports nothing of the package; every layer may import it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class ErrorCode(IntEnum):
    """Milvus' numeric error codes that callers commonly branch on."""

    __str__ = int.__repr__  # as from Python 3.11 on

    SUCCESS = 0
    UNEXPECTED_ERROR = 1
    SERVICE_UNAVAILABLE = 2
    INTERNAL = 5
    RATE_LIMIT = 8
    FORCE_DENY = 9
    UNIMPLEMENTED = 10
    COLLECTION_NOT_FOUND = 100
    COLLECTION_NOT_LOADED = 101
    COLLECTION_NUM_LIMIT = 102
    COLLECTION_NOT_FULLY_LOADED = 103
    ILLEGAL_COLLECTION_SCHEMA = 105
    SCHEMA_MISMATCH = 109
    PARTITION_NOT_FOUND = 200
    PARTITION_NOT_LOADED = 201
    RESOURCE_GROUP_NOT_FOUND = 300
    RESOURCE_GROUP_EXISTS = 301
    RESOURCE_GROUP_LIMIT = 302
    RESOURCE_GROUP_ILLEGAL = 303
    RESOURCE_GROUP_NODES = 304
    REPLICA_NOT_FOUND = 400
    SEGMENT_NOT_FOUND = 600
    INDEX_NOT_FOUND = 700
    INDEX_NOT_SUPPORTED = 701
    INDEX_DUPLICATE = 702
    DATABASE_NOT_FOUND = 800
    DATABASE_NUM_LIMIT = 801
    DATABASE_INVALID_NAME = 802
    INVALID_PARAMETER = 1100
    MISSING_PARAMETER = 1101
    PARAMETER_TOO_LARGE = 1102
    NOT_AUTHENTICATED = 1400
    PRIVILEGE_NOT_PERMITTED = 1401
    PRIVILEGE_GROUP_INVALID_NAME = 1402
    ALIAS_NOT_FOUND = 1600
    ALIAS_COLLECTION_NAME_CONFLICT = 1601
    ALIAS_ALREADY_EXISTS = 1602
    FIELD_NOT_FOUND = 1700
    FIELD_INVALID_NAME = 1701
    IMPORT_FAILED = 2100
    SNAPSHOT_NOT_FOUND = 2600
    SNAPSHOT_PINNED = 2601
    UNKNOWN = 65535


class LegacyCode(IntEnum):
    """The old ``Status.error_code`` enum values that clients still read."""

    __str__ = int.__repr__  # as from Python 3.11 on

    SUCCESS = 0
    UNEXPECTED_ERROR = 1
    CONNECT_FAILED = 2
    PERMISSION_DENIED = 3
    COLLECTION_NOT_EXISTS = 4
    ILLEGAL_ARGUMENT = 5
    INDEX_NOT_EXIST = 25
    FORCE_DENY = 48
    RATE_LIMIT = 49
    SCHEMA_MISMATCH = 62


class MilvusException(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        code: Milvus' numeric code; the class' own `default_code` when omitted.
        message: What was wrong, with what value, and what is allowed.
        compatible_code: The legacy code sent beside it; derived from `code` when omitted.
        retriable: Whether the same call may succeed later without any change.

    Attributes:
        default_code: The code that the class stands for.
        rows_written: Rows of a write that were written before it failed: to a server, rows of more
            than 32 MiB are sent in parts.
    """

    default_code: ClassVar[int] = ErrorCode.UNEXPECTED_ERROR
    rows_written: int = 0
    default_retriable: ClassVar[bool] = False

    def __init__(
        self,
        code: int | None = None,
        message: str = "",
        compatible_code: int | None = None,
        *,
        retriable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code: int = self.default_code if code is None else code
        self.message: str = message
        self.compatible_code: int = (
            legacy_code(self.code) if compatible_code is None else compatible_code
        )
        self.retriable: bool = self.default_retriable if retriable is None else retriable

    def __str__(self) -> str:
        return f"<{type(self).__name__}: (code={int(self.code)}, message={self.message})>"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args), self.__dict__.copy())


def _rebuild(cls: type[MilvusException], args: tuple[object, ...]) -> MilvusException:
    """Return an error without calling its constructor: what it had, its attributes bring back.

    So a class may take other arguments than this base's, and no attribute is forgotten.
    """
    error = cls.__new__(cls)
    error.args = args
    return error


_BY_CODE: dict[int, type[MilvusException]] = {}
_E = TypeVar("_E", bound=type[MilvusException])


def _stands_for(code: ErrorCode) -> Callable[[_E], _E]:
    """Make a class the one that `error_for` returns for `code`; refuse a second claimant."""

    def register(cls: _E) -> _E:
        if code in _BY_CODE:
            msg = f"{cls.__name__}: code {code} belongs to {_BY_CODE[code].__name__}"
            raise TypeError(msg)
        cls.default_code = code
        _BY_CODE[code] = cls
        return cls

    return register


@_stands_for(ErrorCode.INVALID_PARAMETER)
class ParamError(MilvusException):
    """An argument has a value that Milvus does not allow."""


@_stands_for(ErrorCode.MISSING_PARAMETER)
class MissingParamError(ParamError):
    """An argument that Milvus needs was not given."""


@_stands_for(ErrorCode.PARAMETER_TOO_LARGE)
class ParamTooLargeError(ParamError):
    """An argument exceeds one of Milvus' size limits."""


@_stands_for(ErrorCode.SERVICE_UNAVAILABLE)
class MilvusUnavailableException(MilvusException):
    """The server can't be reached, or stopped answering."""

    default_retriable = True


@_stands_for(ErrorCode.INTERNAL)
class StorageError(MilvusException):
    """The disk, or what is on it, failed the operation."""


@_stands_for(ErrorCode.RATE_LIMIT)
class RateLimitError(MilvusException):
    """Too much is under way; the same call may succeed later."""

    default_retriable = True


@_stands_for(ErrorCode.FORCE_DENY)
class QuotaExceededError(MilvusException):
    """A quota or a deny setting forbids the operation."""


@_stands_for(ErrorCode.UNIMPLEMENTED)
class NotSupportedError(MilvusException):
    """The engine at the other end does not serve this."""


@_stands_for(ErrorCode.COLLECTION_NOT_FOUND)
class CollectionNotExistException(MilvusException):
    """No collection has this name."""


@_stands_for(ErrorCode.COLLECTION_NOT_LOADED)
class CollectionNotLoadedError(MilvusException):
    """The collection must be loaded first."""


@_stands_for(ErrorCode.COLLECTION_NUM_LIMIT)
class CollectionLimitError(MilvusException):
    """The database holds as many collections as it may."""


@_stands_for(ErrorCode.COLLECTION_NOT_FULLY_LOADED)
class CollectionNotFullyLoadedError(MilvusException):
    """The collection is still being loaded."""


@_stands_for(ErrorCode.ILLEGAL_COLLECTION_SCHEMA)
class IllegalSchemaError(MilvusException):
    """The collection's schema is not one Milvus accepts."""


@_stands_for(ErrorCode.SCHEMA_MISMATCH)
class SchemaMismatchRetryableException(MilvusException):
    """The caller's copy of the schema is out of date."""


@_stands_for(ErrorCode.PARTITION_NOT_FOUND)
class PartitionNotExistException(MilvusException):
    """No partition of the collection has this name."""


@_stands_for(ErrorCode.PARTITION_NOT_LOADED)
class PartitionNotLoadedError(MilvusException):
    """The partition must be loaded first."""


@_stands_for(ErrorCode.RESOURCE_GROUP_NOT_FOUND)
class ResourceGroupNotFoundError(MilvusException):
    """No resource group has this name."""


@_stands_for(ErrorCode.RESOURCE_GROUP_EXISTS)
class ResourceGroupExistsError(MilvusException):
    """The resource group exists with another configuration."""


@_stands_for(ErrorCode.RESOURCE_GROUP_LIMIT)
class ResourceGroupLimitError(MilvusException):
    """There are as many resource groups as there may be."""


@_stands_for(ErrorCode.RESOURCE_GROUP_ILLEGAL)
class ResourceGroupIllegalError(MilvusException):
    """The resource group can't be configured like this."""


@_stands_for(ErrorCode.RESOURCE_GROUP_NODES)
class ResourceGroupNodesError(MilvusException):
    """The resource group has fewer nodes than are needed."""


@_stands_for(ErrorCode.REPLICA_NOT_FOUND)
class ReplicaNotFoundError(MilvusException):
    """The replica does not exist."""


@_stands_for(ErrorCode.SEGMENT_NOT_FOUND)
class SegmentNotFoundError(MilvusException):
    """The segment does not exist."""


@_stands_for(ErrorCode.INDEX_NOT_FOUND)
class IndexNotExistException(MilvusException):
    """The collection has no such index."""


@_stands_for(ErrorCode.INDEX_NOT_SUPPORTED)
class IndexNotSupportedError(MilvusException):
    """This index type is not served here."""


@_stands_for(ErrorCode.INDEX_DUPLICATE)
class IndexDuplicateError(MilvusException):
    """The field already has another index."""


@_stands_for(ErrorCode.DATABASE_NOT_FOUND)
class DatabaseNotExistException(MilvusException):
    """No database has this name."""


@_stands_for(ErrorCode.DATABASE_NUM_LIMIT)
class DatabaseLimitError(MilvusException):
    """There are as many databases as there may be."""


@_stands_for(ErrorCode.DATABASE_INVALID_NAME)
class DatabaseInvalidNameError(MilvusException):
    """The database name breaks the naming rules."""


@_stands_for(ErrorCode.NOT_AUTHENTICATED)
class NotAuthenticatedError(MilvusException):
    """The credentials are missing or wrong."""


@_stands_for(ErrorCode.PRIVILEGE_NOT_PERMITTED)
class PermissionDeniedError(MilvusException):
    """The user lacks the privilege that the call needs."""


@_stands_for(ErrorCode.PRIVILEGE_GROUP_INVALID_NAME)
class PrivilegeGroupNameError(MilvusException):
    """The privilege group's name is not allowed."""


@_stands_for(ErrorCode.ALIAS_NOT_FOUND)
class AliasNotExistException(MilvusException):
    """No alias has this name."""


@_stands_for(ErrorCode.ALIAS_COLLECTION_NAME_CONFLICT)
class AliasConflictError(MilvusException):
    """An alias and a collection may not share a name."""


@_stands_for(ErrorCode.ALIAS_ALREADY_EXISTS)
class AliasAlreadyExistsError(MilvusException):
    """The alias already stands for another collection."""


@_stands_for(ErrorCode.FIELD_NOT_FOUND)
class FieldNotFoundError(MilvusException):
    """The collection has no such field."""


@_stands_for(ErrorCode.FIELD_INVALID_NAME)
class FieldInvalidNameError(MilvusException):
    """The field name breaks the naming rules."""


@_stands_for(ErrorCode.SNAPSHOT_NOT_FOUND)
class SnapshotNotFoundError(MilvusException):
    """The collection has no snapshot of this name."""


@_stands_for(ErrorCode.SNAPSHOT_PINNED)
class SnapshotPinnedError(MilvusException):
    """The snapshot can't be dropped until its pins end."""


@_stands_for(ErrorCode.IMPORT_FAILED)
class ImportFailedError(MilvusException):
    """A file of rows could not be read."""


class ArgumentError(ParamError):
    """An argument that the client refuses before any engine sees it."""

    default_code: ClassVar[int] = ErrorCode.UNEXPECTED_ERROR


class ExpressionError(ParamError):
    """A filter expression can't be parsed, or does not fit the schema."""

    default_code: ClassVar[int] = ErrorCode.INVALID_PARAMETER


class MomentNotKeptError(ParamError):
    """It is not known any more what a collection held at a moment: see `at` of `query`."""


class PositionGoneError(ParamError):
    """The changes behind a position of `watch` are kept no more: read the collection again."""


class ConnectError(MilvusUnavailableException):
    """No connection could be made; nothing was sent."""


class DeadlineExceededError(MilvusUnavailableException):
    """The time the caller allowed ran out; the message names the phase."""


class ModelError(MilvusUnavailableException):
    """An embedding or rerank model could not be asked, or answered what can't be used."""


class ConnectionNotExistException(MilvusException):
    """The client is closed, or was never connected."""


class ConnectionConfigException(MilvusException):
    """The connection's address or options are not usable."""


class ServerVersionIncompatibleException(MilvusException):
    """The server is too old or too new for the call."""


class DataCorruptedError(StorageError):
    """A file's bytes do not match their checksum; the message names file and offset."""


class DatabaseLockedError(StorageError):
    """Another process has the database open; the message says which."""


class DatabaseNotOpenedError(StorageError):
    """A directory can't be opened as a database: it is another thing, or of a later version."""


class ExternalSourceError(StorageError):
    """A file of an external collection is gone, was changed, or holds what its fields can't."""


class ReadOnlyError(StorageError):
    """The database was opened read-only, or is on a read-only file system."""


class DatabaseClosedError(StorageError):
    """The database was closed while the operation was under way."""


class WritesPoisonedError(StorageError):
    """An earlier write failed to reach the disk; reopen the database to go on."""


class AmbiguousIndexName(MilvusException):
    """Several indexes fit; name one."""


class PartitionAlreadyExistException(MilvusException):
    """The partition exists already."""


class DescribeCollectionException(MilvusException):
    """The collection can't be described."""


class CannotInferSchemaException(MilvusException):
    """No schema can be read off the data."""


class SchemaNotReadyException(MilvusException):
    """The schema is not complete or not of the right kind."""


class DataTypeNotMatchException(MilvusException):
    """A value's type is not the field's."""


class DataTypeNotSupportException(MilvusException):
    """The data type is not usable here."""


class DataNotMatchException(MilvusException):
    """The rows do not fit the schema."""


class PrimaryKeyException(MilvusException):
    """The primary key is missing, doubled, or of the wrong type."""


class PartitionKeyException(MilvusException):
    """The partition key is doubled or of the wrong type."""


class ClusteringKeyException(MilvusException):
    """The clustering key is doubled or of the wrong type."""


class FieldsTypeException(MilvusException):
    """`fields` is not a list."""


class FunctionsTypeException(MilvusException):
    """`functions` is not a list."""


class FieldTypeException(MilvusException):
    """A field is not a FieldSchema."""


class AutoIDException(MilvusException):
    """`auto_id` is set where it may not be."""


class InvalidConsistencyLevel(MilvusException):
    """No consistency level has this name or number."""


_LEGACY: dict[int, LegacyCode] = {
    ErrorCode.SUCCESS: LegacyCode.SUCCESS,
    ErrorCode.COLLECTION_NOT_FOUND: LegacyCode.COLLECTION_NOT_EXISTS,
    ErrorCode.INDEX_NOT_FOUND: LegacyCode.INDEX_NOT_EXIST,
    ErrorCode.RATE_LIMIT: LegacyCode.RATE_LIMIT,
    ErrorCode.FORCE_DENY: LegacyCode.FORCE_DENY,
    ErrorCode.SCHEMA_MISMATCH: LegacyCode.SCHEMA_MISMATCH,
    ErrorCode.INVALID_PARAMETER: LegacyCode.ILLEGAL_ARGUMENT,
    ErrorCode.NOT_AUTHENTICATED: LegacyCode.PERMISSION_DENIED,
    ErrorCode.PRIVILEGE_NOT_PERMITTED: LegacyCode.PERMISSION_DENIED,
}


def legacy_code(code: int) -> int:
    """Return the legacy code that Milvus sends beside `code`."""
    return _LEGACY.get(code, LegacyCode.UNEXPECTED_ERROR)


def error_for(code: int, message: str, compatible_code: int | None = None) -> MilvusException:
    """Return the exception that stands for `code`, unraised.

    Args:
        code: Milvus' code, as a server's status carries it.
        message: The status' reason.
        compatible_code: The legacy code beside it, when there was one.

    Returns:
        An instance of the registered class, or of `MilvusException` for a code that no
        class stands for.
    """
    kind = _BY_CODE.get(code, MilvusException)
    if kind is ParamError and message.startswith(_PLANS) and _IN_FILTER.search(message):
        kind = ExpressionError
    return kind(code, message, compatible_code)


def narrower_class(name: str, code: int) -> type[MilvusException] | None:
    """Return the class called `name`, if it is a special case of the one that stands for `code`.

    Args:
        name: As a status may bring it beside the code.
        code: Milvus' code.
    """
    return _special_cases(code).get(name)


@cache
def _special_cases(code: int) -> dict[str, type[MilvusException]]:
    wider = _BY_CODE.get(code)
    special = () if wider is None else wider.__subclasses__()
    return {
        kind.__name__: kind
        for kind in special
        if kind.__module__ == __name__ and kind.default_code == code
    }


_PLANS = ("failed to create query plan: ", "failed to create delete plan: ")
_IN_FILTER = re.compile(r" plan: cannot parse expression: |\nat column \d")
"""What only errors of a filter's text say; their code is that of every wrong argument."""
