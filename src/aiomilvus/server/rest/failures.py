"""Refusals that only this API has: codes 1801 … 1806, for bodies and rows that can't be read."""

from __future__ import annotations

from aiomilvus.errors import MilvusException

NOT_AUTHENTICATED = 1800
BAD_JSON = 1801
MISSING = 1802
BAD_ROWS = 1804
BAD_KEY = 1806
LIMITED = 1807
FORBIDDEN = 65535
"""What a missing privilege is called here; over gRPC it is 1401."""
TIMED_OUT = 10001


def bad_json(why: str) -> MilvusException:
    """Return the refusal of a body that is no JSON object, or has a value of a wrong type."""
    return MilvusException(BAD_JSON, f"can only accept json format request, error: {why}")


def missing(group: str, name: str) -> MilvusException:
    """Return the refusal of a body that lacks a field; `name` as the JSON has it."""
    shown = name[:1].upper() + name[1:]
    return MilvusException(
        MISSING,
        f"missing required parameters, error: Key: '{group}.{shown}' Error:Field validation for "
        f"'{shown}' failed on the 'required' tag",
    )


def bad_rows(why: str) -> MilvusException:
    """Return the refusal of rows that don't fit the schema."""
    return MilvusException(BAD_ROWS, f"fail to deal the insert data, error: {why}")


def bad_key(why: str) -> MilvusException:
    """Return the refusal of primary keys that are none."""
    return MilvusException(
        BAD_KEY,
        f"please check the primary key and its' type can only in [int, string], error: {why}",
    )
