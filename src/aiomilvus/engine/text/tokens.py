"""Analysed texts as arrays, and the hash that makes a term a sparse dimension.

`TokenBatch` is what bulk analysis returns and what the BM25 function and the text index
consume. Terms are numbered by the analyzer's `Vocabulary`, so that whole batches are
handled as integers; strings are looked at once per distinct token.
"""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from aiomilvus.engine.text.tokenizers import SEPARATOR
from aiomilvus.model.columns import SparseColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aiomilvus.model.columns import BytesColumn

_Scalar = TypeVar("_Scalar", np.int32, np.uint32)
_HASHED_BYTES = 100
_TOKEN_BYTES, _TERM_BYTES = 150, 175
"""What a raw token and a term take beside their characters: objects, and entries of tables."""
_DROPPED = -1
_SEVERAL = -2


def term_hash(term: str) -> int:
    """Return the sparse dimension of `term`, the same as Milvus'.

    It is the CRC-32 (IEEE) of the first 100 bytes of the UTF-8, modulo 2³² - 1.
    """
    return zlib.crc32(term.encode()[:_HASHED_BYTES]) % 0xFFFFFFFF


class Vocabulary(dict[bytes, int]):
    """What each distinct raw token becomes, remembered.

    As a mapping it numbers raw tokens; a token seen for the first time goes through the
    filters. Safe to share by threads: reading takes no lock, adding does, and numbers never
    change.

    Attributes:
        terms: Terms by term id.
        hashes: `term_hash` of each term, by term id.
        terms_of: Term ids by raw token number.
        nbytes: Memory that all of it takes, within some tenths.
    """

    def __init__(self, filters: Callable[[str], Sequence[str]]) -> None:
        super().__init__()
        self.terms: list[str] = []
        self.hashes: list[int] = []
        self.terms_of: list[tuple[int, ...]] = []
        self.nbytes = 0
        self._filters = filters
        self._term_ids: dict[str, int] = {}
        self._lock = threading.Lock()
        self._single: _GrowingArray[np.int32] = _GrowingArray(np.int32)
        self._hash_array: _GrowingArray[np.uint32] = _GrowingArray(np.uint32)
        self.separator = self[SEPARATOR]

    def __missing__(self, token: bytes) -> int:
        terms = self._filters(token.decode())
        with self._lock:
            known = self.get(token)
            if known is not None:
                return known
            ids = tuple(self._term_id(term) for term in terms)
            number = len(self.terms_of)
            self._single.append(_single_term(ids))
            self.terms_of.append(ids)
            self.nbytes += _TOKEN_BYTES + len(token)
            self[token] = number
            return number

    def _term_id(self, term: str) -> int:
        known = self._term_ids.get(term)
        if known is not None:
            return known
        number = len(self.terms)
        self.terms.append(term)
        self.hashes.append(term_hash(term))
        self._hash_array.append(self.hashes[-1])
        self._term_ids[term] = number
        self.nbytes += _TERM_BYTES + len(term)
        return number

    def hash_array(self) -> NDArray[np.uint32]:
        """Return the hashes of all terms known now, by term id."""
        return self._hash_array.view()

    def expand(self, raw: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64] | None]:
        """Return the term ids that `raw` token numbers become, in order.

        Returns:
            Term ids, and for each the index in `raw` it comes from; None instead when every
            raw token became exactly one term.
        """
        single = self._single.view()[raw]
        if not (single < 0).any():
            return single, None
        if not (single == _SEVERAL).any():
            origin = np.flatnonzero(single != _DROPPED)
            return single[origin], origin
        runs = [self.terms_of[number] for number in raw.tolist()]
        lengths = np.fromiter(map(len, runs), np.int64, len(runs))
        flat = [term for run in runs for term in run]
        origin = np.repeat(np.arange(len(runs), dtype=np.int64), lengths)
        return np.array(flat, np.int32), origin


class TokenBatch:
    """The terms of many texts.

    Attributes:
        vocabulary: Gives term ids their strings and hashes.
        term_ids: int32 (terms,), all texts end to end.
        offsets: int64 (texts + 1,), text i has terms offsets[i] … offsets[i+1].
        positions: int32 (terms,), where each term stood; None if not asked for.
    """

    __slots__ = ("offsets", "positions", "term_ids", "vocabulary")

    def __init__(
        self,
        vocabulary: Vocabulary,
        term_ids: NDArray[np.int32],
        offsets: NDArray[np.int64],
        positions: NDArray[np.int32] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.term_ids = term_ids
        self.offsets = offsets
        self.positions = positions

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def terms(self, text: int) -> list[str]:
        """Return the terms of one text, in order."""
        run = self.term_ids[self.offsets[text] : self.offsets[text + 1]]
        return [self.vocabulary.terms[term] for term in run.tolist()]

    def term_frequencies(self, valid: NDArray[np.bool_] | None = None) -> SparseColumn:
        """Return each text as a sparse row: dimension = term hash, value = occurrences.

        This is what a BM25 function stores. Rows are sorted by dimension.

        Args:
            valid: The column's nulls (False), passed through; a null text has no terms.
        """
        hashes = self.vocabulary.hash_array()[self.term_ids]
        texts = np.repeat(np.arange(len(self), dtype=np.uint64), np.diff(self.offsets))
        keys = np.sort((texts << np.uint64(32)) | hashes)
        starts = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        counts = np.diff(starts, append=len(keys)).astype(np.float32)
        keys = keys[starts]
        indptr = np.searchsorted(keys, np.arange(len(self) + 1, dtype=np.uint64) << np.uint64(32))
        return SparseColumn(indptr.astype(np.int64), keys.astype(np.uint32), counts, valid)


def texts_of(column: BytesColumn) -> list[str]:
    """Return the texts of a VARCHAR column, "" for nulls."""
    return [value.decode() for value in column]


def _single_term(ids: tuple[int, ...]) -> int:
    if len(ids) == 1:
        return ids[0]
    return _SEVERAL if ids else _DROPPED


class _GrowingArray(Generic[_Scalar]):
    """An append-only array with doubling capacity. Old views stay right as it grows."""

    __slots__ = ("_length", "_values")

    def __init__(self, dtype: type[_Scalar]) -> None:
        self._values: NDArray[_Scalar] = np.empty(1024, dtype)
        self._length = 0

    def append(self, value: int) -> None:
        if self._length == len(self._values):
            self._values = np.resize(self._values, 2 * self._length)
        self._values[self._length] = value
        self._length += 1

    def view(self) -> NDArray[_Scalar]:
        return self._values[: self._length]
