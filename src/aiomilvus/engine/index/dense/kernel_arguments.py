"""The tuples that compiled kernels work on: what each array holds, its shape, type and unit.

Callers fill these and hand over their fields in order (`*store, *graph, *scratch`); the entries
build them again inside.

n is the number of rows, dim of dimensions, ef of rows kept. Row numbers are int64, those in faiss'
graph int32. Inside the kernels a larger score is closer: a product, or the negative squared
distance. All arrays are C-contiguous; what a search does not write to may be read-only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]


LANES = 32
"""Codes of 8 bits are padded to a multiple of this many dimensions, those of 4 to twice as many."""


GIVEN_UP = -2
"""The first row found by a walk that was given up; -1 stands for one that is missing."""


class Store(NamedTuple):
    """Coded vectors, and the vectors themselves. Read-only. See `scalar_codes.Codes`.

    Attributes:
        codes: int8 or uint8 (n · stride), from the beginning of a cache line: numbers of 8 bits, or
            pairs of 4.
        heads: float32 (n · stride / 4), the same memory: at `head` of each row half of what a step
            of its numbers is worth, then its bias.
        stride: Bytes of a row, whole cache lines.
        head: Byte of a row at which its head begins, a multiple of 4.
        middle: Twice the number that stands for zero.
        centre: float32 (dim), what was taken off the vectors and is to be taken off queries; empty
            for none. Products keep their order without.
        vectors: float32 (n, dim), what rescoring reads.
        inverses: float32 (n), factors of exact products (COSINE); empty for none.
    """

    codes: NDArray[np.int8] | NDArray[np.uint8]
    heads: Floats
    stride: int
    head: int
    middle: int
    centre: Floats
    vectors: Floats
    inverses: Floats


class CodedRows(NamedTuple):
    """What a comparison by code reads of a `Store`, with the same names.

    Innermost functions get this and no more: numba hands over every array of a tuple with each
    call, and walks took a tenth longer with the whole store.
    """

    codes: NDArray[np.int8] | NDArray[np.uint8]
    heads: Floats
    stride: int
    head: int


class Graph(NamedTuple):
    """faiss' HNSW graph, not changed any more.

    The neighbours of a row at a level stand in `neighbors` from ``offsets[row] + levels[level]``
    to ``offsets[row] + levels[level + 1]``; -1 ends those that are fewer.

    Attributes:
        neighbors: int32, all lists of neighbours.
        offsets: int64 (n + 1,), where each row's lists begin.
        levels: int64 (levels + 1,), where in a row's lists those of a level begin.
        entry: Row from which every walk starts, on the top level.
        top: The highest level.
    """

    neighbors: NDArray[np.int32]
    offsets: Rows
    levels: Rows
    entry: int
    top: int


class Scratch(NamedTuple):
    """Memory that one search at a time writes to.

    Attributes:
        seen: uint8 (n + 1,), the stamp of the last walk that met each row; behind the rows stands
            the stamp given last. All zero at first.
        numbers: The query's whole numbers, int16, or int8 for codes of 4 bits. Zero from dim on, to
            the padded width of a code.
        largest: The largest of them; the sum of a product fits in 31 bits.
        unseen: int64 (degree,), neighbours that a step of the walk compares.
        near: float32, at least ef: scores of the rows kept, best first.
        nearest: int64, as many: the rows kept.
    """

    seen: NDArray[np.uint8]
    numbers: NDArray[np.int8] | NDArray[np.int16]
    largest: np.float32
    unseen: Rows
    near: Floats
    nearest: Rows


class CodedQuery(NamedTuple):
    """A query as whole numbers.

    Attributes:
        numbers: As of `Scratch`.
        step: What one of the numbers is worth, doubled for squared distances.
        shift: What to take off a doubled product because codes of 4 bits are not signed.
    """

    numbers: NDArray[np.int8] | NDArray[np.int16]
    step: np.float32
    shift: np.int32


class Ranked(NamedTuple):
    """Rows and their scores: best first, or as a heap with the best at its root.

    Attributes:
        scores: float32 (m,).
        rows: int64 (m,). A row that a walk has expanded stands there as its complement.
    """

    scores: Floats
    rows: Rows
