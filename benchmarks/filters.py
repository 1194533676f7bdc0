"""Filters with and without scalar indexes, as Markdown.

    python -m benchmarks.filters --corpus ../shared/data/wordnet-minilm
    python -m benchmarks.filters --rows 117659

A corpus is a folder with ``base.parquet`` (pos, lexfile, gloss, …), see `benchmarks.corpus`;
without one, rows like it are made up. A JSON column with lexfile, pos, gloss and a nested number
is made from it. "First" is the first evaluation without an index, which shreds JSON paths and
wraps text; the other columns are medians of the next ones, in milliseconds. A bracket says how
many times faster an index is than no index; "scan" that the index leaves the filter to a scan.
Goals are for 117,659 rows without an index, on one processor.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.index.registry import build_index, check_index
from aiomilvus.errors import ParamError
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.predicate import field_of
from benchmarks.filter_rows import SCHEMA, made_up, read_corpus, source_of

if TYPE_CHECKING:
    from aiomilvus.engine.index.contract import ScalarIndex
    from aiomilvus.expr.source import MemorySource


class Measured(NamedTuple):
    """A filter, the field indexed for it, and what it may cost without an index."""

    text: str
    field: str = ""
    goal: str = ""


NESTED = 'meta["nested"]["score"]'
FILTERS = [
    Measured("lexfile > 20", "lexfile", "< 0.5"),
    Measured("lexfile == 37", "lexfile", "< 0.5"),
    Measured("10 < lexfile <= 20", "lexfile", "< 0.5"),
    Measured("weight < 0.5", "weight", "< 0.5"),
    Measured("weight < 0.001", "weight", "< 0.5"),
    Measured("lexfile * 2 + 1 < 41", "lexfile", "< 0.5"),
    Measured("lexfile % 2 == 0"),
    Measured("lexfile in [3, 7, 11, 13, 17, 19]", "lexfile"),
    Measured('pos == "n"', "pos"),
    Measured('pos in ["r", "v"]', "pos"),
    Measured('gloss like "a %"', "gloss", "< 10"),
    Measured('gloss like "%animal%"', "gloss", "< 10"),
    Measured('gloss like "%of%"', "gloss", "< 10"),
    Measured('gloss like "%animals"', "gloss", "< 10"),
    Measured('gloss like "%a%l_ke%"', "gloss"),
    Measured('gloss =~ "\\\\b(dog|cat)s?\\\\b"', "gloss"),
    Measured('meta["lexfile"] > 20', 'meta["lexfile"] DOUBLE', "< 20"),
    Measured('meta["lexfile"] == 37', 'meta["lexfile"] DOUBLE', "< 20"),
    Measured('meta["pos"] == "r"', 'meta["pos"] VARCHAR', "< 20"),
    Measured(f"{NESTED} < 0.5", f"{NESTED} DOUBLE", "< 20"),
    Measured(f"{NESTED} < 0.001", f"{NESTED} DOUBLE", "< 20"),
    Measured('meta["gloss"] like "%animal%"', 'meta["gloss"] VARCHAR', "< 20"),
    Measured('lexfile == 37 and gloss like "%of%"', "lexfile"),
    Measured('lexfile == 37 and meta["pos"] == "n" and gloss like "%animal%"', "lexfile"),
    Measured("array_contains(codes, 7)", "codes"),
    Measured("match_any(codes, $ > 30 and $ < 33)"),
    Measured("match_any(codes, $ > 47)", "codes"),
]
KINDS: dict[str, dict[str, str]] = {
    "INVERTED": {}, "BITMAP": {}, "STL_SORT": {}, "TRIE": {},
    "NGRAM": {"min_gram": "2", "max_gram": "4"},
}  # fmt: skip


class Indexed:
    """A source that asks one index first; everything else is the source's own."""

    def __init__(self, source: MemorySource, field: str, index: ScalarIndex) -> None:
        self._source = source
        self._field = field
        self._index = index
        self.answers = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def index_lookup(self, leaf: Any) -> Any:
        """Return the index' answer, None when the leaf is about another field."""
        if field_of(leaf) != self._field:
            return None
        found = self._index.lookup(leaf)
        self.answers += found is not None
        return found

    def index_known(self, leaf: Any) -> Any:
        """Return where the leaf is not unknown."""
        return self._index.known(leaf)


def milliseconds(text: str, source: Any, runs: int) -> tuple[float, float, int]:
    """Return the first and the median later time, and how many rows pass."""
    predicate = compile_filter(text, SCHEMA)
    times = []
    passing = 0
    for _ in range(runs + 1):
        started = time.perf_counter()
        passing = int(np.count_nonzero(evaluate(predicate, source)))
        times.append((time.perf_counter() - started) * 1e3)
    return times[0], statistics.median(times[1:]), passing


class Indexes:
    """The indexes of a source, built when first asked for, with the seconds that took."""

    def __init__(self, source: MemorySource) -> None:
        self._source = source
        self._kept: dict[tuple[str, str], Indexed | None] = {}
        self.built: list[tuple[str, str, float]] = []

    def of(self, target: str, kind: str) -> Indexed | None:
        """Return the source with one index; None where Milvus does not allow it."""
        key = (target, kind)
        if key not in self._kept:
            self._kept[key] = self._make(target, kind)
        return self._kept[key]

    def _make(self, target: str, kind: str) -> Indexed | None:
        path, _, cast = target.partition(" ")
        field = SCHEMA.by_name[path.partition("[")[0]]
        json = {"json_path": path, "json_cast_type": cast} if cast else {}
        try:
            params = check_index(field, {"index_type": kind, **KINDS[kind], **json})
        except ParamError:
            return None
        spec = IndexSpec(id=1, name="i", field=field.name, params=params)
        started = time.perf_counter()
        index: Any = build_index(spec, field, self._source.column(field.name), BuildBudget(1))
        self.built.append((target, kind, time.perf_counter() - started))
        return Indexed(self._source, field.name, index)


def cell(measured: Measured, indexes: Indexes, kind: str, plain: float, runs: int) -> str:
    """Return what one index makes of a filter."""
    source = indexes.of(measured.field, kind) if measured.field else None
    if source is None:
        return ""
    before = source.answers
    _, then, _ = milliseconds(measured.text, source, runs)
    if source.answers == before:
        return "scan"
    return f"{then:.3f} ({plain / then:.1f} ×)"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="a folder with base.parquet")
    parser.add_argument("--rows", type=int, default=117_659, help="rows to make up")
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    columns = read_corpus(arguments.corpus) if arguments.corpus else made_up(arguments.rows)
    source = source_of(*columns)
    indexes = Indexes(source)
    print(f"{source.num_rows:,} rows; milliseconds\n")
    print(f"| filter | rows that pass | first | no index | goal | {' | '.join(KINDS)} |")
    print(f"|---|---:|---:|---:|---:|{'---:|' * len(KINDS)}")
    for measured in FILTERS:
        first, then, passing = milliseconds(measured.text, source, arguments.runs)
        shown = measured.text.replace("|", "\\|")
        cells = [cell(measured, indexes, kind, then, arguments.runs) for kind in KINDS]
        print(
            f"| `{shown}` | {passing:,} | {first:.2f} | {then:.3f} | {measured.goal} | "
            f"{' | '.join(cells)} |"
        )
    print("\n| built over | index | seconds |\n|---|---|---:|")
    for target, kind, seconds in indexes.built:
        print(f"| `{target}` | {kind} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
