"""XXH64 by numpy: the published values, and those of the C library."""

from __future__ import annotations

import random

import numpy as np
import pytest
import xxhash

from aiomilvus.model import xxh64


def published_bytes(size: int) -> bytes:
    """The bytes that xxHash's own check of itself hashes."""
    state, made = 0x9E3779B1, bytearray()
    for _ in range(size):
        made.append(state >> 56)
        state = state * 0x9E3779B185EBCA8D % (1 << 64)
    return bytes(made)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
        (published_bytes(1), 0xE934A84ADB052768),
        (published_bytes(4), 0x9136A0DCA57457EE),
        (published_bytes(14), 0x8282DCC4994E35C8),
        (published_bytes(222), 0xB641AE8CB691C174),
    ],
)
def test_the_published_values_come_out(text: bytes, value: int):
    assert xxh64.of_texts([text]).tolist() == [value]


def test_texts_of_every_length_hash_as_in_the_c_library():
    some = random.Random(5)
    texts = [some.randbytes(size) for size in (*range(140), 1_000, 65_535) for _ in range(3)]
    some.shuffle(texts)
    assert xxh64.of_texts(texts).tolist() == [xxhash.xxh64_intdigest(text) for text in texts]


def test_texts_are_hashed_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch):
    texts = [bytes([at]) * (at % 90) for at in range(200)]
    whole = xxh64.of_texts(texts).tolist()
    monkeypatch.setattr(xxh64, "_BLOCK_BYTES", 64)  # less than some texts have
    assert xxh64.of_texts(texts).tolist() == whole
    monkeypatch.setattr(xxh64, "_BLOCK_BYTES", 1 << 20)
    monkeypatch.setattr(xxh64, "_BLOCK_VALUES", 7)
    assert xxh64.of_texts(iter(texts)).tolist() == whole
    assert xxh64.of_texts([]).shape == (0,)


def test_integers_hash_as_their_eight_bytes_do():
    values = np.array([0, 1, -1, 2**63 - 1, -(2**63), *range(-500, 500)], np.int64)
    expected = xxh64.of_texts(value.tobytes() for value in values.astype("<i8"))
    assert np.array_equal(xxh64.of_integers(values), expected)
