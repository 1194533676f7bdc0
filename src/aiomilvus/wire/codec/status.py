"""Status ↔ errors. A reply is a failure when `code` or the older `error_code` is not 0."""

from __future__ import annotations

from aiomilvus.errors import (
    ErrorCode,
    LegacyCode,
    MilvusException,
    ParamError,
    error_for,
    narrower_class,
)
from aiomilvus.wire.proto import messages

_COST = "report_value"
_INPUT_ERROR = "is_input_error"
_CLASS = "aiomilvus-error"
"""Names the class of an error that shares its code with a wider one."""

_FROM_LEGACY: dict[int, int] = {
    LegacyCode.COLLECTION_NOT_EXISTS: ErrorCode.COLLECTION_NOT_FOUND,
    LegacyCode.INDEX_NOT_EXIST: ErrorCode.INDEX_NOT_FOUND,
    LegacyCode.RATE_LIMIT: ErrorCode.RATE_LIMIT,
    LegacyCode.FORCE_DENY: ErrorCode.FORCE_DENY,
    LegacyCode.SCHEMA_MISMATCH: ErrorCode.SCHEMA_MISMATCH,
    LegacyCode.ILLEGAL_ARGUMENT: ErrorCode.INVALID_PARAMETER,
    LegacyCode.PERMISSION_DENIED: ErrorCode.PRIVILEGE_NOT_PERMITTED,
}
"""What servers older than Milvus 2.3, which send no `code`, mean by theirs."""


def success(cost: int = 0) -> messages.Status:
    """Return the status of a call that succeeded, with what it cost if that is known."""
    return messages.Status(extra_info={_COST: str(cost)} if cost else None)


def write_status(error: MilvusException) -> messages.Status:
    """Return the status that stands for an error."""
    told = {_INPUT_ERROR: "true"} if isinstance(error, ParamError) else {}
    name = type(error).__name__
    if narrower_class(name, error.code) is type(error):
        told[_CLASS] = name
    return messages.Status(
        code=error.code,
        error_code=error.compatible_code,
        reason=error.message,
        detail=error.message,
        retriable=error.retriable,
        extra_info=told,
    )


def read_status(status: messages.Status) -> MilvusException | None:
    """Return the error that a status stands for, unraised, or None for success."""
    if status.code == 0 and status.error_code == 0:
        return None
    code = status.code
    if status.error_code == LegacyCode.SCHEMA_MISMATCH:
        code = ErrorCode.SCHEMA_MISMATCH  # some servers say only here why they refuse
    elif code == 0:
        code = _FROM_LEGACY.get(status.error_code, ErrorCode.UNEXPECTED_ERROR)
    error = error_for(code, status.reason, status.error_code)
    narrower = narrower_class(status.extra_info.get(_CLASS, ""), code)
    if narrower is not None:  # a server of this package's own, which tells all of the error
        error = narrower(code, status.reason, status.error_code)
        error.retriable = status.retriable
    else:
        error.retriable = error.retriable or status.retriable
    return error


def check_status(status: messages.Status) -> None:
    """Raise the error that a status stands for, if it is one."""
    error = read_status(status)
    if error is not None:
        raise error


def read_cost(status: messages.Status) -> int:
    """Return what a call cost by the server's own account, or 0 if it does not say."""
    text = status.extra_info.get(_COST, "0")
    return int(text) if text.isascii() and text.isdigit() else 0
