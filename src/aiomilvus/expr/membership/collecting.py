"""Members of a set, batch by batch, until their bytes are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.expr.membership import bloom, roaring
from aiomilvus.model import xxh64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

T = TypeVar("T")


class BloomMembers:
    """Members of a bloom filter: only their bits are kept.

    Args:
        count: How many are expected.
        fpr: Rate of false positives.

    Raises:
        ParamError: It would be larger than a filter takes.
    """

    def __init__(self, count: int, fpr: float) -> None:
        self._count = count
        self._fpr = fpr
        self.words = bloom.empty_words(bloom.blocks_for(count, fpr))
        self.domains = 0

    def add_integers(self, values: Iterable[int]) -> None:
        """Add integers.

        Raises:
            ParamError: A value is none, or beyond 64 bits.
        """
        members = _integers(
            values,
            "bloom filter members must be all int or all str",
            "integer bloom filter members must fit in signed int64",
        )
        self._add(xxh64.of_integers(members), bloom.INTEGERS)

    def add_texts(self, values: Iterable[str]) -> None:
        """Add texts.

        Raises:
            ParamError: A value is none, or holds half a surrogate pair, which UTF-8 has not.
        """
        texts = _listed(values, "bloom filter members must be all int or all str")
        if not all(isinstance(text, str) for text in texts):
            raise ParamError(message="bloom filter members must be all int or all str")
        try:
            self._add(xxh64.of_texts(text.encode() for text in texts), bloom.TEXTS)
        except UnicodeEncodeError as error:
            raise ParamError(
                message=f"bloom filter members must be UTF-8, but {error.object[:100]!r} has half "
                f"a surrogate pair at {error.start}"
            ) from None

    def _add(self, hashes: NDArray[np.uint64], domain: int) -> None:
        if len(hashes):
            bloom.add(self.words, hashes)
            self.domains |= domain

    def to_bytes(self) -> bytes:
        """Return the filter's bytes."""
        return bloom.to_bytes(self.words, self.domains, self._count, self._fpr)


class RoaringMembers:
    """Members of a roaring bitmap."""

    def __init__(self) -> None:
        self._members: NDArray[np.int64] = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self._members)

    def add_integers(self, values: Iterable[int]) -> None:
        """Add integers.

        Raises:
            ParamError: A value is none, or beyond 64 bits.
        """
        added = _integers(
            values,
            "roaring bitmap members must be int",
            "roaring bitmap members must fit in signed int64",
        )
        self._members = np.union1d(self._members, added)

    def to_bytes(self) -> bytes:
        """Return the bitmap's bytes.

        Raises:
            ParamError: It is larger than a filter takes.
        """
        return roaring.to_bytes(self._members)


def _listed(values: Iterable[T], otherwise: str) -> list[T]:
    try:
        each = iter(values)
    except TypeError:
        raise ParamError(message=f"{otherwise}, in an iterable, but got {values!r:.100}") from None
    return list(each)


def _integers(values: Iterable[int], no_integer: str, too_large: str) -> NDArray[np.int64]:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu" and values.dtype != np.uint64:
        return values.astype(np.int64).reshape(-1)
    given = _listed(values, no_integer)
    if any(isinstance(value, (bool, np.bool_)) for value in given) or not all(
        isinstance(value, (int, np.integer)) for value in given
    ):
        raise ParamError(message=no_integer)
    try:
        return np.fromiter(given, np.int64, len(given))
    except OverflowError:
        raise ParamError(message=too_large) from None
