"""The steps of building a graph from overlapping leaves. See `leaf_entries`.

Algorithms:

* `distances_within`: all squared distances among a leaf's rows, as a blocked product of matrices,
  in tiles of 4 by 3 whose sums stay in registers. Each pair is computed once.
* `link_row`: the nearest rows in the leaf, by an insertion sort behind a threshold, and some at
  even steps over the whole leaf, then `diversify`. Without those, rows in tight clusters would know
  nobody outside; HNSW gets such links from the rows that were added first.
* `diversify`: Malkov and Yashunin (arXiv 1603.09320), algorithm 4, the
  rule of a relative neighbourhood graph: a candidate is kept unless one kept before is nearer to it
  than the row is.

That a graph can be built so, with leaves instead of searches, is from HCNNG (Munoz et al., 2019)
and PiPNN (arXiv 2602.21247).

Invariants: candidates are sorted by distance, then by number; a smaller distance is closer; -1 ends
a list. `tests/support/leaf_graph_oracle.py` says each step in plain numpy, and a property test
compares them.

Imports numba; only `leaf_entries` uses it.
"""

# Numba takes its types from the signatures in `leaf_entries`.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np

ROWS, COLUMNS = 4, 3
"""A tile of products: its twelve sums, and what they are of, fill the registers of AVX2."""
_BLOCK = 48
"""Rows that stay in the second-level cache while others pass by; a multiple of both."""
compiled: Any = partial(numba.njit, nogil=True, error_model="numpy", fastmath=True)


@compiled
def product(left, right):
    """Return the product of two vectors."""
    total = np.float32(0.0)
    for i in range(left.shape[0]):
        total += left[i] * right[i]
    return total


@compiled
def _tile(left, i, right, j, products, stride):
    """Write the products of four rows of `left` and three of `right`."""
    a, b, c, d = left[i], left[i + 1], left[i + 2], left[i + 3]
    x, y, z = right[j], right[j + 1], right[j + 2]
    ax = ay = az = bx = by = bz = np.float32(0.0)
    cx = cy = cz = dx = dy = dz = np.float32(0.0)
    for t in range(left.shape[1]):
        u, v, w = x[t], y[t], z[t]
        ax += a[t] * u
        ay += a[t] * v
        az += a[t] * w
        bx += b[t] * u
        by += b[t] * v
        bz += b[t] * w
        cx += c[t] * u
        cy += c[t] * v
        cz += c[t] * w
        dx += d[t] * u
        dy += d[t] * v
        dz += d[t] * w
    at = i * stride + j
    products[at], products[at + 1], products[at + 2] = ax, ay, az
    at += stride
    products[at], products[at + 1], products[at + 2] = bx, by, bz
    at += stride
    products[at], products[at + 1], products[at + 2] = cx, cy, cz
    at += stride
    products[at], products[at + 1], products[at + 2] = dx, dy, dz


@compiled
def multiply(left, first, last, right, begin, end, products, stride):
    """Write the products of rows `first` to `last` of `left` and `begin` to `end` of `right`."""
    whole_rows = first + (last - first) // ROWS * ROWS
    whole_columns = begin + (end - begin) // COLUMNS * COLUMNS
    for i in range(first, whole_rows, ROWS):
        for j in range(begin, whole_columns, COLUMNS):
            _tile(left, i, right, j, products, stride)
        for j in range(whole_columns, end):
            for more in range(ROWS):
                products[(i + more) * stride + j] = product(left[i + more], right[j])
    for i in range(whole_rows, last):
        for j in range(begin, end):
            products[i * stride + j] = product(left[i], right[j])


@compiled
def distances_within(block, squares, distances):
    """Write the squared distances among all rows of `block`, a row of them for each."""
    count = block.shape[0]
    for i in range(count):
        squares[i] = product(block[i], block[i])
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        for begin in range(0, last, _BLOCK):
            multiply(block, first, last, block, begin, min(begin + _BLOCK, last), distances, count)
    for i in range(count):
        for j in range(i):
            apart = squares[i] + squares[j] - np.float32(2.0) * distances[i * count + j]
            distances[i * count + j] = max(apart, np.float32(0.0))
    for i in range(count):
        distances[i * count + i] = np.float32(0.0)
        for j in range(i):
            distances[j * count + i] = distances[i * count + j]


@compiled
def insert(near, nearest, size, full, distance, row):
    """Put a row in its place among the `full` nearest; the last one goes when they are so many."""
    at = size if size < full else full - 1
    while at > 0 and (
        near[at - 1] > distance or (near[at - 1] == distance and nearest[at - 1] > row)
    ):
        near[at], nearest[at] = near[at - 1], nearest[at - 1]
        at -= 1
    near[at], nearest[at] = distance, row
    return min(size + 1, full)


@compiled
def link_row(row, distances, count, sampled, near, nearest, kept):
    """Return how many rows of a leaf `row` is linked to; `kept` has their places in it."""
    size = 0
    full = near.shape[0] - sampled
    start = row * count
    limit = np.float32(np.inf)
    for other in range(count):
        distance = distances[start + other]
        if distance < limit and other != row:
            size = insert(near, nearest, size, full, distance, other)
            if size == full:
                limit = near[full - 1]
    if size == full:
        for step in range(sampled):
            other = (row + 1 + step * count // sampled) % count
            distance = distances[start + other]
            if distance > limit:
                size = insert(near, nearest, size, near.shape[0], distance, other)
    return diversify(in_leaf, (distances, count), near, nearest, size, kept)


@compiled
def distance(vectors, scales, one, other):
    """Return the squared distance of two rows, each times its scale."""
    left, right = vectors[one], vectors[other]
    a, b = scales[one], scales[other]
    total = np.float32(0.0)
    for i in range(left.shape[0]):
        apart = left[i] * a - right[i] * b
        total += apart * apart
    return total


@compiled
def in_leaf(known, one, other):
    """Return the distance of two rows of a leaf, of which all distances are known."""
    distances, count = known
    return distances[one * count + other]


@compiled
def by_vectors(known, one, other):
    """Return the squared distance of two rows, given all vectors and their scales."""
    vectors, scales = known
    return distance(vectors, scales, one, other)


@compiled
def diversify(apart, known, near, nearest, size, kept):
    """Keep candidates that no kept one is nearer to, each once; return how many.

    `apart` tells the distance of two of them, by what is `known`.
    """
    found = 0
    last = -1
    for at in range(size):
        other = nearest[at]
        if other == last:
            continue
        last = other
        fits = True
        for before in range(found):
            if apart(known, kept[before], other) < near[at]:
                fits = False
                break
        if fits:
            kept[found] = other
            found += 1
            if found == kept.shape[0]:
                break
    return found
