"""What searches have in common, written and read once: all but their vectors.

An application sends the same search with other vectors again and again. Writing or reading the
rest of such a request costs several times what its vectors do, and has the same outcome each
time, so the last few outcomes are kept. What carries more than plain parameters (rerankers,
highlighters, iterators, filter parameters) is rare, and computed each time.

Safe from any thread: an entry never changes once it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from aiomilvus.wire.codec.placeholders import read_queries, write_queries
from aiomilvus.wire.splice import enclose, join, varint

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field, Schema
    from aiomilvus.wire.proto import messages as pb

V = TypeVar("V")

MOST = 128
"""Entries kept; one more, and all are forgotten."""
LONGEST = 4096
"""Bytes of a request's common part that may be kept."""

_PLACEHOLDERS, _NQ = 6, bytes([12 << 3])  # fields of SearchRequest: bytes, and a varint


class _Memory(Generic[V]):
    """A dictionary that stays small."""

    def __init__(self) -> None:
        self._kept: dict[Any, V] = {}
        self.get = self._kept.get

    def put(self, key: Any, value: V) -> None:
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = value


class _Written(NamedTuple):
    common: Search
    schema: Schema
    content: bytes


class _Read(NamedTuple):
    common: Search
    schema: Schema
    field: Field


_written: _Memory[_Written] = _Memory()
_read: _Memory[_Read] = _Memory()


def write_remembered(
    op: Search, schema: Schema, field: Field, write: Callable[[Search, Schema], pb.SearchRequest]
) -> bytes:
    """Return the request of `op`, a search for vectors or texts in `field`.

    `write` makes the message of a search without any.
    """
    common = msgspec.structs.replace(op, data=None)
    # As text, because 64 and 64.0 are equal but written differently.
    key = (op.db, op.collection, op.field, op.filter, op.limit, repr(op.params))
    held = _written.get(key)
    if held is None or held.schema is not schema or held.common != common:
        held = _Written(common, schema, write(common, schema).SerializeToString())
        if _is_plain(op) and len(held.content) <= LONGEST:
            _written.put(key, held)
    queries = op.data
    if queries is None:
        raise TypeError("the search has no queries")
    group = write_queries(field.vector_type, queries)
    return join([held.content, _NQ, varint(len(queries)), *enclose(_PLACEHOLDERS, [group])])


def read_remembered(
    message: pb.SearchRequest, schema: Schema, read: Callable[[pb.SearchRequest, Schema], Search]
) -> Search:
    """Return the search that a request with a placeholder group asks for.

    `read` reads a message without one. The group is taken out of `message`.
    """
    group = message.placeholder_group
    message.ClearField("placeholder_group")
    key = message.SerializeToString()
    held = _read.get(key)
    if held is None or held.schema is not schema:
        common = read(message, schema)
        held = _Read(common, schema, schema.by_name[common.field])
        if _is_plain(common) and len(key) <= LONGEST:
            _read.put(key, held)
    return msgspec.structs.replace(held.common, data=read_queries(group, held.field))


def _is_plain(op: Search) -> bool:
    """Whether a search can be told apart from others by comparing it, and shared."""
    return (
        op.ids is None
        and op.ranker is None
        and op.iterator is None
        and not op.extra
        and not op.filter_params
    )
