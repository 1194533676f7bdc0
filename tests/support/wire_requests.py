"""Requests for the fuzzer: messages of every RPC, filled at random, then damaged.

Names are mostly those of what exists, so that requests come past the first check; values are the
odd ones that code forgets. The same seed makes the same requests.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor as Kind

from aiomilvus.wire.proto.rpc import rpc

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from google.protobuf.message import Message

_DEEP = '{"a":' * 1000 + "1" + "}" * 1000
_TEXTS = (
    "",
    "things",
    "id",
    "vector",
    "text",
    "meta",
    "default",
    "id > 0",
    "\x00",
    "é\U0001f600",
    "a" * 300,
    "-1",
    "1e999",
    "nan",
    "{}",
    "[]",
    "[" * 1000 + "]" * 1000,
    _DEEP,
    '{"metric_type": "system_info"}',
    '{"tokenizer": ' * 300 + "1" + "}" * 300,
    '{"a": "\\ud800"}',
    "(" * 500 + "id > 0" + ")" * 500,
    "L2",
    "COSINE",
    "true",
    "$meta",
)
_BYTES = (
    b"",
    b"\xff",
    b"\x00" * 8,
    b"{",
    _DEEP.encode(),
    b'"text"',
    b"[1]",
    struct.pack("2f", 1, 2),
)
_NUMBERS = (0, 1, 2, 3, 5, 21, 100, 101, 104, 16384, 16385, -1, 2**31 - 1, -(2**31))
_LARGE = (0, 1, 7, 2**53 + 1, 2**63 - 1, -(2**63), -1)
_REALS = (0.0, 1.0, -1.0, 1e300, float("inf"), float("-inf"), float("nan"))
_INT32 = {Kind.TYPE_INT32, Kind.TYPE_SINT32, Kind.TYPE_SFIXED32}
_INT64 = {Kind.TYPE_INT64, Kind.TYPE_SINT64, Kind.TYPE_SFIXED64}
_UINT64 = {Kind.TYPE_UINT64, Kind.TYPE_FIXED64}
_NAMES = {"collection_name": "things", "collectionName": "things", "field_name": "vector"}
_DEEPEST = 6
_LEFT_ALONE = frozenset({"newPassword", "oldPassword"})


def random_request(name: str, chance: random.Random) -> bytes:
    """Return the bytes of a request of an RPC."""
    message = rpc(name).request()
    fill(message, chance, 0)
    content = message.SerializeToString()
    return damaged(content, chance) if chance.random() < 0.15 else content


def fill(message: Message, chance: random.Random, depth: int) -> None:
    """Put odd values into some fields of a message."""
    for field in message.DESCRIPTOR.fields:
        known = _NAMES.get(field.name)
        if known and not field.is_repeated:
            if chance.random() < 0.9:
                setattr(message, field.name, known)
        elif field.name not in _LEFT_ALONE and chance.random() < (0.6 if depth else 0.5):
            _fill_field(message, field, chance, depth)


def _fill_field(message: Message, field: Any, chance: random.Random, depth: int) -> None:
    if field.message_type is None:
        values = [_value(field, chance) for _ in range(chance.choice((1, 1, 2, 3)))]
        if field.is_repeated:
            getattr(message, field.name).extend(values)
        else:
            setattr(message, field.name, values[0])
    elif depth < _DEEPEST:
        _fill_message(message, field, chance, depth)


def _fill_message(message: Message, field: Any, chance: random.Random, depth: int) -> None:
    if field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name
        key, value = inner["key"], inner["value"]
        if value.message_type is None:
            getattr(message, field.name)[_value(key, chance)] = _value(value, chance)
        return
    if not field.is_repeated:
        fill(getattr(message, field.name), chance, depth + 1)
        return
    for _ in range(chance.choice((1, 1, 2))):
        fill(getattr(message, field.name).add(), chance, depth + 1)


def _value(field: Any, chance: random.Random) -> Any:
    kind = field.type
    if kind == Kind.TYPE_STRING:
        return chance.choice(_TEXTS)
    if kind == Kind.TYPE_BYTES:
        return chance.choice(_BYTES)
    if kind == Kind.TYPE_BOOL:
        return chance.random() < 0.5
    if kind == Kind.TYPE_ENUM:
        return chance.choice([value.number for value in field.enum_type.values] + [77])
    return chance.choice(_numbers(kind))


def _numbers(kind: int) -> Sequence[float]:
    if kind in _INT32:
        return _NUMBERS
    if kind in _INT64:
        return _NUMBERS + _LARGE
    if kind in _UINT64:
        return (0, 1, 2**63, 2**64 - 1)
    if kind in (Kind.TYPE_FLOAT, Kind.TYPE_DOUBLE):
        return _REALS if kind == Kind.TYPE_DOUBLE else [x for x in _REALS if abs(x) != 1e300]
    return (0, 1, 2**32 - 1)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with some flipped, dropped or repeated."""
    broken = bytearray(content or b"\x08")
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(broken))
        match chance.randrange(3):
            case 0:
                broken[place] = chance.randrange(256)
            case 1 if len(broken) > 8:
                del broken[place : place + chance.randint(1, 8)]
            case _:
                broken[place:place] = broken[place : place + chance.randint(1, 8)]
    return bytes(broken)
