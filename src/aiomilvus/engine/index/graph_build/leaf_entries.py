"""Compiled entries that build a graph from overlapping leaves; `leaf_graph` calls them.

n is the number of rows, dim of dimensions, c of a leaf's rows, degree of a row's neighbours at
most. Row numbers are int32, as in faiss' graph. Vectors are float32, C-contiguous. Entries take no
lock, allocate nothing and never raise; threads may run them side by side over different rows.

Importing this module imports numba and compiles; `kernels.compiling` does so, in a process beside.
"""

# Numba takes its types from the signatures below.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from aiomilvus.engine.index.graph_build.leaf_kernels import (
    by_vectors,
    compiled,
    distance,
    distances_within,
    diversify,
    insert,
    link_row,
    multiply,
)

_types: Any = types  # its stubs do not type signatures

_INT, _FLOAT = _types.int64, _types.float32


def _array(item, ndim, *, readonly=False):
    return _types.Array(item, ndim, "C", readonly=readonly)


_VECTORS = _array(_FLOAT, 2, readonly=True)
_GIVEN = _array(_FLOAT, 1, readonly=True)
_NUMBERS = _array(_types.int32, 1, readonly=True)
_LISTS = _array(_types.int32, 2, readonly=True)
_STARTS = _array(_INT, 1, readonly=True)
_FLOATS = _array(_FLOAT, 1)
_ROWS = _array(_types.int32, 1)
_LINKS = _array(_types.int32, 2)


@compiled
def _once(near, nearest, size):
    """Leave each candidate once; return how many there are."""
    found = 0
    for at in range(size):
        if found == 0 or nearest[found - 1] != nearest[at]:
            near[found], nearest[found] = near[at], nearest[at]
            found += 1
    return found


@compiled([_types.void(_VECTORS, _VECTORS, _GIVEN, _FLOATS, _FLOATS, _LINKS)])
def assign(vectors, leaders, halves, products, near, nearest):
    """Find the nearest leaders of each row.

    Args:
        vectors: (rows, dim).
        leaders: (leaders, dim).
        halves: (leaders), half of each one's square.
        products: Scratch, (rows · leaders).
        near: Scratch, as long as a row of `nearest`.
        nearest: Written, (rows, how many are wanted), nearest first.
    """
    count = leaders.shape[0]
    multiply(vectors, 0, vectors.shape[0], leaders, 0, count, products, count)
    for i in range(vectors.shape[0]):
        size = 0
        limit = np.float32(np.inf)
        for j in range(count):
            apart = halves[j] - products[i * count + j]
            if apart < limit:
                size = insert(near, nearest[i], size, near.shape[0], apart, j)
                if size == near.shape[0]:
                    limit = near[size - 1]


@compiled(
    [
        _types.void(
            *(_VECTORS, _NUMBERS, _NUMBERS, _INT, _INT),
            *(_FLOATS, _FLOATS, _FLOATS, _ROWS, _ROWS, _LINKS),
        )
    ]
)
def link(block, members, places, width, sampled, squares, distances, near, nearest, kept, slots):
    """Link the rows of a leaf to one another.

    What the arguments hold::

        block: (c, dim), the leaf's vectors.
        members: (c), their rows.
        places: (c), which of its leaves this is to each of them, from 0.
        width: Entries of `slots` for each leaf of a row.
        sampled: Rows from all over the leaf that are looked at beside the nearest.
        squares, distances: Scratch, (c) and (c · c) at least.
        near, nearest: Scratch; their length is how many are looked at in all.
        kept: Scratch, (width).
        slots: (n, leaves of a row · width), written: rows, -1 behind them.
    """
    count = block.shape[0]
    distances_within(block, squares, distances)
    for i in range(count):
        found = link_row(i, distances, count, sampled, near, nearest, kept)
        mine = slots[members[i]]
        start = places[i] * width
        for at in range(width):
            mine[start + at] = members[kept[at]] if at < found else -1


@compiled([_types.void(_VECTORS, _GIVEN, _INT, _INT, _FLOATS, _ROWS, _ROWS, _LINKS)])
def choose(vectors, scales, first, last, near, nearest, kept, slots):
    """Choose among what a row was linked to in all of its leaves.

    What the arguments hold::

        vectors, scales: (n, dim) and (n), the factor of each vector.
        first, last: The rows to do.
        near, nearest: Scratch, as long as a row of `slots`.
        kept: Scratch, (degree).
        slots: (n, any), rewritten: the chosen rows first, then -1.
    """
    for row in range(first, last):
        mine = slots[row]
        size = 0
        for at in range(mine.shape[0]):
            other = mine[at]
            if other >= 0:
                apart = distance(vectors, scales, row, other)
                size = insert(near, nearest, size, near.shape[0], apart, other)
        found = diversify(by_vectors, (vectors, scales), near, nearest, size, kept)
        for at in range(mine.shape[0]):
            mine[at] = kept[at] if at < found else -1


@compiled([_types.void(_LISTS, _array(_INT, 1), _ROWS)])
def turn(slots, starts, sources):
    """List the rows that are linked to each row.

    Args:
        slots: (n, any), what each row is linked to, -1 behind it.
        starts: (n + 1), written: where each row's list begins.
        sources: Written, as many as there are links.
    """
    count = slots.shape[0]
    starts[:] = 0
    for row in range(count):
        for at in range(slots.shape[1]):
            if slots[row, at] < 0:
                break
            starts[slots[row, at]] += 1
    total = 0
    for row in range(count):
        total += starts[row]
        starts[row] = total
    starts[count] = total
    for back in range(count):
        row = count - 1 - back
        for at in range(slots.shape[1]):
            if slots[row, at] < 0:
                break
            other = slots[row, at]
            starts[other] -= 1
            sources[starts[other]] = row


@compiled(
    [
        _types.void(
            *(_VECTORS, _GIVEN, _LISTS, _STARTS, _NUMBERS, _INT, _INT),
            *(_FLOATS, _ROWS, _ROWS, _LINKS),
        )
    ]
)
def join(vectors, scales, slots, starts, sources, first, last, near, nearest, kept, links):
    """Let links go both ways, as far as a row has room.

    What the arguments hold::

        vectors, scales: As of `choose`.
        slots: As `choose` left them.
        starts, sources: As `turn` wrote them.
        first, last: The rows to do.
        near, nearest: Scratch; their length is how many are looked at.
        kept: Scratch, (degree).
        links: (n, degree), written: each row's neighbours, -1 behind them.
    """
    degree = links.shape[1]
    for row in range(first, last):
        size = 0
        for at in range(degree):
            if slots[row, at] < 0:
                break
            apart = distance(vectors, scales, row, slots[row, at])
            size = insert(near, nearest, size, near.shape[0], apart, slots[row, at])
        for at in range(starts[row], starts[row + 1]):
            apart = distance(vectors, scales, row, sources[at])
            size = insert(near, nearest, size, near.shape[0], apart, sources[at])
        size = _once(near, nearest, size)
        if size > degree:
            size = diversify(by_vectors, (vectors, scales), near, nearest, size, kept)
            nearest[:size] = kept[:size]
        for at in range(degree):
            links[row, at] = nearest[at] if at < size else -1


ENTRIES = (assign, link, choose, turn, join)
"""The compiled entries."""
