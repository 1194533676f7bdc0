"""Milvus' messages and enums as attributes: `messages.SearchRequest`, `messages.DataType`.

A class is made when its name is first used. What exists is declared in messages.pyi, which
type checkers read in place of this file.
"""

from __future__ import annotations

from aiomilvus.wire.proto.pool import enum_class, message_class


def __getattr__(name: str) -> object:
    found = message_class(name) or enum_class(name)
    if found is None:
        message = f"Milvus' protocol has no message or enum {name!r}"
        raise AttributeError(message)
    # Two threads may both make an enum; all must then see the one that was stored first.
    return globals().setdefault(name, found)
