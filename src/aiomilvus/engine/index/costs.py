"""What things cost, in microseconds: on these figures searches choose how they are done.

The figures in force were measured with one thread on a machine of 2 cores with AVX-512; they
need to be right to a factor of two, because the choices between which they decide differ by
more. ``python -m benchmarks calibrate`` measures those that the machine decides, and prints what it
found beside what is in force. A query runs on the event loop, or in a worker thread, by
`engine.query.search.cost`, which adds up what stands here.
"""

from __future__ import annotations

# A whole search.

CALL = 20.0
"""Checking a search, merging and returning its hits."""
HIT_FIELD = 0.05
"""A field of a hit, the primary key included."""
KEY = 3.0
"""Looking up a primary key in a segment, or returning a field of what was found."""
QUERY = 50.0
"""Checking a query, and returning what it found."""
ROWS_RETURNED = 20.0
"""Rows that a query without a limit reads in a microsecond."""
NEVER_INLINE = 100_000.0
"""Whatever opens files, loads a library or calls a model: never on an event loop."""

# Filters.

ROWS_FILTERED = 20.0
"""Rows that a filter is evaluated on in a microsecond."""
ROWS_MATCHED = 0.5
"""Rows that a pattern is matched against in a microsecond, one after the other."""
KEPT_MASK = 5.0
"""Finding the mask of a filter that was evaluated before."""

# Comparing rows.

SCAN_CALL = 30.0
"""A scan of no rows."""
SCAN_BYTES = 4_000.0
"""Bytes of float32 that a product over a column compares in a microsecond."""
GROWING_CALL = 40.0
"""Merging what a graph finds with what a scan of the rows behind it finds."""
GROWING_WIDTHS = 8_000.0
"""Dimensions that the scan of the rows behind a growing graph compares in a microsecond."""
SUBSET_CALL = 20.0
"""Comparing no rows in place."""
SUBSET_DIMENSION = 0.09 / 384
"""A dimension of a row compared in place."""
SUBSET_CONVERTED = 4.0
"""How many times as long as float32 other vectors take, which are converted first."""
BITS = 1_000.0
"""Bits that a scan of binary vectors compares in a microsecond."""
SPARSE_ROWS = 31.25
"""Rows that a sparse search without compiled kernels passes in a microsecond."""
SPARSE_CALL = 100.0
"""A compiled sparse search of no postings."""
POSTINGS_BRIEF = 20_000
"""Up to so many postings a search is brief whichever lists they are in."""
POSTINGS_PASSED = 200.0
"""Postings that a compiled search passes in a microsecond. Of texts it skips most, and passes 600;
of random numbers, as `calibrate` makes them, none, and it passes 60."""
POSTINGS_SUMMED = 150.0
"""The same where none may be skipped."""
SMALLEST_DIM = 32
"""Vectors of fewer dimensions cost as much as of so many."""

# Dense structures.

STEP_DIMENSION = 3.0 / 384
"""A dimension of a step of faiss in a graph."""
LIST_ROWS = 100
"""Rows of an inverted list that cost as much as a step in a graph."""
CODED_STEP = 0.5
"""A step over codes, as a share of a step of faiss."""
CODED_SCAN = 60.0
"""Rows whose codes are scanned in the time of a step over codes."""
KEPT_MOVED = 0.001
"""Moving one of the best rows so far by a place, where a better one is put before it."""

# Where one way of searching begins to beat another.

FEW_ALLOWED = 0.03
"""Up to this share of the rows, comparing those allowed beats walking over a mask of all."""
CHEAP_EXACT_MICROSECONDS = 300.0
"""Microseconds that comparing all allowed rows may take without asking the structure first."""
PROBES = 96
"""Nearest rows that tell how many of the rows near a query pass a filter."""
POSTINGS_SCANNED = 4_096
"""Up to so many postings plain numpy answers in tens of microseconds."""
POSTINGS_LOOKUP = 16
"""Postings walked in the time of a binary search for a row and a term."""
USUAL_TERMS = 16
"""Terms of a sparse query that is not known yet."""


def scan(rows: int, dim: int) -> float:
    """Return what comparing a query with `rows` float32 vectors takes."""
    return SCAN_CALL + rows * max(dim, SMALLEST_DIM) * 4 / SCAN_BYTES
