"""The steps of a compiled search: walking a graph, scanning, rescoring. See `kernel_entries`.

Algorithms:

* `descend`, `walk`: HNSW, Malkov and Yashunin, "Efficient and robust approximate nearest neighbor
  search using Hierarchical Navigable Small World graphs" (arXiv 1603.09320), algorithms 2 and 5;
  greedy on the upper levels, best first with ef candidates on the lowest. Candidates and results
  share one sorted array, as in NSG's and DiskANN's search, since the best ef of one are the other.
* `walk_allowed`: the same with refused rows as candidates that are no results, as hnswlib filters.
  While hits are many, both share the array; then hits are an array and candidates a binary heap.
  Like NaviX (arXiv 2506.23397) it goes by how many rows pass near the query, not by how many pass
  in all: where they are too few, it gives up after some hundred comparisons, for a scan.
* `new_stamp`: visited rows by a stamp a row, as faiss' `VisitedTable`.
* `quantize`, `score`: products of scalar-quantised vectors; what they approximate is in
  `scalar_codes`. `rescore`: exact scores of the best candidates, as faiss' `IndexRefine`.

The tuples are those of `kernel_arguments`. Invariants: sorted arrays are best first and their
first `size` entries are valid; rows in `seen` that bear the current stamp were scored once and are
never scored again; a larger score is closer. `tests/support/hnsw_oracle.py` says each of these in
plain Python, and a property test compares them.

Imports numba; only `kernel_entries` uses it.
"""

# Numba takes its types from the signatures in `kernel_entries`, and neither structures nor keywords
# cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np

from aiomilvus.engine.index.dense.kernel_arguments import CodedQuery, Ranked
from aiomilvus.engine.index.dense.simd import dot, prefetch

_LINE = 64
_FLOATS_A_LINE = 16
_ROWS_A_LINE = 16
_AHEAD = 2
"""How many rows ahead of the one compared memory is asked for."""
_FAR_AHEAD = 8
"""The same for codes, which are shorter."""
_PROBED = 16
"""Comparisons for each hit wanted, after which a walk has seen how many rows pass nearby."""
_COMPARED = 13
"""Rows that a walk compares for each one that it keeps, roughly."""
compiled: Any = partial(numba.njit, nogil=True, error_model="numpy", fastmath=True)


@compiled
def quantize(query, store, scratch, squared):
    """Return ``query - centre`` as whole numbers, `scratch.largest` at most."""
    centre, numbers, most = store.centre, scratch.numbers, scratch.largest
    dim = query.shape[0]
    shifted = centre.shape[0] > 0
    largest = np.float32(0.0)
    for i in range(dim):
        value = query[i] - centre[i] if shifted else query[i]
        largest = max(largest, abs(value))
    if largest == 0.0:
        numbers[:] = 0
        return CodedQuery(numbers, np.float32(0.0), np.int32(0))
    total = np.int32(0)
    for i in range(dim):
        value = query[i] - centre[i] if shifted else query[i]
        number = np.int32(np.rint(value * (most / largest)))
        numbers[i] = number
        total += number
    step = (largest / most) * np.float32(2.0 if squared else 1.0)
    return CodedQuery(numbers, step, np.int32(store.middle * total))


@compiled
def new_stamp(seen):
    """Return a mark that no row bears; the entry behind the rows' tells the last one."""
    last = seen.shape[0] - 1
    if seen[last] == 255:
        seen[:] = 0
    seen[last] += np.uint8(1)
    return seen[last]


@compiled
def score(coded, row, query):
    """Return a row's score by its code: ``step · step of the row · product + bias of the row``."""
    start = row * coded.stride
    numbers = query.numbers
    product = np.float32(2 * dot(coded.codes, start, numbers, numbers.shape[0]) - query.shift)
    at = (start + coded.head) >> 2
    return query.step * coded.heads[at] * product + coded.heads[at + 1]


@compiled
def descend(coded, graph, query):
    """Walk down the upper levels, greedily; return where to start on the lowest."""
    neighbors, offsets, levels = graph.neighbors, graph.offsets, graph.levels
    row = graph.entry
    best = score(coded, row, query)
    for level in range(graph.top, 0, -1):
        moved = True
        while moved:
            moved = False
            for at in range(offsets[row] + levels[level], offsets[row] + levels[level + 1]):
                other = np.int64(neighbors[at])
                if other < 0:
                    break
                found = score(coded, other, query)
                if found > best:
                    best, row, moved = found, other, True
    return row


@compiled
def _ask_for_neighbors(graph, row):
    """Ask for the neighbours of the row that is likely to be expanded next."""
    start = graph.offsets[row]
    for at in range(start, start + graph.levels[1], _ROWS_A_LINE):
        prefetch(graph.neighbors, at)


@compiled
def _unseen(coded, graph, row, seen, unseen, stamp):
    """Collect and mark the neighbours not yet seen, and ask for their codes; return how many."""
    stride = coded.stride
    start = graph.offsets[row]
    count = 0
    for at in range(start, start + graph.levels[1]):
        other = np.int64(graph.neighbors[at])
        if other < 0:
            break
        if seen[other] == stamp:
            continue
        seen[other] = stamp
        unseen[count] = other
        count += 1
        for line in range(0, stride, _LINE):
            prefetch(coded.codes, other * stride + line)
    return count


@compiled
def insert(ranked, size, most, score, row):
    """Insert into the first `size` of best-first arrays, dropping the last beyond `most`.

    Returns where it stands. Among equals the one that came first stays first.
    """
    scores, rows = ranked.scores, ranked.rows
    at = size if size < most else most - 1
    while at > 0 and scores[at - 1] < score:
        scores[at], rows[at] = scores[at - 1], rows[at - 1]
        at -= 1
    scores[at], rows[at] = score, row
    return at


@compiled
def walk(coded, graph, start, query, ef, scratch, stamp):
    """Fill `near` and `nearest` with the best `ef` rows found; return how many."""
    kept = Ranked(scratch.near, scratch.nearest)
    scores, rows, seen, unseen = kept.scores, kept.rows, scratch.seen, scratch.unseen
    scores[0], rows[0] = score(coded, start, query), start
    seen[start] = stamp
    size, at = 1, 0
    while at < size:
        row = rows[at]
        if row < 0:
            at += 1
            continue
        rows[at] = ~row
        lowest = at + 1
        if at + 1 < size and rows[at + 1] >= 0:
            _ask_for_neighbors(graph, rows[at + 1])
        for i in range(_unseen(coded, graph, row, seen, unseen, stamp)):
            found = score(coded, unseen[i], query)
            if size == ef and found <= scores[size - 1]:
                continue
            lowest = min(lowest, insert(kept, size, ef, found, unseen[i]))
            size = min(size + 1, ef)
        at = lowest
    for i in range(size):
        rows[i] = ~rows[i]
    return size


@compiled
def _push(heap, size, score, row):
    """Add to a heap of `size`."""
    scores, rows = heap.scores, heap.rows
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if scores[parent] >= score:
            break
        scores[at], rows[at] = scores[parent], rows[parent]
        at = parent
    scores[at], rows[at] = score, row


@compiled
def _pop(heap, size):
    """Drop the root of a heap of `size`, the closest row."""
    scores, rows = heap.scores, heap.rows
    score, row = scores[size - 1], rows[size - 1]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size - 1:
            break
        if child + 1 < size - 1 and scores[child + 1] > scores[child]:
            child += 1
        if scores[child] <= score:
            break
        scores[at], rows[at] = scores[child], rows[child]
        at = child
    scores[at], rows[at] = score, row


@compiled
def _walk_mixed(coded, graph, start, query, ef, scratch, stamp, heap, most, allowed, least, budget):
    """Walk as `walk`, refused rows in the same array, while `most` suffice and there is hope.

    The array is the shortest that has `ef` rows, of which `least` are hits; so the walk goes as far
    as one without a filter, and further where few pass. Returns how many rows stand in the array,
    best first and expanded ones as complements, -1 where it gave up; and how many were compared.
    """
    near, waiting, seen, unseen = heap.scores, heap.rows, scratch.seen, scratch.unseen
    near[0], waiting[0] = score(coded, start, query), start
    seen[start] = stamp
    size, at, compared = 1, 0, 1
    hits = 1 if allowed[start] else 0
    while at < size:
        row = waiting[at]
        if row < 0:
            at += 1
            continue
        if size + unseen.shape[0] > most:
            break
        if hits < least and _is_hopeless(compared, hits, least, budget):
            return -1, compared
        waiting[at] = ~row
        lowest = at + 1
        if at + 1 < size and waiting[at + 1] >= 0:
            _ask_for_neighbors(graph, waiting[at + 1])
        count = _unseen(coded, graph, row, seen, unseen, stamp)
        compared += count
        for i in range(count):
            found = score(coded, unseen[i], query)
            if hits >= least and size >= ef and found <= near[size - 1]:
                continue
            lowest = min(lowest, insert(heap, size, most, found, unseen[i]))
            size += 1
            if allowed[unseen[i]]:
                hits += 1
            if size > ef and hits >= least:
                size, hits = _trimmed(waiting, size, hits, ef, allowed, least)
        at = lowest
    return size, compared


@compiled
def _is_hopeless(compared, hits, least, budget):
    """Return whether so few of the rows compared pass that the budget will not do."""
    is_known = compared > _PROBED * least
    return compared > budget or (is_known and _COMPARED * least * compared > budget * hits)


@compiled
def _trimmed(rows, size, hits, ef, allowed, least):
    """Drop what stands behind `ef` rows and `least` hits; return what is left, and of it hits."""
    while size > ef:
        last = rows[size - 1]
        is_hit = allowed[~last if last < 0 else last]
        if is_hit:
            if hits == least:
                break
            hits -= 1
        size -= 1
    return size, hits


@compiled
def _parted(heap, total, kept, ef, allowed):
    """Part a mixed walk's array into hits and a heap of rows to expand; return their sizes."""
    near, waiting, scores, rows = heap.scores, heap.rows, kept.scores, kept.rows
    size, pending = 0, 0
    for i in range(total):
        row = waiting[i]
        number = ~row if row < 0 else row
        if allowed[number] and size < ef:
            scores[size], rows[size] = near[i], number
            size += 1
        if row >= 0:  # in order, so a heap
            near[pending], waiting[pending] = near[i], row
            pending += 1
    return size, pending


@compiled
def walk_allowed(coded, graph, start, query, ef, scratch, stamp, heap, allowed, least, budget):
    """Fill `near` and `nearest` with the best allowed rows, `ef` at most; return how many.

    These are the hits among the nearest `ef` rows, or the nearest `least` hits if that is more
    rows. It gives up and returns -1 beyond `budget` comparisons, or when it sees that so many would
    not do. The `heap`, a `Ranked`, has room for a row's neighbours beyond the budget, or for all.
    """
    kept = Ranked(scratch.near, scratch.nearest)
    near, scores, seen, unseen = heap.scores, kept.scores, scratch.seen, scratch.unseen
    most = min(near.shape[0], 4 * ef + unseen.shape[0])
    total, compared = _walk_mixed(
        coded, graph, start, query, ef, scratch, stamp, heap, most, allowed, least, budget
    )
    if total < 0:
        return -1
    size, pending = _parted(heap, total, kept, ef, allowed)
    while pending > 0 and (size < least or near[0] >= scores[size - 1]):
        row = heap.rows[0]
        _pop(heap, pending)
        pending -= 1
        count = _unseen(coded, graph, row, seen, unseen, stamp)
        compared += count
        if compared > budget:
            return -1
        for i in range(count):
            found = score(coded, unseen[i], query)
            if size >= least and found <= scores[size - 1]:
                continue
            _push(heap, pending, found, unseen[i])
            pending += 1
            if allowed[unseen[i]]:
                insert(kept, size, least, found, unseen[i])
                size = min(size + 1, least)
    return size


@compiled
def scan_listed(coded, query, ef, scratch, listed):
    """Fill `near` and `nearest` with the best `ef` of the listed rows, by their codes."""
    kept = Ranked(scratch.near, scratch.nearest)
    size = 0
    for at in range(listed.shape[0]):
        if at + _FAR_AHEAD < listed.shape[0]:
            for line in range(0, coded.stride, _LINE):
                prefetch(coded.codes, listed[at + _FAR_AHEAD] * coded.stride + line)
        found = score(coded, listed[at], query)
        if size < ef or found > kept.scores[size - 1]:
            insert(kept, size, ef, found, listed[at])
            size = min(size + 1, ef)
    return size


@compiled
def ask_for(vectors, row, dim):
    """Ask for the cache lines of a vector."""
    for j in range(0, dim, _FLOATS_A_LINE):
        prefetch(vectors, row * dim + j)


@compiled
def rescore(query, store, squared, rows, size, best):
    """Write the best of the first `size` of `rows` by their vectors, closest first.

    Args:
        query: float32 (dim,), as it was given.
        store: Its `vectors` and `inverses` are read.
        squared: Whether scores are squared distances, smaller is closer; else products.
        rows: int64, each once.
        size: How many of them to compare.
        best: The hits, k rows, in Milvus' sign; -1 for what is missing.
    """
    vectors, inverses = store.vectors, store.inverses
    k = best.rows.shape[0]
    count = 0
    dim = query.shape[0]
    for i in range(size):
        row = rows[i]
        if i + _AHEAD < size:
            ask_for(vectors, rows[i + _AHEAD], dim)
        found = np.float32(0.0)
        if squared:
            for j in range(query.shape[0]):
                found -= (vectors[row, j] - query[j]) ** 2
        else:
            for j in range(query.shape[0]):
                found += vectors[row, j] * query[j]
        if inverses.shape[0]:
            found *= inverses[row]
        if count < k or found > best.scores[k - 1]:
            insert(best, count, k, found, row)
            count = min(count + 1, k)
    best.rows[count:] = -1
    if squared:
        for i in range(count):
            best.scores[i] = -best.scores[i]
