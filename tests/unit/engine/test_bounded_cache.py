"""What iterators read is remembered for a while, and not for ever."""

import pytest

from aiomilvus.engine import bounded_cache
from aiomilvus.engine.bounded_cache import BoundedCache


def test_what_is_taken_is_forgotten_until_it_is_put_again():
    kept: BoundedCache[str] = BoundedCache(2)
    kept.put("a", 1, "A")
    assert kept.take("a") == "A"
    assert kept.take("a") is None


def test_the_ones_used_longest_ago_go_first():
    kept: BoundedCache[str] = BoundedCache(2)
    for key in "abac":
        kept.put(key, 1, key)
    assert [kept.take(key) for key in "abc"] == ["a", None, "c"]


def test_what_nobody_asks_for_is_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr(bounded_cache, "monotonic", lambda: now)
    kept: BoundedCache[str] = BoundedCache(9)
    kept.put("a", 1, "A")
    now += bounded_cache.SECONDS / 2
    kept.put("b", 1, "B")
    now += bounded_cache.SECONDS / 2 + 1
    kept.put("c", 1, "C")
    assert [kept.take(key) for key in "abc"] == [None, "B", "C"]


def test_a_collection_is_forgotten_alone():
    kept: BoundedCache[str] = BoundedCache(9)
    kept.put("a", 1, "A")
    kept.put("b", 2, "B")
    kept.forget(1)
    assert (kept.take("a"), len(kept)) == (None, 1)
    kept.forget()
    assert len(kept) == 0
