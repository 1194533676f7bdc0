"""Builders of sets: the bytes that pymilvus' builders make, and what they refuse."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pymilvus
import pytest

from aiomilvus import (
    BloomFilterBuilder,
    ParamError,
    RoaringBitmapBuilder,
    build_bloom_filter,
    build_roaring_bitmap,
)
from aiomilvus.expr.membership import roaring
from aiomilvus.expr.membership.bloom import blocks_for
from aiomilvus.expr.membership.limits import MOST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG: Any = "x"
WRONG_BATCH: Any = 5
NOT_SETS: dict[str, Any] = {"set": {1}, "text": "12", "real": [1.5], "mixed": [1, "a"]}
SETS: dict[str, list[int]] = {
    "none": [],
    "few": [3, 1, 2],
    "repeated": [7, 7, 7],
    "a run": list(range(1_000, 90_000)),
    "every second": list(range(0, 30_000, 2)),
    "spread": [random.Random(n).randrange(-(2**63), 2**63) for n in range(500)],
    "ends": [-1, 0, -(2**63), 2**63 - 1, *range(65_500, 65_600), 2**40],
}


@pytest.mark.parametrize("name", SETS)
def test_sets_of_integers_are_the_bytes_that_pymilvus_makes(name: str):
    members = SETS[name]
    assert build_roaring_bitmap(members) == pymilvus.build_roaring_bitmap(members)
    assert build_bloom_filter(members) == pymilvus.build_bloom_filter(members)
    assert build_bloom_filter(members, 0.05) == pymilvus.build_bloom_filter(members, 0.05)


def test_sets_of_texts_are_the_bytes_that_pymilvus_makes():
    texts = ["", "a", "ünï", "longer " * 20, *(f"text {n}" for n in range(300))]
    assert build_bloom_filter(texts) == pymilvus.build_bloom_filter(texts)


def test_batches_add_up_and_may_mix_kinds():
    ours, theirs = (kind(100, 0.01) for kind in (BloomFilterBuilder, pymilvus.BloomFilterBuilder))
    for builder in (ours, theirs):
        builder.add_int64_batch(range(50)).add_string_batch(iter(["a", "b"]))
    assert ours.build() == theirs.build()
    assert (ours.domains, ours.num_blocks) == (theirs.domains, theirs.num_blocks) == (3, 4)
    roaring = RoaringBitmapBuilder().add_int64_batch([1, 2])
    assert roaring.cardinality == 2
    assert roaring.add_int64_batch(np.array([2, 3])).build() == build_roaring_bitmap([1, 2, 3])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: build_bloom_filter(NOT_SETS["mixed"]), "members must be all int or all str"),
        (lambda: build_bloom_filter(NOT_SETS["mixed"][::-1]), "members must be all int or all str"),
        (lambda: build_bloom_filter([True]), "members must be all int or all str"),
        (lambda: build_bloom_filter([2**63]), "members must fit in signed int64"),
        (lambda: build_bloom_filter(NOT_SETS["set"]), "must be a list or tuple of int or str"),
        (lambda: build_bloom_filter([1], 0.5), r"fpr must be in \[0.0001, 0.05\]"),
        (lambda: build_bloom_filter([1], WRONG), r"fpr must be in .*, but got 'x'"),
        (lambda: build_bloom_filter([1], float("nan")), r"fpr must be in .*, but got nan"),
        (lambda: BloomFilterBuilder(1).add_int64_batch(WRONG_BATCH), "iterable, but got 5"),
        (lambda: BloomFilterBuilder(1).add_string_batch(WRONG_BATCH), "iterable, but got 5"),
        (lambda: RoaringBitmapBuilder().add_int64_batch(WRONG_BATCH), "iterable, but got 5"),
        (lambda: build_bloom_filter(["a\udc00"]), r"must be UTF-8, but 'a\\udc00' has half"),
        (lambda: BloomFilterBuilder(WRONG), "member count must be a uint64"),
        (lambda: BloomFilterBuilder(-1), "member count must be a uint64"),
        (lambda: BloomFilterBuilder(2**64), "member count must be a uint64"),
        (lambda: build_roaring_bitmap(NOT_SETS["real"]), "roaring bitmap members must be int"),
        (lambda: build_roaring_bitmap([False]), "roaring bitmap members must be int"),
        (lambda: build_roaring_bitmap([-(2**63) - 1]), "members must fit in signed int64"),
        (lambda: build_roaring_bitmap(NOT_SETS["text"]), "must be a list or tuple of int"),
    ],
)
def test_what_is_no_member_is_refused(make: Any, text: str):
    with pytest.raises(ParamError, match=text):
        make()


def test_a_filter_larger_than_any_that_is_matched_is_not_built():
    assert blocks_for(48_653_072, 0.005) * 32 == MOST_BODY == 64 << 20
    for members in (48_653_073, 2**64 - 1):
        with pytest.raises(ParamError, match=r"bytes, at most 67108864 are matched: give"):
            BloomFilterBuilder(members)
    assert BloomFilterBuilder(48_653_073, 0.01).num_blocks * 32 == MOST_BODY


@pytest.mark.parametrize(
    ("step", "count", "text"),
    [
        (1 << 32, 9, "high-container count 9 exceeds maximum 8"),
        (1 << 16, 99, r"estimated decoded size \d+ exceeds maximum 4096"),
        (2, 3_000, r"estimated decoded size \d+ exceeds maximum 4096"),
    ],
)
def test_a_bitmap_larger_than_any_that_is_matched_is_not_built(
    step: int, count: int, text: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(roaring, "_MOST_UPPER", 8)
    monkeypatch.setattr(roaring, "_MOST_DECODED", 4_096)
    builder = RoaringBitmapBuilder().add_int64_batch(np.arange(count, dtype=np.int64) * step)
    assert builder.cardinality == count
    with pytest.raises(ParamError, match=text):
        builder.build()


@pytest.mark.parametrize("kind", [lambda: BloomFilterBuilder(9), RoaringBitmapBuilder])
def test_a_builder_is_of_no_use_after_a_batch_failed(kind: Any):
    builder = kind()
    with pytest.raises(ParamError):
        builder.add_int64_batch(["x"])
    with pytest.raises(RuntimeError, match="Builder is unusable after a failed add"):
        builder.build()


@pytest.mark.parametrize("kind", [lambda: BloomFilterBuilder(9), RoaringBitmapBuilder])
def test_two_threads_may_not_use_a_builder_at_once(kind: Any):
    builder = kind()
    inside, leave = threading.Event(), threading.Event()

    def waiting() -> Iterator[int]:
        inside.set()
        leave.wait(20)
        yield 1

    thread = threading.Thread(target=builder.add_int64_batch, args=(waiting(),))
    thread.start()
    inside.wait(20)
    with pytest.raises(RuntimeError, match="Builder does not support concurrent use"):
        builder.build()
    leave.set()
    thread.join()
    assert len(builder.build()) > 32
