"""Shapes that many responses share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a dictionary as Milvus gives it: a list of keys with their values."""
    return [{"key": key, "value": value} for key, value in values.items()]


def has(found: bool) -> dict[str, bool]:
    """Return whether something exists."""
    return {"has": bool(found)}


def row_count(found: Mapping[str, int]) -> dict[str, Any]:
    """Return how many rows there are."""
    return {"rowCount": found["row_count"]}
