"""Builders of sets for the filter ``membership_match``: bloom filters and roaring bitmaps.

Public names are imported without numpy, which comes with the first builder.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aiomilvus.expr.membership.collecting import BloomMembers, RoaringMembers

_LEAST_FPR, _MOST_FPR = 0.0001, 0.05
_USUAL_FPR = 0.005
_MOST = 2**64


def _bloom_members(count: int, fpr: float) -> BloomMembers:
    from aiomilvus.expr.membership import collecting  # noqa: PLC0415 - loads numpy

    return collecting.BloomMembers(count, fpr)


def _roaring_members() -> RoaringMembers:
    from aiomilvus.expr.membership import collecting  # noqa: PLC0415 - loads numpy

    return collecting.RoaringMembers()


class _Builder:
    """Refuses to be used by two threads at once, and after something went wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed = False

    @contextmanager
    def _alone(self, *, adds: bool = False) -> Iterator[None]:
        name = type(self).__name__
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(f"{name} does not support concurrent use")
        try:
            if self._failed:
                raise RuntimeError(f"{name} is unusable after a failed add")
            self._failed = adds
            yield
            self._failed = False
        finally:
            self._lock.release()


class BloomFilterBuilder(_Builder):
    """Builds a bloom filter batch by batch, for ``membership_match(field, {name}, type=bloom)``.

    It says of a value that it is certainly no member, or probably one, in memory that depends on
    `n` and `fpr` alone. Members may be integers and texts, each compared with their own kind.

    Args:
        n: How many members are expected. More may be added, at more false positives. A filter of
            64 MiB, the most that is matched, is for 48,000,000 at the default `fpr`.
        fpr: Share of values that pass though they are no members, 0.0001 … 0.05.

    Raises:
        ParamError: `n` or `fpr` is out of range, or they make more than 64 MiB.

    Example:
        >>> from aiomilvus import BloomFilterBuilder
        >>> blob = BloomFilterBuilder(3).add_int64_batch([1, 2, 3]).build()
        >>> blob[:4]
        b'MBF1'
    """

    def __init__(self, n: int, fpr: float = _USUAL_FPR) -> None:
        super().__init__()
        count: object = n
        rate: object = fpr  # of numpy's, too
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= n < _MOST:
            raise ParamError(message="bloom filter member count must be a uint64")
        if not isinstance(rate, Real) or not _LEAST_FPR <= fpr <= _MOST_FPR:
            raise ParamError(
                message=f"bloom filter fpr must be in [{_LEAST_FPR}, {_MOST_FPR}], but got "
                f"{fpr!r:.100}"
            )
        self._members = _bloom_members(n, float(fpr))

    @property
    def domains(self) -> int:
        """Which kinds were added: 1 for integers, 2 for texts, 3 for both."""
        return self._members.domains

    @property
    def num_blocks(self) -> int:
        """How many blocks of 32 bytes the filter has."""
        return len(self._members.words)

    def add_int64_batch(self, values: Iterable[int]) -> BloomFilterBuilder:
        """Add integers within 64 bits; return the builder.

        Args:
            values: Python's or numpy's integers.

        Raises:
            ParamError: A value is no integer, or beyond 64 bits.
            RuntimeError: Another thread uses the builder, or an earlier batch failed.

        Example:
            >>> from aiomilvus import BloomFilterBuilder
            >>> BloomFilterBuilder(2).add_int64_batch([1, 2]).domains
            1
        """
        with self._alone(adds=True):
            self._members.add_integers(values)
        return self

    def add_string_batch(self, values: Iterable[str]) -> BloomFilterBuilder:
        """Add texts; return the builder.

        Args:
            values: Texts.

        Raises:
            ParamError: A value is no text, or holds half a surrogate pair, which UTF-8 has not.
            RuntimeError: Another thread uses the builder, or an earlier batch failed.

        Example:
            >>> from aiomilvus import BloomFilterBuilder
            >>> BloomFilterBuilder(2).add_string_batch(["red", "blue"]).domains
            2
        """
        with self._alone(adds=True):
            self._members.add_texts(values)
        return self

    def build(self) -> bytes:
        """Return the filter's bytes; more may be added afterwards.

        Raises:
            RuntimeError: Another thread uses the builder, or a batch failed.

        Example:
            >>> from aiomilvus import BloomFilterBuilder
            >>> blob = BloomFilterBuilder(2).add_int64_batch([1, 2]).build()
            >>> found = await client.query(
            ...     "books",
            ...     "membership_match(id, {members}, type=bloom)",
            ...     filter_params={"members": blob},
            ...     output_fields=["id"],
            ... )
            >>> [row["id"] for row in found]
            [1, 2]
        """
        with self._alone():
            return self._members.to_bytes()


class RoaringBitmapBuilder(_Builder):
    """Builds a roaring bitmap of integers, for ``membership_match(field, {name}, type=roaring)``.

    It is exact, and small where members lie close together. A member may be added again.

    Example:
        >>> from aiomilvus import RoaringBitmapBuilder
        >>> builder = RoaringBitmapBuilder().add_int64_batch([5, 1, 5])
        >>> builder.cardinality, builder.build()[:4]
        (2, b'MRB1')
    """

    def __init__(self) -> None:
        super().__init__()
        self._members = _roaring_members()

    @property
    def cardinality(self) -> int:
        """How many members there are.

        Raises:
            RuntimeError: Another thread uses the builder, or a batch failed.
        """
        with self._alone():
            return len(self._members)

    def add_int64_batch(self, values: Iterable[int]) -> RoaringBitmapBuilder:
        """Add integers within 64 bits; return the builder.

        Args:
            values: Python's or numpy's integers.

        Raises:
            ParamError: A value is no integer, or beyond 64 bits.
            RuntimeError: Another thread uses the builder, or an earlier batch failed.

        Example:
            >>> from aiomilvus import RoaringBitmapBuilder
            >>> RoaringBitmapBuilder().add_int64_batch([1, 2, 2]).cardinality
            2
        """
        with self._alone(adds=True):
            self._members.add_integers(values)
        return self

    def build(self) -> bytes:
        """Return the bitmap's bytes; more may be added afterwards.

        Raises:
            ParamError: They are too many or too spread for a bitmap that takes 64 MiB when it is
                read.
            RuntimeError: Another thread uses the builder, or a batch failed.

        Example:
            >>> from aiomilvus import RoaringBitmapBuilder
            >>> blob = RoaringBitmapBuilder().add_int64_batch([3, 2]).build()
            >>> found = await client.query(
            ...     "books",
            ...     "membership_match(id, {members}, type=roaring)",
            ...     filter_params={"members": blob},
            ...     output_fields=["id"],
            ... )
            >>> [row["id"] for row in found]
            [2, 3]
        """
        with self._alone():
            return self._members.to_bytes()


def build_bloom_filter(members: Sequence[int] | Sequence[str], fpr: float = _USUAL_FPR) -> bytes:
    """Return a bloom filter of a list or tuple of integers, or of texts.

    Args:
        members: All integers within 64 bits, or all texts.
        fpr: As for `BloomFilterBuilder`.

    Raises:
        ParamError: `members` is no list or tuple, mixes kinds, or holds another, or half a
            surrogate pair; `fpr` is out of range; or the filter would take more than 64 MiB.

    Example:
        >>> from aiomilvus import build_bloom_filter
        >>> len(build_bloom_filter(["red", "blue"]))
        64
    """
    if not isinstance(members, (list, tuple)):
        raise ParamError(message="bloom filter members must be a list or tuple of int or str")
    builder = BloomFilterBuilder(len(members), fpr)
    if members and isinstance(members[0], str):
        return builder.add_string_batch(members).build()
    return builder.add_int64_batch(members).build()


def build_roaring_bitmap(members: Sequence[int]) -> bytes:
    """Return a roaring bitmap of a list or tuple of integers.

    Args:
        members: Integers within 64 bits.

    Raises:
        ParamError: `members` is no list or tuple, or holds what is no integer within 64 bits; or
            they are too many or too spread for a bitmap that takes 64 MiB when it is read.

    Example:
        >>> from aiomilvus import build_roaring_bitmap
        >>> build_roaring_bitmap([1, 2, 3])[:4]
        b'MRB1'
    """
    if not isinstance(members, (list, tuple)):
        raise ParamError(message="roaring bitmap members must be a list or tuple of int")
    return RoaringBitmapBuilder().add_int64_batch(members).build()
