"""Filters over columns in memory, without an index, as Markdown.

    python -m benchmarks.filters --corpus ../shared/data/wordnet-minilm
    python -m benchmarks.filters --rows 117659

A corpus is a folder with ``base.parquet`` (pos, lexfile, gloss, …), see `benchmarks.corpus`;
without one, rows like it are made up. A JSON column with lexfile, pos and a nested number is
made from it. "First" is the first evaluation, which shreds JSON paths and wraps text; "then"
is the median of the next ones. Goals are for 117,659 rows on one processor.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.source import MemorySource
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema
from aiomilvus.model.types import DataType

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="pos", dtype=DataType.VARCHAR),
        Field(name="lexfile", dtype=DataType.INT64),
        Field(name="weight", dtype=DataType.FLOAT),
        Field(name="gloss", dtype=DataType.VARCHAR),
        Field(name="meta", dtype=DataType.JSON),
        Field(name="codes", dtype=DataType.ARRAY, element_type=DataType.INT64),
        Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True),
    ),
    enable_dynamic_field=True,
)

FILTERS: list[tuple[str, str]] = [
    ("lexfile > 20", "< 0.5"),
    ("10 < lexfile <= 20", "< 0.5"),
    ("weight < 0.5", "< 0.5"),
    ("lexfile * 2 + 1 < 41", "< 0.5"),
    ("lexfile % 2 == 0", ""),
    ("lexfile in [3, 7, 11, 13, 17, 19]", ""),
    ('pos == "n"', ""),
    ('pos in ["n", "v"]', ""),
    ('gloss like "a %"', "< 10"),
    ('gloss like "%animal%"', "< 10"),
    ('gloss like "%of%"', "< 10"),
    ('gloss like "%a%l_ke%"', ""),
    ('gloss =~ "\\\\b(dog|cat)s?\\\\b"', ""),
    ('meta["lexfile"] > 20', "< 20"),
    ('meta["pos"] == "n"', "< 20"),
    ('meta["nested"]["score"] < 0.5', "< 20"),
    ('lexfile == 37 and gloss like "%of%"', ""),
    ('lexfile == 37 and meta["pos"] == "n" and gloss like "%animal%"', ""),
    ("array_contains(codes, 7)", ""),
    ("match_any(codes, $ > 30 and $ < 33)", ""),
]


def read_corpus(folder: Path) -> tuple[list[str], list[int], list[str]]:
    """Return pos, lexfile and gloss of a corpus folder."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for corpora on disk

    table = pq.read_table(folder / "base.parquet", columns=["pos", "lexfile", "gloss"])
    columns: list[list[Any]] = [table[name].to_pylist() for name in table.column_names]
    return columns[0], columns[1], columns[2]


def made_up(rows: int) -> tuple[list[str], list[int], list[str]]:
    """Return columns like those of the corpus."""
    rng = np.random.default_rng(42)
    words = ["animal", "plant", "of", "the", "a", "having", "dog", "like", "small", "genus"]
    words += [f"word{number}" for number in range(2000)]
    odds = 1.0 / np.arange(1, len(words) + 1)
    drawn = rng.choice(words, rows * 10, p=odds / odds.sum()).reshape(rows, 10)
    gloss = [" ".join(row) for row in drawn.tolist()]
    return (
        rng.choice(["n", "v", "a", "r"], rows).tolist(),
        rng.integers(0, 45, rows).tolist(),
        gloss,
    )


def source_of(pos: list[str], lexfile: list[int], gloss: list[str]) -> MemorySource:
    """Return the columns that the filters read."""
    rows = len(pos)
    rng = np.random.default_rng(7)
    scores = rng.random(rows)
    documents: list[dict[str, Any]] = [
        {"lexfile": number, "pos": part, "gloss": text, "nested": {"score": score}}
        for number, part, text, score in zip(lexfile, pos, gloss, scores.tolist(), strict=True)
    ]
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 6, rows))]).astype(np.int64)
    return MemorySource(
        {
            "id": FixedColumn(np.arange(rows)),
            "pos": BytesColumn.of([part.encode() for part in pos]),
            "lexfile": FixedColumn(np.array(lexfile, np.int64)),
            "weight": FixedColumn(scores.astype(np.float32)),
            "gloss": BytesColumn.of([text.encode() for text in gloss]),
            "meta": BytesColumn.of([msgspec.json.encode(document) for document in documents]),
            "codes": ListColumn(offsets, FixedColumn(rng.integers(0, 50, offsets[-1]))),
            DYNAMIC_FIELD: BytesColumn.of([b"{}"] * rows),
        }
    )


def milliseconds(text: str, source: MemorySource, runs: int) -> tuple[float, float, int]:
    """Return the first and the median later time, and how many rows pass."""
    predicate = compile_filter(text, SCHEMA)
    times = []
    passing = 0
    for _ in range(runs + 1):
        started = time.perf_counter()
        passing = int(np.count_nonzero(evaluate(predicate, source)))
        times.append((time.perf_counter() - started) * 1e3)
    return times[0], statistics.median(times[1:]), passing


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="a folder with base.parquet")
    parser.add_argument("--rows", type=int, default=117_659, help="rows to make up")
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    columns = read_corpus(arguments.corpus) if arguments.corpus else made_up(arguments.rows)
    source = source_of(*columns)
    print(f"{source.num_rows:,} rows, no index; milliseconds\n")
    print("| filter | rows that pass | first | then | goal |")
    print("|---|---:|---:|---:|---:|")
    for text, goal in FILTERS:
        first, then, passing = milliseconds(text, source, arguments.runs)
        shown = text.replace("|", "\\|")
        print(f"| `{shown}` | {passing:,} | {first:.2f} | {then:.3f} | {goal} |")


if __name__ == "__main__":
    main()
