"""NGRAM: the rows by the short runs of bytes in their text, for ``like`` and ``=~``.

A pattern's longest fixed text is cut into runs; rows that hold them all are candidates, and
the pattern is tried on these alone. Sizes count bytes, and none is above four: a text of so
many characters has at least so many bytes, so every pattern that Milvus' index serves is
served, and a candidate too many costs a comparison, never a wrong answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import ScalarIndex
from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr import predicate as p
from aiomilvus.expr.evaluate.strings import matched
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.expr.json_paths import Kind, shred

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

FORMAT = 1
_TOO_MANY = 8
"""Above one candidate in so many rows, scanning the column is no slower."""
_FEW = 32
"""With so few candidates left, trying them is cheaper than intersecting further."""
LONGEST = 4
"""Longer runs are rarer, but those of four bytes together are nearly as telling."""
_KEY_BITS, _ROW_BITS = np.uint64(32), np.uint64(2**32 - 1)
_BLOCK = 1 << 15
"""Rows whose runs are gathered at once."""


class NgramIndex(ScalarIndex):
    """Rows by run of bytes, for each size from `least` to `most`. Implements `ScalarIndex`.

    Args:
        grams: By size: the distinct runs as uint32 keys, in order; where the rows of each
            begin; the rows.
        column: The indexed column: text, or JSON documents.
        path: The JSON path that leads to the text, None in a column of text.
    """

    kind = "rows by n-gram"

    def __init__(
        self,
        grams: dict[int, tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[Any]]],
        column: BytesColumn,
        path: tuple[str, ...] | None,
    ) -> None:
        self.num_rows = len(column)
        self._grams = grams
        self._column = column
        self._path = path

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where a pattern matches, None when scanning is no slower."""
        fixed = self._fixed_text(leaf)
        rows = None if fixed is None else self._candidates(fixed)
        if rows is None:
            return None
        mask = np.zeros(self.num_rows, np.bool_)
        if len(rows):
            mask[rows] = self._tried(leaf, rows.astype(np.int64))
        return mask

    def count(self, leaf: Any) -> int | None:  # noqa: ARG002 - no leaf is counted
        """Return None: the pattern has to be tried to know."""
        return None

    def _fixed_text(self, leaf: Any) -> bytes | None:
        if not isinstance(leaf, p.Match):
            return None
        operand = leaf.operand
        if isinstance(operand, p.JsonPath):
            if operand.path != self._path:
                return None
        elif not isinstance(operand, p.Column) or self._path is not None:
            return None
        text = leaf.required if leaf.kind is p.MatchKind.REGEX else leaf.text
        return text.encode() if len(text.encode()) >= min(self._grams) else None

    def _candidates(self, text: bytes) -> NDArray[Any] | None:
        """Return the rows that hold every run of `text`, None for too many."""
        size = min(len(text), max(self._grams))
        keys, starts, rows = self._grams[size]
        wanted = np.unique(_keys(np.frombuffer(text, np.uint8), size))
        at = np.searchsorted(keys, wanted)
        if (at == len(keys)).any() or (keys[at] != wanted).any():
            return rows[:0]
        sizes = starts[at + 1] - starts[at]
        found: NDArray[Any] | None = None
        for number in np.argsort(sizes).tolist():
            first = int(starts[at[number]])
            held = rows[first : first + int(sizes[number])]
            if found is None:
                found = held
            elif len(found) <= _FEW:
                break
            else:
                place = np.minimum(np.searchsorted(held, found), len(held) - 1)
                found = found[held[place] == found]
        if found is None or len(found) * _TOO_MANY > self.num_rows:
            return None
        return found

    def _tried(self, leaf: p.Match, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        taken = self._column.take(rows)
        if self._path is None:
            outcome = matched(taken, leaf)
            return outcome if taken.valid is None else outcome & taken.valid
        values = shred(taken, self._path)
        return matched(values.strings, leaf) & values.are(Kind.STRING)

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_ngrams` takes."""
        arrays: dict[str, NDArray[Any]] = {}
        for size, parts in self._grams.items():
            keys, starts, rows = parts
            arrays.update({f"{size}.keys": keys, f"{size}.starts": starts, f"{size}.rows": rows})
        path = None if self._path is None else list(self._path)
        return arrays, {"format": FORMAT, "sizes": sorted(self._grams), "path": path}


def _keys(data: NDArray[np.uint8], size: int) -> NDArray[np.uint32]:
    """Return a key for each run of `size` bytes."""
    count = len(data) - size + 1
    if count <= 0:
        return np.empty(0, np.uint32)
    keys = np.zeros(count, np.uint32)
    for at in range(size):
        keys = (keys << np.uint32(8)) | data[at : at + count]
    return keys


def build_ngrams(
    column: BytesColumn,
    path: tuple[str, ...] | None,
    least: int,
    most: int,
    check: Callable[[], object] = never_interrupt,
) -> NgramIndex:
    """Index the short runs of a column of text, or of what a JSON path leads to.

    Args:
        column: The texts, or the documents.
        path: The JSON path, None for a column of text.
        least: ``min_gram``.
        most: ``max_gram``.
        check: Called now and then; what it raises ends the work.
    """
    texts = column if path is None else shred(column, path, check).strings
    blocks = [
        texts.slice(start, min(start + _BLOCK, len(texts)))
        for start in range(0, len(texts), _BLOCK)
    ]
    sizes = range(min(least, LONGEST), min(most, LONGEST) + 1)
    grams = {size: _postings(blocks, size, check) for size in sizes}
    return NgramIndex(grams, column, path)


def _postings(
    blocks: list[BytesColumn], size: int, check: Callable[[], object]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[Any]]:
    """Return the distinct keys, where the rows of each begin, and the rows."""
    empty = np.empty(0, np.uint64)
    parts = [empty]
    for at, block in enumerate(blocks):
        check()
        parts.append(_pairs(block, size, at * _BLOCK))
    pairs = np.concatenate(parts)
    pairs.sort()
    check()
    keys = (pairs >> _KEY_BITS).astype(np.uint32)
    changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1 if len(keys) else empty
    firsts = np.concatenate([[0], changes]).astype(np.int64) if len(keys) else empty
    starts = np.append(firsts, len(keys)).astype(np.int64)
    return keys[firsts.astype(np.int64)], starts, (pairs & _ROW_BITS).astype(np.uint32)


def _pairs(block: BytesColumn, size: int, first_row: int) -> NDArray[np.uint64]:
    """Return each key of each row once: the key in the upper half, the row in the lower."""
    base, end = int(block.offsets[0]), int(block.offsets[-1])
    keys = _keys(block.data[base:end], size)
    lengths = np.diff(block.offsets)
    rows = np.repeat(np.arange(first_row, first_row + len(block), dtype=np.uint64), lengths)
    ends = np.repeat(block.offsets[1:] - base, lengths)[: len(keys)]
    inside = np.arange(size, len(keys) + size) <= ends
    pairs = (keys[inside].astype(np.uint64) << _KEY_BITS) | rows[: len(keys)][inside]
    pairs.sort()
    fresh = np.ones(len(pairs), np.bool_)
    np.not_equal(pairs[1:], pairs[:-1], out=fresh[1:])
    return pairs[fresh]


def open_ngrams(
    column: BytesColumn, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> NgramIndex:
    """Open what `NgramIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != FORMAT:
        raise DataCorruptedError(
            message=f"n-gram index format {meta.get('format')!r}, expected {FORMAT}"
        )
    grams = {
        size: (arrays[f"{size}.keys"], arrays[f"{size}.starts"], arrays[f"{size}.rows"])
        for size in meta["sizes"]
    }
    path = meta["path"]
    return NgramIndex(grams, column, None if path is None else tuple(path))
