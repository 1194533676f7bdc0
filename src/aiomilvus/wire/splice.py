"""Building a serialized message around large buffers without copying them on the way.

A protobuf message is the concatenation of its fields, in any order, and a submessage or a bytes
field is a tag, a length, and its content. So a message with a large array in its depth can be
put together from a few small pieces and the array's own memory, and copied once, by `join`.
Filling and serializing message objects copies the array three times, each time into memory
that is fresh from the system (docs/decisions/0005-bytes-instead-of-packed-floats.md).

Used by the codecs for columns of vectors. A piece is what `SerializeToString` returned, or a
buffer; several pieces laid end to end are the content of one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Piece: TypeAlias = "bytes | memoryview"

_LENGTH_DELIMITED = 2


def varint(value: int) -> bytes:
    """Return a number of 0 or more as protobuf writes it."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def enclose(number: int, content: Sequence[Piece]) -> list[Piece]:
    """Return `content` as the field `number`: a submessage, or bytes."""
    length = sum(piece.nbytes if isinstance(piece, memoryview) else len(piece) for piece in content)
    return [varint(number << 3 | _LENGTH_DELIMITED) + varint(length), *content]


def join(pieces: Iterable[Piece]) -> bytes:
    """Return the pieces as one serialized message."""
    return b"".join(pieces)
