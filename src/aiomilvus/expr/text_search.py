"""Finding in texts where they lie: substrings by numpy, regular expressions by RE2.

RE2 is what Milvus matches with; it takes time in proportion to the text, whatever the expression.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

    Bools = NDArray[np.bool_]

_BLOCK = 1 << 17
"""Bytes that are looked at in a turn: other threads wait for the interpreter no longer."""
_SAMPLE = 1 << 16
_ASSERTS = re.compile(r"\\[AzbBCQ]|(?<!\[)\^|\$")
"""What matches only at certain places, or any byte. More than that may be found: it costs time."""
_ESCAPED = re.compile(r"\\[^AzbBCQ]", re.DOTALL)


@cache
def _re2() -> ModuleType:
    """Return google-re2, loaded by the first filter with a regular expression."""
    module: ModuleType = load("re2", "re2/_re2.*.so")
    return module


@cache
def _options() -> object:
    options = _re2().Options()
    options.log_errors = False
    options.never_capture = True
    options.dot_nl = True  # as Milvus
    return options


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    return _re2().compile(pattern.encode(), _options())


def check_regex(pattern: str) -> None:
    """Check that `pattern` is a regular expression in RE2's syntax.

    Raises:
        ValueError: It is not.
    """
    try:
        _compiled(pattern)
    except _re2().error as error:
        reason = error.args[0] if error.args else error
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise ValueError(f"invalid regex pattern: {reason}") from None


def matches_regex(values: BytesColumn, pattern: str) -> Bools:
    """Return in which of `values` a regular expression matches anywhere."""
    if not _ASSERTS.search(_ESCAPED.sub("", pattern)):
        if _compiled(pattern).search(b""):
            return np.ones(len(values), np.bool_)
        return _scan(values, pattern)
    search = _compiled(pattern).search
    return np.fromiter((search(text) is not None for text in values), np.bool_, len(values))


def _scan(values: BytesColumn, pattern: str) -> Bools:
    """Match against many texts at once, with a byte between them that no expression matches.

    The expression asks for no place, like the start of a text, and does not match nothing.
    """
    search = _compiled(pattern).search
    outcome = np.zeros(len(values), np.bool_)
    for first, stop in _blocks(values):
        texts = list(values.slice(first, stop))
        starts = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
        joined = b"\xff".join(texts)
        found = search(joined)
        while found is not None:
            row = bisect_right(starts, found.start()) - 1
            outcome[first + row] = True
            if starts[row + 1] >= len(joined):
                break
            found = search(joined, starts[row + 1])
    return outcome


def _blocks(values: BytesColumn) -> Iterator[tuple[int, int]]:
    """Yield runs of rows: as many as have a block's bytes, one at least."""
    first = 0
    while first < len(values):
        end = values.offsets[first] + _BLOCK
        stop = int(np.searchsorted(values.offsets, end, "right")) - 1
        stop = min(max(stop, first + 1), len(values), first + _BLOCK // 8)
        yield first, stop
        first = stop


def contains(values: BytesColumn, pattern: bytes) -> Bools:
    """Return which of `values` contain `pattern`, of one byte or more.

    Its two rarest bytes are looked for in the column's bytes at once, which is several times
    faster than row by row.
    """
    outcome = np.zeros(len(values), np.bool_)
    offsets = values.offsets
    wanted = np.frombuffer(pattern, np.uint8)
    sample = values.data[offsets[0] : offsets[0] + _SAMPLE] if len(values) else values.data[:0]
    frequency = np.bincount(sample, minlength=256)
    order = np.argsort(frequency[wanted], kind="stable").tolist()
    for first, stop in _blocks(values):
        start = int(offsets[first])
        found = start + _positions(values.data[start : offsets[stop]], wanted, order)
        if not len(found):
            continue
        if len(found) < stop - first:
            row = np.searchsorted(offsets[first : stop + 1], found, "right") - 1
            inside = found + len(pattern) <= offsets[first + row + 1]
            outcome[first + row[inside]] = True
        else:
            place = np.searchsorted(found, offsets[first:stop])
            hit = found[np.minimum(place, len(found) - 1)]
            inside = hit + len(pattern) <= offsets[first + 1 : stop + 1]
            outcome[first:stop] = (place < len(found)) & inside
    return outcome


def _positions(
    data: NDArray[np.uint8], wanted: NDArray[np.uint8], order: list[int]
) -> NDArray[np.int64]:
    """Return where `wanted` starts in `data`, checking its bytes in the given order."""
    starts = len(data) - len(wanted) + 1
    if starts <= 0:
        return np.zeros(0, np.int64)
    there = data[order[0] : order[0] + starts] == wanted[order[0]]
    if len(order) > 1:
        there &= data[order[1] : order[1] + starts] == wanted[order[1]]
    found = np.flatnonzero(there)
    for index in order[2:]:
        if not len(found):
            break
        found = found[data[found + index] == wanted[index]]
    return found
