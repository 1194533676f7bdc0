"""Watching a collection: loose arguments → operations."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from aiomilvus.client.arguments import (
    check_mapping,
    check_text,
    filter_and_params,
    names,
    shown,
)
from aiomilvus.errors import ParamError
from aiomilvus.model.operations.data import ReadChanges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.expr.builder import Filter


def read_changes(
    db: str,
    collection: str,
    *,
    position: str | None,
    filter: str | Filter | None,
    filter_params: Mapping[str, object] | None,
    output_fields: Sequence[str] | None,
    timezone: str | None,
) -> ReadChanges:
    """Return the operation that the arguments of `watch` mean.

    Raises:
        ArgumentError, ParamError: An argument does not fit.
    """
    params = check_mapping(filter_params, "filter_params")
    expression, params = filter_and_params(filter, params or None)
    return ReadChanges(
        db=db,
        collection=collection,
        position=check_text(position, "position"),
        filter=expression,
        filter_params=params,
        output_fields=names(output_fields, "output_fields"),
        time_zone=check_text(timezone, "timezone"),
    )


def check_wait(value: object) -> float | None:
    """Return for how many seconds to wait for a change, None for as long as it takes.

    Raises:
        ParamError: It is neither.
    """
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isnan(value) or value < 0:
        text = "should be seconds, 0 to take what there is, or None to wait as long as it takes"
        raise ParamError(message=f"`wait` value {shown(value)} is illegal, {text}")
    return float(value)
