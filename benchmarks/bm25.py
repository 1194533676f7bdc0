"""Full-text search: our BM25 against bm25s and tantivy, in one run over the same terms.

    python -m benchmarks.bm25 --corpus ../shared/data/wordnet-minilm
    python -m benchmarks.bm25                       a generated corpus

The corpus is a folder with `base.parquet` (column `gloss`) and `queries.parquet` (`text`). Each
engine analyses the query text and returns the best ten rows, one query at a time on one thread;
rounds go through all engines in turn. bm25s, which has no analyzer of Milvus' kind, gets the
terms of ours, and indexing is timed without them there. "Agreement" is the share of queries whose
ten scores are those of a search that scores every row in float64.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics as stats
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.query import prepare
from aiomilvus.engine.index.sparse.scoring import bm25
from aiomilvus.engine.text.analyzer import Analyzer, build_analyzer
from aiomilvus.engine.text.statistics import CorpusStatistics

if TYPE_CHECKING:
    from collections.abc import Callable

K = 10


def strings(file: Path, column: str) -> list[str]:
    """Read one column of a Parquet file."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only for corpora on disk

    return [str(value) for value in pq.read_table(file, columns=[column])[column].to_pylist()]


def corpus(folder: Path | None, rows: int) -> tuple[list[str], list[str]]:
    """Return texts and queries, from a folder or made up with word frequencies as in English."""
    if folder is not None:
        return strings(folder / "base.parquet", "gloss"), strings(
            folder / "queries.parquet", "text"
        )
    rng = np.random.default_rng(42)

    def sentence(words: int) -> str:
        return " ".join(f"w{n}" for n in np.minimum(rng.zipf(1.25, words), 50_000))

    lengths = rng.integers(5, 20, rows)
    return [sentence(n) for n in lengths], [sentence(8) for _ in range(1000)]


def ourselves(
    texts: list[str], params: dict[str, Any]
) -> tuple[Callable[[str], list[float]], float]:
    """Index with our engine; return its search and the seconds that indexing took."""
    kernel_access.kernels()
    started = time.perf_counter()
    # An option that changes nothing keeps this analyzer from having seen the words before.
    analyzer = build_analyzer({**params, "stop_words": ["\u2400"]})
    frequencies = analyzer.analyze_many(texts).term_frequencies()
    index = SparseIndex.build(frequencies, "BM25")
    scoring = bm25(CorpusStatistics.of(frequencies))
    seconds = time.perf_counter() - started

    def search(text: str) -> list[float]:
        query = prepare(*analyzer.frequencies(text), scoring)
        (hits,) = index.search_prepared([query], K, scoring.saturation)
        scores: list[float] = hits.scores.tolist()
        return scores

    return search, seconds


def everything(texts: list[str], analyzer: Analyzer) -> Callable[[str], list[float]]:
    """Return a search that scores every row in float64: what is right."""
    frequencies = analyzer.analyze_many(texts).term_frequencies()
    index = SparseIndex.build(frequencies, "BM25")
    scoring = bm25(CorpusStatistics.of(frequencies))

    def search(text: str) -> list[float]:
        query = prepare(*analyzer.frequencies(text), scoring)
        scores = index.scores(query, scoring.saturation).scores
        best: list[float] = np.sort(scores)[::-1][:K].tolist()
        return best

    return search


def with_bm25s(
    texts: list[str], analyzer: Analyzer, backend: str
) -> tuple[Callable[[str], list[float]], float]:
    """Index with bm25s."""
    import bm25s  # noqa: PLC0415 - an optional peer

    terms = [analyzer.tokens(text) for text in texts]
    started = time.perf_counter()
    index = bm25s.BM25(k1=1.2, b=0.75, method="lucene", backend=backend)
    index.index(terms, show_progress=False)
    seconds = time.perf_counter() - started

    def search(text: str) -> list[float]:
        found = index.retrieve([analyzer.tokens(text)], k=K, show_progress=False)
        # Its method "lucene" leaves out the factor k1 + 1, which changes no ranking.
        scores = found.scores[0] * 2.2
        kept: list[float] = scores[scores > 0].tolist()
        return kept

    return search, seconds


def with_tantivy(texts: list[str], english: bool) -> tuple[Callable[[str], list[float]], float]:
    """Index with tantivy, in memory."""
    import tantivy  # noqa: PLC0415 - an optional peer here

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase())
    if english:
        builder = builder.filter(tantivy.Filter.stemmer("english"))
        builder = builder.filter(tantivy.Filter.stopword("english"))
    analyzer = builder.build()
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", stored=False, tokenizer_name="own", index_option="freq")
    started = time.perf_counter()
    index = tantivy.Index(schema.build())
    index.register_tokenizer("own", analyzer)
    writer = index.writer(200_000_000, 2)
    for text in texts:
        writer.add_document(tantivy.Document(text=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    seconds = time.perf_counter() - started
    searcher = index.searcher()

    def search(text: str) -> list[float]:
        query = index.parse_query(" ".join(analyzer.analyze(text)) or "\u2400", ["text"])
        return [score for score, _ in searcher.search(query, K, count=False).hits]

    return search, seconds


def agreement(found: list[list[float]], right: list[list[float]]) -> float:
    """Return the share of queries with the right scores, to five digits."""
    same = [
        len(one) == len(other) and np.allclose(one, other, rtol=1e-5)
        for one, other in zip(found, right, strict=True)
    ]
    return float(np.mean(same))


def engines_for(
    texts: list[str], params: dict[str, Any]
) -> dict[str, tuple[Callable[[str], list[float]], float]]:
    """Index with every engine that is installed."""
    analyzer = build_analyzer(params)
    found = {"aiomilvus": ourselves(texts, params)}
    if importlib.util.find_spec("bm25s"):
        found["bm25s, numba"] = with_bm25s(texts, analyzer, "numba")
        found["bm25s, numpy"] = with_bm25s(texts, analyzer, "numpy")
    if importlib.util.find_spec("tantivy"):
        found["tantivy"] = with_tantivy(texts, params["type"] == "english")
    return found


def compare(texts: list[str], queries: list[str], params: dict[str, Any], runs: int) -> None:
    """Print one table for one analyzer."""
    exact = everything(texts, build_analyzer(params))
    right = [exact(query) for query in queries[:200]]
    engines = engines_for(texts, params)
    rates: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(runs + 1):
        for name, (search, _) in engines.items():
            asked = queries[:100] if name.endswith("numpy") else queries
            started = time.perf_counter()
            for query in asked:
                search(query)
            rates[name].append(len(asked) / (time.perf_counter() - started))
    print(
        f"\nAnalyzer `{params['type']}`, {len(texts):,} texts, {len(queries):,} queries, k = {K}\n"
    )
    print("| engine | searches/s | lowest … highest | rows indexed/s | agreement |")
    print("|---|--:|--:|--:|--:|")
    for name, (search, seconds) in engines.items():
        kept = rates[name][1:]  # the first round warms up
        same = agreement([search(query) for query in queries[:200]], right)
        spread = f"{min(kept):,.0f} … {max(kept):,.0f}"
        indexed = len(texts) / seconds
        print(f"| {name} | {stats.median(kept):,.0f} | {spread} | {indexed:,.0f} | {same:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="folder with base.parquet, queries.parquet")
    parser.add_argument("--rows", type=int, default=100_000, help="size of a generated corpus")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    texts, queries = corpus(given.corpus, given.rows)
    for name in ("standard", "english"):
        compare(texts, queries, {"type": name}, given.runs)


if __name__ == "__main__":
    main()
