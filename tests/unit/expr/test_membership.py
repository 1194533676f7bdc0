"""Sets in filters: what their bytes may be, and which rows they let pass."""

from __future__ import annotations

import random
import struct
from typing import Any

import numpy as np
import pytest

from aiomilvus import build_bloom_filter, build_roaring_bitmap
from aiomilvus.errors import ExpressionError
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.membership import bloom, roaring
from aiomilvus.expr.membership.limits import MOST_BODY
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

SCHEMA = Schema(
    fields=(
        Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
        Field(id=101, name="small", dtype=DataType.INT8, nullable=True),
        Field(id=102, name="text", dtype=DataType.VARCHAR, max_length=64),
        Field(id=103, name="meta", dtype=DataType.JSON),
        Field(id=104, name="real", dtype=DataType.DOUBLE),
        Field(id=105, name="tags", dtype=DataType.ARRAY, element_type=DataType.INT64,
              max_capacity=8),
    )
)  # fmt: skip
INTEGERS, TEXTS, ROARING = (
    build_bloom_filter([1, 2]),
    build_bloom_filter(["a"]),
    build_roaring_bitmap([1, 2]),
)


def bind(text: str, blob: Any, plan: Any = "query") -> None:
    compile_filter(text, SCHEMA, {"b": blob}, plan=plan)


@pytest.mark.parametrize("seed", range(6))
def test_a_bitmap_holds_its_members_and_no_others(seed: int):
    some = random.Random(seed)
    reach = some.choice([300, 70_000, 2**34, 2**63])
    members = {some.randrange(-reach, reach) for _ in range(some.choice([1, 200, 6_000]))}
    start = some.randrange(-reach, reach - 9_000) if reach > 9_000 else 0
    members.update(range(start, start + some.choice([0, 8_000])))
    read = roaring.from_bytes(build_roaring_bitmap(sorted(members)))
    asked = [*members, *(some.randrange(-reach, reach) for _ in range(2_000)), start - 1]
    found = read.has_integers(np.array(asked, np.int64))
    assert found.tolist() == [value in members for value in asked]


def test_a_bitmap_in_another_valid_form_is_read():
    array = struct.pack("<HH4H", 5, 3, 1, 2, 3, 9)  # key 5: four values
    for cookie, places in ((struct.pack("<II", 12_346, 1), struct.pack("<I", 16)),
                           (struct.pack("<HHB", 12_347, 0, 0), b"")):  # fmt: skip
        body = struct.pack("<QI", 1, 0) + cookie + array[:4] + places + array[4:]
        blob = struct.pack("<4sHHQQ8x", b"MRB1", 1, 1, 4, len(body)) + body
        asked = np.array([(5 << 16) + 1, (5 << 16) + 4, (5 << 16) + 9], np.int64)
        assert roaring.from_bytes(blob).has_integers(asked).tolist() == [True, False, True]


def test_a_bloom_filter_passes_few_that_are_no_members():
    read = bloom.from_bytes(build_bloom_filter(list(range(5_000)), 0.01))
    assert read.has_integers(np.arange(5_000)).all()
    assert read.has_integers(np.arange(10_000, 30_000)).mean() < 0.02


@pytest.mark.parametrize("blob", [INTEGERS, TEXTS, ROARING])
def test_bytes_that_were_cut_or_changed_are_refused_or_read_but_never_fail(blob: bytes):
    some = random.Random(1)
    read = roaring.from_bytes if blob is ROARING else bloom.from_bytes
    for at in range(len(blob)):
        with pytest.raises(ValueError, match=r"bloom filter|roaring bitmap|high-container"):
            read(blob[:at])
    told = []
    for _ in range(2_000):
        changed = bytearray(blob)
        for _ in range(some.randrange(1, 4)):
            changed[some.randrange(len(blob))] = some.randrange(256)
        try:
            read(bytes(changed)).has_integers(np.arange(-3, 3))
        except ValueError as error:
            told.append(str(error))
    assert told
    assert all("bloom filter" in each or "roaring" in each or "high-" in each for each in told)


@pytest.mark.parametrize(
    ("text", "blob", "message"),
    [
        ("membership_match(id)", INTEGERS, "requires exactly 2 positional arguments"),
        ("membership_match(5, {b})", INTEGERS, "must be a scalar field name, got: 5"),
        ("membership_match(id + 1, {b})", INTEGERS, "must be a scalar field name, got: id \\+ 1"),
        ("membership_match(id, [1])", INTEGERS, "must be a {template} placeholder carrying"),
        ("membership_match(id, {c})", INTEGERS, "variable name {c} is not found"),
        ("membership_match(id, {b})", [1], "must be a client pre-built membership filter blob"),
        ("membership_match(id, {b})", "MBF1", "must be a client pre-built membership filter"),
        ("membership_match(id, {b})", b"MB", "2 bytes, too short to carry a format header"),
        ("membership_match(id, {b})", b"WHAT", "unknown format magic; supported formats are"),
        ("membership_match(id, {b}, type=cuckoo)", INTEGERS, "type should be bloom or roaring"),
        ("membership_match(id, {b}, type=roaring)", INTEGERS,
         'type "roaring" does not match filter blob format'),
        ("membership_match(id, {b}, kind=bloom)", INTEGERS, "invalid option 'kind'"),
        ("membership_match(real, {b})", INTEGERS, "only supports INT8/INT16/INT32/INT64, VARCHAR"),
        ("membership_match(tags, {b})", INTEGERS, "but field \\(tags\\) is of type Array"),
        ("membership_match(text, {b})", ROARING, "but field \\(text\\) is of type VarChar"),
        ("membership_match(meta['a'], {b})", ROARING, "not supported on JSON or dynamic fields"),
        ("membership_match(id, {b})", TEXTS, "built from the utf8 value domain but field"),
        ("membership_match(text, {b})", INTEGERS, "requires the utf8 domain"),
        ("match_any(tags, membership_match($, {b}))", INTEGERS, "not supported inside match_any"),
        ("bloom_match(id, {b})", INTEGERS, "function bloom_match not exist"),
    ],
)  # fmt: skip
def test_a_call_that_has_no_meaning_is_refused(text: str, blob: Any, message: str):
    with pytest.raises(ExpressionError, match=message):
        bind(text, blob)


def test_a_deletion_takes_exact_sets_only():
    bind("membership_match(id, {b})", ROARING, "delete")
    bind("membership_match(id, {b}, type=ROARING)", ROARING, "delete")
    with pytest.raises(ExpressionError, match="approximate and cannot be used in delete"):
        bind("id > 0 and membership_match(id, {b})", INTEGERS, "delete")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({4: 2}, "unsupported bloom filter version 2, expected 1"),
        ({6: 9}, "unsupported bloom filter algo 9"),
        ({28: 4}, "declares unknown value domains 0x04"),
        ({29: 1}, "reserved field must be 0, got 1"),
        ({24: 3}, "num_blocks 3 is not a power of two"),
        ({24: 2}, "body length 32 does not match num_blocks 2 .want 64."),
    ],
)
def test_a_bloom_filter_is_checked_in_milvus_words(change: dict[int, int], message: str):
    changed = bytearray(INTEGERS)
    for at, value in change.items():
        changed[at] = value
    with pytest.raises(ValueError, match=message):
        bloom.from_bytes(bytes(changed))


@pytest.mark.parametrize("magic", [b"MBF1", b"MRB1"])
def test_the_largest_body_is_read_with_its_header_and_no_byte_more(magic: bytes):
    largest = magic + bytes(MOST_BODY + 28)
    with pytest.raises(ExpressionError, match="version 0, expected 1"):  # it was looked into
        bind("membership_match(id, {b})", largest)
    with pytest.raises(ExpressionError, match="of 67108897 bytes exceeds maximum 67108896"):
        bind("membership_match(id, {b})", largest + b"x")


def test_a_bitmap_of_too_many_parts_is_refused():
    body = struct.pack("<Q", 262_145)
    blob = struct.pack("<4sHHQQ8x", b"MRB1", 1, 1, 0, len(body)) + body
    with pytest.raises(ValueError, match="high-container count 262145 exceeds maximum 262144"):
        roaring.from_bytes(blob)
