"""Repeated KeyValuePair ↔ dictionary of strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.model.plain import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

    from aiomilvus.wire.proto.messages import KeyValuePair


def write_pairs(
    pairs: RepeatedCompositeFieldContainer[KeyValuePair], values: Mapping[str, Any]
) -> None:
    """Append the entries of a dictionary; what is no string is written as JSON."""
    for key, value in values.items():
        pairs.add(key=key, value=as_text(value))


def read_pairs(pairs: Iterable[KeyValuePair]) -> dict[str, str]:
    """Return the pairs as a dictionary; of a key that comes twice, the last value counts."""
    return {pair.key: pair.value for pair in pairs}
