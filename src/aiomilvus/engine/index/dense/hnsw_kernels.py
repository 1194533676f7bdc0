"""The steps of a compiled search: walking a graph, scanning, deciding. See `kernel_entries`.

Three tuples are handed through: the ``store`` (codes, heads, stride, head) of `codes.Codes`, the
``graph`` (neighbors, offsets, levels) of faiss, and what is ``asked``: the query as whole numbers,
what one of these is worth, and what to take off a doubled product for the codes' middle.

Inside, a larger score is closer: ``worth * step of the row * product + bias of the row``.
Imports numba; only `kernels` uses it.
"""

# Numba takes its types from the signatures in `kernels`, and neither structures nor keywords
# cheaply.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np

from aiomilvus.engine.index.dense.simd import dot, prefetch

_LINE = 64
_FLOATS_A_LINE = 16
_ROWS_A_LINE = 16
_AHEAD = 2
"""How many rows ahead of the one compared memory is asked for."""
_FAR_AHEAD = 8
"""The same for codes, which are shorter."""
compiled: Any = partial(numba.njit, nogil=True, cache=True, error_model="numpy", fastmath=True)


@compiled
def quantize(query, centre, narrow, most, middle, squared):
    """Write ``query - centre`` as whole numbers, `most` at most; return what is `asked`."""
    dim = query.shape[0]
    shifted = centre.shape[0] > 0
    largest = np.float32(0.0)
    for i in range(dim):
        value = query[i] - centre[i] if shifted else query[i]
        largest = max(largest, abs(value))
    if largest == 0.0:
        narrow[:] = 0
        return narrow, np.float32(0.0), np.int32(0)
    total = np.int32(0)
    for i in range(dim):
        value = query[i] - centre[i] if shifted else query[i]
        number = np.int32(np.rint(value * (most / largest)))
        narrow[i] = number
        total += number
    worth = (largest / most) * np.float32(2.0 if squared else 1.0)
    return narrow, worth, np.int32(middle * total)


@compiled
def new_stamp(seen):
    """Return a mark that no row bears; the entry behind the rows' tells the last one."""
    last = seen.shape[0] - 1
    if seen[last] == 255:
        seen[:] = 0
    seen[last] += np.uint8(1)
    return seen[last]


@compiled
def _score(store, row, asked):
    codes, heads, stride, head = store
    narrow, worth, taken_off = asked
    start = row * stride
    product = np.float32(2 * dot(codes, start, narrow, narrow.shape[0]) - taken_off)
    at = (start + head) >> 2
    return worth * heads[at] * product + heads[at + 1]


@compiled
def descend(store, graph, asked, entry, top):
    """Walk down the upper levels, greedily; return where to start on the lowest."""
    neighbors, offsets, levels = graph
    row = entry
    best = _score(store, row, asked)
    for level in range(top, 0, -1):
        moved = True
        while moved:
            moved = False
            for at in range(offsets[row] + levels[level], offsets[row] + levels[level + 1]):
                other = np.int64(neighbors[at])
                if other < 0:
                    break
                score = _score(store, other, asked)
                if score > best:
                    best, row, moved = score, other, True
    return row


@compiled
def _ask_for_neighbors(graph, row):
    """Ask for the neighbours of the row that is likely to be expanded next."""
    neighbors, offsets, levels = graph
    for at in range(offsets[row], offsets[row] + levels[1], _ROWS_A_LINE):
        prefetch(neighbors, at)


@compiled
def _unseen(store, graph, row, seen, stamp, todo):
    """Collect and mark the neighbours not yet seen, and ask for their codes."""
    neighbors, offsets, levels = graph
    codes, _, stride, _ = store
    count = 0
    for at in range(offsets[row], offsets[row] + levels[1]):
        other = np.int64(neighbors[at])
        if other < 0:
            break
        if seen[other] == stamp:
            continue
        seen[other] = stamp
        todo[count] = other
        count += 1
        for line in range(0, stride, _LINE):
            prefetch(codes, other * stride + line)
    return count


@compiled
def _insert(scores, rows, size, most, score, row):
    """Insert into the first `size` of best-first arrays, dropping the last beyond `most`."""
    at = size if size < most else most - 1
    while at > 0 and scores[at - 1] < score:
        scores[at], rows[at] = scores[at - 1], rows[at - 1]
        at -= 1
    scores[at], rows[at] = score, row
    return at


@compiled
def walk(store, graph, start, asked, ef, seen, stamp, todo, scores, rows):
    """Fill the arrays with the best `ef` rows found; return how many.

    A row that was expanded stands there as its complement.
    """
    scores[0], rows[0] = _score(store, start, asked), start
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
        for i in range(_unseen(store, graph, row, seen, stamp, todo)):
            score = _score(store, todo[i], asked)
            if size == ef and score <= scores[size - 1]:
                continue
            lowest = min(lowest, _insert(scores, rows, size, ef, score, todo[i]))
            size = min(size + 1, ef)
        at = lowest
    for i in range(size):
        rows[i] = ~rows[i]
    return size


@compiled
def _push(scores, rows, size, score, row):
    at = size
    while at > 0:
        parent = (at - 1) >> 1
        if scores[parent] >= score:
            break
        scores[at], rows[at] = scores[parent], rows[parent]
        at = parent
    scores[at], rows[at] = score, row


@compiled
def _pop(scores, rows, size):
    """Drop the root of a heap of `size`, the closest row."""
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
def _walk_mixed(store, graph, start, asked, ef, seen, stamp, todo, heap, most, allowed):
    """Walk as `walk`, refused rows in the same arrays but not counted, while `most` suffice.

    Returns:
        How many rows stand in the arrays, best first and expanded ones as complements; and how
        many were compared.
    """
    near, waiting = heap
    near[0], waiting[0] = _score(store, start, asked), start
    seen[start] = stamp
    size, at, compared = 1, 0, 1
    hits = 1 if allowed[start] else 0
    while at < size:
        row = waiting[at]
        if row < 0:
            at += 1
            continue
        if size + todo.shape[0] > most:
            break
        waiting[at] = ~row
        lowest = at + 1
        if at + 1 < size and waiting[at + 1] >= 0:
            _ask_for_neighbors(graph, waiting[at + 1])
        count = _unseen(store, graph, row, seen, stamp, todo)
        compared += count
        for i in range(count):
            score = _score(store, todo[i], asked)
            if hits == ef and score <= near[size - 1]:
                continue
            lowest = min(lowest, _insert(near, waiting, size, most, score, todo[i]))
            size += 1
            if allowed[todo[i]]:
                hits += 1
            if hits >= ef:
                size, hits = _trimmed(waiting, size, hits, ef, allowed)
        at = lowest
    return size, compared


@compiled
def _trimmed(rows, size, hits, ef, allowed):
    """Drop what stands behind the hit number `ef`; return what is left, and of it hits."""
    while True:
        last = rows[size - 1]
        is_hit = allowed[~last if last < 0 else last]
        if hits == ef and is_hit:
            return size, hits
        size -= 1
        if is_hit:
            hits -= 1


@compiled
def _parted(heap, total, scores, rows, ef, allowed):
    """Part a mixed walk's arrays into hits and a heap of rows to expand; return their sizes."""
    near, waiting = heap
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
def walk_allowed(
    store, graph, start, asked, ef, seen, stamp, todo, heap, scores, rows, allowed,
    budget,
):  # fmt: skip
    """Fill the arrays with the best `ef` allowed rows; return how many, -1 beyond budget."""
    near, waiting = heap
    most = min(near.shape[0], 4 * ef + todo.shape[0])
    total, compared = _walk_mixed(
        store, graph, start, asked, ef, seen, stamp, todo, heap, most, allowed
    )
    size, pending = _parted(heap, total, scores, rows, ef, allowed)
    while pending > 0 and (size < ef or near[0] >= scores[size - 1]):
        row = waiting[0]
        _pop(near, waiting, pending)
        pending -= 1
        count = _unseen(store, graph, row, seen, stamp, todo)
        compared += count
        if compared > budget:
            return -1
        for i in range(count):
            score = _score(store, todo[i], asked)
            if size == ef and score <= scores[size - 1]:
                continue
            _push(near, waiting, pending, score, todo[i])
            pending += 1
            if allowed[todo[i]]:
                _insert(scores, rows, size, ef, score, todo[i])
                size = min(size + 1, ef)
    return size


@compiled
def scan(store, asked, ef, scores, rows, allowed):
    """Fill the arrays with the best `ef` of all allowed rows, by their codes."""
    size = 0
    for row in range(allowed.shape[0]):
        if allowed[row]:
            score = _score(store, row, asked)
            if size < ef or score > scores[size - 1]:
                _insert(scores, rows, size, ef, score, row)
                size = min(size + 1, ef)
    return size


@compiled
def scan_listed(store, asked, ef, scores, rows, listed):
    """Fill the arrays with the best `ef` of the listed rows, by their codes."""
    codes, _, stride, _ = store
    size = 0
    for at in range(listed.shape[0]):
        if at + _FAR_AHEAD < listed.shape[0]:
            for line in range(0, stride, _LINE):
                prefetch(codes, listed[at + _FAR_AHEAD] * stride + line)
        score = _score(store, listed[at], asked)
        if size < ef or score > scores[size - 1]:
            _insert(scores, rows, size, ef, score, listed[at])
            size = min(size + 1, ef)
    return size


@compiled
def ask_for(vectors, row, dim):
    """Ask for the cache lines of a vector."""
    for j in range(0, dim, _FLOATS_A_LINE):
        prefetch(vectors, row * dim + j)


@compiled
def decide(query, vectors, inverses, squared, rows, size, best_scores, best_rows):
    """Write the best of `rows` by their vectors, closest first; -1 for what is missing."""
    k = best_rows.shape[0]
    count = 0
    dim = query.shape[0]
    for i in range(size):
        row = rows[i]
        if i + _AHEAD < size:
            ask_for(vectors, rows[i + _AHEAD], dim)
        score = np.float32(0.0)
        if squared:
            for j in range(query.shape[0]):
                score -= (vectors[row, j] - query[j]) ** 2
        else:
            for j in range(query.shape[0]):
                score += vectors[row, j] * query[j]
        if inverses.shape[0]:
            score *= inverses[row]
        if count < k or score > best_scores[k - 1]:
            _insert(best_scores, best_rows, count, k, score, row)
            count = min(count + 1, k)
    best_rows[count:] = -1
    if squared:
        for i in range(count):
            best_scores[i] = -best_scores[i]
